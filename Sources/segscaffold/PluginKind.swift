import ArgumentParser

/// What can be scaffolded beside a whole package.
enum PluginKind: String, CaseIterable {
    case adapter
    case backbone
    case head
    case metric
    case section
    case term

    /// The kind in a sentence.
    var description: String {
        switch self {
        case .adapter: "dataset adapter"
        case .backbone: "backbone"
        case .head: "task head"
        case .metric: "metric"
        case .section: "report section"
        case .term: "consistency term"
        }
    }

    /// All kinds in a sentence: `adapter, …, section or term`.
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
        case .backbone: backbone
        case .head: head
        case .metric: metric
        case .section: section
        case .term: term
        }
    }
}
