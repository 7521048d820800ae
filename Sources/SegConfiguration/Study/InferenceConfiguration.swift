import SegCore
public import SegData
import SegSettings
public import SegTraining

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
    /// The resolution at which images that are larger than the arm's are looked at tile by tile.
    public var tiling = Tiling.none
    /// The passes with dropout whose predictions are averaged; `nil` for one without.
    public var dropout: DropoutSampling?
    /// What is done to masks.
    public var rules = Rules.none
    /// Whether model files get a profile of the training part, by which a prediction is placed among what was trained on.
    public var hasProfile = true

    public init() {}

    /// Whether models are used as they are, so that there is nothing else to evaluate.
    public var isPlain: Bool {
        ensemble == .none && augmentation == .none && rules == .none && tiling == .none && dropout == nil
    }
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
            "tile",
            "`none`, `own`, or whole number",
            unit: "px",
            range: "more than the image size, to \(Tiling.greatestSide)",
            default: "none",
            "The resolution at which images larger than the arm's are looked at tile by tile for their masks: their own, or that "
                + "of so many pixels along the longer side"
        ),
        .init(
            "dropoutPasses",
            "whole number",
            range: "0, or \(DropoutSampling.range.lowerBound) to \(DropoutSampling.range.upperBound)",
            default: "0",
            "Passes of each model with dropout at work, whose predictions are averaged; 0 for one without dropout"
        ),
        .init(
            "dropoutSeed",
            "whole number",
            range: "0 or more",
            default: "1",
            "The seed of what each of these passes drops"
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
        tiling = try Self.tiling(table) ?? .none
        dropout = try Self.dropout(table)
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

    private static func tiling(_ table: ConfigurationTable) throws -> Tiling? {
        let text: String
        switch table["tile"]?.resolved {
        case nil, .null, .bool(false): return nil
        case .integer(let side): text = "\(side)"
        case .some(let value): text = value.name ?? value.kind
        }
        guard let tiling = Tiling(text) else {
            throw SegmentationError(
                table.subject("tile"),
                "is \(text)",
                cure: "write `none`, `own`, or the pixels of the longer side, \(Tiling.greatestSide) at most"
            )
        }
        return tiling
    }

    private static func dropout(_ table: ConfigurationTable) throws -> DropoutSampling? {
        let seed = try table.natural("dropoutSeed") ?? 1
        guard let passes = try table.natural("dropoutPasses"), passes > 0 else { return nil }
        let range = DropoutSampling.range
        guard range.contains(passes) else {
            throw SegmentationError(
                table.subject("dropoutPasses"),
                "\(passes) is out of range",
                cure: "choose 0 for none, or \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return DropoutSampling(passes: passes, seed: UInt64(seed))
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
            "`\(name)` is not one of the choices",
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
        let tile: ConfigurationValue = if case .side(let side) = tiling { .integer(side) } else { .text(tiling.text) }
        return .table([
            "ensemble": .text(ensemble.rawValue), "tta": .text(augmentation.rawValue),
            "tile": tile, "dropoutPasses": .integer(dropout?.passes ?? 0),
            "dropoutSeed": .integer(Int(clamping: dropout?.seed ?? 1)), "rules": rules, "profile": .bool(hasProfile),
        ])
    }
}
