public import SegSettings
import SegTraining

/// Everything that a study file can say, from the declarations that its reader uses.
public struct StudyReference: Sendable {
    /// One table of a study file, or the settings of one plugin.
    public struct Section: Sendable {
        /// The table's path: `train.split`, `arms`; the plugin's name.
        public var title: String
        /// A sentence on what it is.
        public var summary: String
        /// Its keys, in the order of the reader.
        public var keys: [SettingDescription]
    }

    /// The tables of a study file.
    public let tables: [Section]
    /// The plugins that it can name, by kind.
    public let plugins: [(kind: String, sections: [Section])]

    /// - Parameter registry: whose plugins are listed.
    public init(_ registry: PluginRegistry = .standard) {
        tables = [
            Section(title: "study", summary: "The keys of the file itself.", keys: StudyConfiguration.keys),
            Section(
                title: "train",
                summary: "The data set that arms are trained and validated on, and how it is divided.",
                keys: StudyConfiguration.trainKeys
            ),
            Section(
                title: "train.split",
                summary: "A division that is given: one of `file`, `folds` and `published`.",
                keys: SplitConfiguration.splitKeys
            ),
            Section(
                title: "test",
                summary: "Each external set in the list: tested on once, at the end, without fine-tuning.",
                keys: StudyConfiguration.testKeys
            ),
            Section(title: "metrics", summary: "The conventions of the metrics.", keys: MetricSettings.keys),
            Section(
                title: "model",
                summary: "A network with its tasks. An arm's `model` is laid over the study's.",
                keys: ModelConfiguration.keys
            ),
            Section(
                title: "model.backbone",
                summary: "The backbone; a bare name is short for `{name: …}`.",
                keys: ModelConfiguration.backboneKeys
            ),
            Section(
                title: "model.heads and terms",
                summary: "Under each name; a bare number is short for `{weight: …}`, and `off` leaves the part out.",
                keys: ModelConfiguration.partKeys
            ),
            Section(
                title: "training",
                summary: "How a model is trained. An arm's `training` is laid over the study's.",
                keys: TrainingSettings.descriptions
            ),
            Section(
                title: InferenceConfiguration.key,
                summary: "How an arm's trained models are used together, in addition to each by itself.",
                keys: InferenceConfiguration.keys
            ),
            Section(
                title: "\(InferenceConfiguration.key).rules",
                summary: "Rules for masks that are stated rather than chosen.",
                keys: InferenceConfiguration.ruleKeys
            ),
            Section(title: "arms", summary: "Each arm in the list.", keys: ArmReader.keys),
            Section(
                title: AblationConfiguration.path,
                summary: "Arms made of one arm; at least one of `drop`, `only` and `sweep`.",
                keys: AblationConfiguration.keys
            ),
            Section(
                title: ChoiceConfiguration.path,
                summary: "How one of the arms is chosen, never by an external set.",
                keys: ChoiceConfiguration.keys
            ),
            Section(
                title: "\(ChoiceConfiguration.path).provided",
                summary: "What a candidate must reach to be chosen at all.",
                keys: ChoiceConfiguration.conditionKeys
            ),
            Section(
                title: CardConfiguration.path,
                summary: "What the card in each model file says in addition to what the software knows.",
                keys: CardConfiguration.keys
            ),
            Section(
                title: "An included file",
                summary: "What a file that `include` names can say.",
                keys: StudyIncludes.keys
            ),
        ]
        plugins = registry.listing.map { kind, plugins in
            (kind, plugins.map { Section(title: $0.name, summary: $0.summary, keys: $0.settings) })
        }
    }
}

extension StudyReference {
    /// The reference as a Markdown document.
    public var markdown: String {
        var lines = [
            "# Everything a study file can say", "",
            "Made by `segkit reference` from the declarations that the reader of study files uses; a test compares the two.",
            "`segkit plugins NAME` prints one plugin's part. [Studies](Studies.md) explains how the keys work together.",
            "",
            "A key without a default may be left out. Under `arms`, `model` and `training` need only what differs.", "",
            "## The study's own keys", "",
        ]
        for section in tables { lines += Self.lines(section) }
        lines += ["## Plugins", "", "What can be named, by kind, with the settings of each.", ""]
        for (kind, sections) in plugins {
            lines += ["### \(Self.capitalized(kind))", ""]
            for section in Self.joined(sections) {
                lines += ["#### \(section.title)", ""] + Self.body(section)
            }
        }
        return lines.dropLast().joined(separator: "\n") + "\n"
    }

    /// Plugins that follow one another with the same settings as one section.
    private static func joined(_ sections: [Section]) -> [Section] {
        sections.reduce(into: []) { result, section in
            let (title, summary) = ("`\(section.title)`", sentence(section.summary))
            if let last = result.last, !last.keys.isEmpty, last.keys == section.keys {
                result[result.endIndex - 1].title += ", \(title)"
                result[result.endIndex - 1].summary += " \(summary)"
            } else {
                result.append(Section(title: title, summary: summary, keys: section.keys))
            }
        }
    }

    private static func lines(_ section: Section) -> [String] { ["### \(section.title)", ""] + body(section) }

    private static func body(_ section: Section) -> [String] {
        let summary = section.summary.isEmpty ? [] : [sentence(section.summary), ""]
        guard !section.keys.isEmpty else { return summary + ["No settings.", ""] }
        let rows = section.keys.map { key in
            let range = [key.range, key.unit].compactMap(\.self).joined(separator: " ")
            let cells = [
                "`\(key.key)`", key.type, range, key.standard.map { "`\($0)`" } ?? key.otherwise ?? "", key.meaning,
            ]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return summary + ["| Key | Value | Range, unit | Default | Meaning |", "|---|---|---|---|---|"] + rows + [""]
    }

    private static func sentence(_ text: String) -> String {
        text.isEmpty ? "" : capitalized(text) + (text.hasSuffix(".") ? "" : ".")
    }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
