import SegCore
public import SegData
import SegSettings

/// How an arm's trained models are used beside each as it is: the table `inference` of a study or an arm.
///
/// ```yaml
/// inference: {ensemble: seeds, tta: flips, rules: chosen}
/// ```
public struct InferenceConfiguration: Hashable, Sendable {
    /// Which models predict as one.
    public enum Ensemble: String, Hashable, Sendable, CaseIterable {
        /// Each by itself.
        case none
        /// Those of all seeds, fold by fold.
        case seeds
        /// Those of all folds, seed by seed.
        case folds
    }

    /// What is done to masks.
    public enum Rules: Hashable, Sendable {
        /// Nothing.
        case none
        /// What does best on each training's validation part.
        case chosen
        /// These.
        case stated(MaskRules)
    }

    /// Which models predict as one.
    public var ensemble = Ensemble.none
    /// The views of each image whose predictions are averaged.
    public var augmentation = TestTimeAugmentation.none
    /// What is done to masks.
    public var rules = Rules.none
    /// Whether model files get a profile of the training part, by which a prediction is placed among what was trained on.
    public var hasProfile = true

    public init() {}

    /// Whether models are used as they are, so that there is nothing to judge beside them.
    public var isPlain: Bool { ensemble == .none && augmentation == .none && rules == .none }
}

extension InferenceConfiguration {
    static let key = "inference"

    static let keys: [SettingDescription] = [
        .init("ensemble", names(Ensemble.self), default: Ensemble.none.rawValue, "Which models predict as one"),
        .init(
            "tta",
            names(TestTimeAugmentation.self),
            default: TestTimeAugmentation.none.rawValue,
            "The views of each image whose predictions are averaged"
        ),
        .init(
            "rules",
            "`none`, `chosen`, or a table",
            default: "none",
            "What is done to masks: nothing, what does best on validation, or [rules that are stated](#inferencerules)"
        ),
        .init(
            "profile",
            "true or false",
            default: "true",
            "Whether model files keep what the training part looked like"
        ),
    ]

    static let ruleKeys: [SettingDescription] = [
        .init("fillHoles", "true or false", default: "false", "Whether holes in the mask are filled"),
        .init(
            "leastArea",
            "whole number",
            unit: "px",
            range: "0 or more",
            default: "0",
            "Smaller components are removed"
        ),
        .init("largest", "true or false", default: "false", "Whether the largest component alone is kept"),
    ]

    private static func names<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> String
    where Choice.RawValue == String { "one of " + Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") }

    /// Reads the table; `nil` where there is none, or it is `off`.
    init?(_ value: ConfigurationValue?, path: String) throws {
        guard let value, value.resolved != .bool(false), value.resolved != .null else { return nil }
        let table = try ConfigurationTable(value, path: path, keys: Self.keys)
        ensemble = try Self.choice(table, "ensemble") ?? .none
        augmentation = try Self.choice(table, "tta") ?? .none
        hasProfile = try table.bool("profile") ?? true
        guard let stated = table["rules"], stated.resolved != .null else { return }
        if stated.members == nil {
            switch stated.name {
            case "chosen": rules = .chosen
            case "none": rules = .none
            default:
                throw SegmentationError(
                    table.subject("rules"),
                    "is \(stated.name.map { "`\($0)`" } ?? stated.kind)",
                    cure: "write `chosen`, `none`, or rules such as `{fillHoles: true, leastArea: 50, largest: true}`"
                )
            }
            return
        }
        let own = try ConfigurationTable(
            stated,
            path: table.subject("rules"),
            keys: Self.ruleKeys
        )
        let rules = MaskRules(
            fillHoles: try own.bool("fillHoles") ?? false,
            leastArea: try own.natural("leastArea") ?? 0,
            largest: try own.bool("largest") ?? false
        )
        self.rules = rules == .none ? .none : .stated(rules)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ table: ConfigurationTable,
        _ key: String
    ) throws -> Choice? where Choice.RawValue == String {
        // A bare `off` says `none` as well.
        if table[key]?.resolved == .bool(false) { return Choice(rawValue: "none") }
        guard let name = try table.text(key) else { return nil }
        if let choice = Choice(rawValue: name) { return choice }
        throw SegmentationError(
            table.subject(key),
            "`\(name)` is none of the choices",
            cure: "use one of: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"
        )
    }

    /// Every default filled in.
    var resolved: ConfigurationValue {
        let rules: ConfigurationValue =
            switch self.rules {
            case .none: .text("none")
            case .chosen: .text("chosen")
            case .stated(let rules):
                .table([
                    "fillHoles": .bool(rules.fillHoles), "leastArea": .integer(rules.leastArea),
                    "largest": .bool(rules.largest),
                ])
            }
        return .table([
            "ensemble": .text(ensemble.rawValue), "tta": .text(augmentation.rawValue), "rules": rules,
            "profile": .bool(hasProfile),
        ])
    }
}
