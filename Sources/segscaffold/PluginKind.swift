import ArgumentParser

/// What can be scaffolded beside a whole package.
enum PluginKind: String, CaseIterable {
    case adapter
    case augmentation
    case backbone
    case balancing
    case encoder
    case head
    case loss
    case metric
    case optimizer
    case schedule
    case section
    case term

    /// The kind in a sentence.
    var description: String {
        switch self {
        case .adapter: "dataset adapter"
        case .augmentation: "augmentation"
        case .backbone: "backbone"
        case .balancing: "balancing of tasks"
        case .encoder: "encoder, for any backbone"
        case .head: "task head"
        case .loss: "loss of masks"
        case .metric: "metric"
        case .optimizer: "optimizer"
        case .schedule: "schedule of the learning rate"
        case .section: "report section"
        case .term: "consistency term"
        }
    }

    /// All kinds in a sentence: `adapter, augmentation, … or term`.
    static var list: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}

/// What is written for a plugin.
struct Template {
    /// The plugin.
    var source: String
    /// Its test, with the conformance suite.
    var test: String
    /// The line that gives it a name for configurations.
    var registration: String
}

extension Scaffold {
    /// The files of this scaffold's kind.
    var template: Template {
        switch kind {
        case .adapter: adapter
        case .augmentation: augmentation
        case .backbone: backbone
        case .balancing: balancing
        case .encoder: encoder
        case .head: head
        case .loss: loss
        case .metric: metric
        case .optimizer: optimizer
        case .schedule: schedule
        case .section: section
        case .term: term
        }
    }
}
