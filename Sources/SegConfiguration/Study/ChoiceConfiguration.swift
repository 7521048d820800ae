import SegCore
import SegSettings

/// How a study chooses one of its arms: by their figures on the data set that it is trained on, and never by an external one.
///
/// ```yaml
/// choice:
///   among: [[agreement, agreement-batch], [supervised, supervised-batch]]
///   by: dice
///   provided: {measure: auroc, above: [cut-off, cut-off-batch], by: 0.05}
/// ```
public struct ChoiceConfiguration: Hashable, Sendable {
    /// A figure of an arm on the source.
    public enum Measure: String, CaseIterable, Sendable {
        /// The mean Dice of the images that a training did not see.
        case dice
        /// The area under the ROC curve of malignancy.
        case auroc
    }

    /// What a candidate must reach.
    public struct Condition: Hashable, Sendable {
        /// What is looked at.
        public var measure: Measure
        /// The arms, averaged, that it is to be above.
        public var above: [String]
        /// By how much at least.
        public var margin: Double
    }

    /// The candidates. One may be several arms, such as the same term with two normalizations: their figures are averaged,
    /// and what is written are the settings of the first.
    public var among: [[String]]
    /// The figures whose sum decides; the largest is chosen, and the first of equal ones.
    public var by: [Measure]
    /// What a candidate must reach to be chosen at all; `nil` for nothing.
    public var provided: Condition?

    /// The criterion in words.
    public var criterion: String {
        let figures = by.map(\.title).joined(separator: " plus ")
        guard let provided else { return "the best \(figures) on the source" }
        return "the best \(figures) on the source, provided that its \(provided.measure.title) is above that of "
            + "\(provided.above.joined(separator: " and ")) by \(provided.margin) or more"
    }
}

extension ChoiceConfiguration.Measure {
    package var title: String {
        switch self {
        case .dice: "Dice"
        case .auroc: "AUROC"
        }
    }
}

extension ChoiceConfiguration {
    static let path = "choice"

    static let keys: [SettingDescription] = [
        .init(
            "among",
            "list of names, or of lists",
            otherwise: "all but the reference",
            "The candidates; the figures of several arms grouped together are averaged"
        ),
        .init("by", "one or more of \(names)", default: Measure.dice.rawValue, "The figures whose sum decides"),
        .init("provided", "table", "What a candidate [must reach](#choiceprovided)"),
    ]

    static let conditionKeys: [SettingDescription] = [
        .init("measure", "one of \(names)", otherwise: SettingDescription.required, "The figure that is looked at"),
        .init(
            "above",
            "name, or list of names",
            otherwise: SettingDescription.required,
            "The arms, averaged, that a candidate must be above"
        ),
        .init("by", "number", default: "0", "By how much at least"),
    ]

    private static let names = Measure.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")

    /// - Parameters:
    ///   - arms: the names of the study's arms.
    ///   - reference: no candidate unless it is named as one.
    init(_ value: ConfigurationValue, arms: [String], reference: String?) throws {
        let table = try ConfigurationTable(value, path: Self.path, keys: Self.keys)
        func known(_ item: ConfigurationValue, _ subject: String) throws -> String {
            guard let name = item.name else {
                throw SegmentationError(
                    subject,
                    "is \(item.kind) where an arm is expected",
                    cure: "write an arm's name"
                )
            }
            guard arms.contains(name) else {
                throw SegmentationError.unknown("arm", called: name, at: subject, among: arms)
            }
            return name
        }
        func names(_ item: ConfigurationValue, _ subject: String) throws -> [String] {
            guard case .list(let items) = item else { return [try known(item, subject)] }
            guard !items.isEmpty else {
                throw SegmentationError(subject, "names no arm", cure: "name an arm, or a list of arms")
            }
            return try items.enumerated().map { try known($1, "\(subject)[\($0)]") }
        }
        let candidates = try table.list("among")?.enumerated().map { try names($1, "\(Self.path).among[\($0)]") }
        among = candidates ?? arms.filter { $0 != reference }.map { [$0] }
        guard among.count > 1 else {
            throw SegmentationError(
                table.subject("among"),
                "there is nothing to choose between",
                cure: "name two arms or more"
            )
        }
        let all = among.flatMap { $0 }
        if let twice = Dictionary(grouping: all, by: { $0 }).filter({ $0.value.count > 1 }).keys.min() {
            throw SegmentationError(
                table.subject("among"),
                "the arm `\(twice)` appears twice",
                cure: "name every arm once"
            )
        }
        by = try Self.measures(table["by"] ?? .text("dice"), table.subject("by"))
        guard let condition = table["provided"] else { return }
        let provided = try ConfigurationTable(
            condition,
            path: "\(Self.path).provided",
            keys: Self.conditionKeys
        )
        let measures = try Self.measures(provided["measure"] ?? .null, provided.subject("measure"))
        guard measures.count == 1 else {
            throw SegmentationError(
                provided.subject("measure"),
                "is a list where one figure is expected",
                cure: "write `dice` or `auroc`"
            )
        }
        guard let above = provided["above"] else {
            throw provided.missing("above", cure: "name the arm, or the arms, that a candidate is to be above")
        }
        self.provided = Condition(
            measure: measures[0],
            above: try names(above, provided.subject("above")),
            margin: try provided.number("by") ?? 0
        )
    }

    private static func measures(_ value: ConfigurationValue, _ subject: String) throws -> [Measure] {
        var items = [value]
        if case .list(let list) = value { items = list }
        guard !items.isEmpty else {
            throw SegmentationError(subject, "names no figure", cure: "write `dice`, `auroc` or both in a list")
        }
        return try items.map { item in
            guard let name = item.name, let measure = Measure(rawValue: name) else {
                throw SegmentationError.unknown(
                    "figure",
                    called: item.name ?? item.kind,
                    at: subject,
                    among: Measure.allCases.map(\.rawValue)
                )
            }
            return measure
        }
    }

    /// Every default filled in.
    var resolved: ConfigurationValue {
        var members: ConfigurationMembers = [
            "among": .list(among.map { .list($0.map { .text($0) }) }),
            "by": .list(by.map { .text($0.rawValue) }),
        ]
        if let provided {
            members["provided"] = .table([
                "measure": .text(provided.measure.rawValue),
                "above": .list(provided.above.map { .text($0) }),
                "by": .number(provided.margin),
            ])
        }
        return .table(members)
    }
}
