import SegCore
import SegMetrics
import SegScoring
import SegSettings

extension MetricSettings {
    static let keys: [SettingDescription] = {
        let standard = MetricSettings(emptyMasks: .undefinedWhenReferenceEmpty)
        func names<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> String where Choice.RawValue == String {
            "one of " + Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        }
        return [
            .init(
                "emptyMasks",
                names(EmptyMaskRule.self),
                otherwise: SettingDescription.required,
                "How images with an empty true or predicted mask are scored"
            ),
            .init(
                "hausdorff",
                names(HausdorffDefinition.self),
                default: standard.hausdorff.rawValue,
                "Whose Hausdorff distance at the 95th percentile"
            ),
            .init(
                "surfaceDice",
                names(SurfaceDiceDefinition.self),
                default: standard.surfaceDice.rawValue,
                "Whose normalized surface Dice"
            ),
            .init(
                "surfaceTolerance",
                SurfaceTolerance.typeName,
                range: "above 0",
                default: standard.surfaceTolerance.description,
                "How far a boundary may be off in the normalized surface Dice"
            ),
            .init(
                "bootstrapResamples",
                "whole number",
                range: "\(resamples.lowerBound) to \(resamples.upperBound)",
                default: String(standard.bootstrapResamples),
                "Resamples of bootstrap intervals"
            ),
            .init(
                "extra",
                "list of names, or of `{name: settings}`",
                default: "[]",
                "[Metrics](#metric) in addition to those of every study"
            ),
            .init(
                "prevalence",
                "number",
                range: "above 0, below 1",
                otherwise: "each data set's own",
                "The share of malignant lesions for which predictive values are given"
            ),
            .init(
                "adjustment",
                names(PValueFamily.self),
                otherwise: "`\(PValueFamily.datasets.rawValue)`",
                "The hypotheses over which Holm's method adjusts p"
            ),
        ]
    }()

    private static let resamples = 100...1_000_000

    /// Reads a study's `metrics`.
    ///
    /// - Throws: ``SegCore/SegmentationError`` if `emptyMasks` is missing, for a name that is not among the choices,
    ///   which it lists, for a number out of range, and for a metric that the registry lacks.
    init(_ value: ConfigurationValue, registry: PluginRegistry) throws {
        let table = try ConfigurationTable(value, path: "metrics", keys: Self.keys)
        guard let emptyMasks = try table.choice("emptyMasks", of: EmptyMaskRule.self) else {
            throw SegmentationError(
                table.subject("emptyMasks"),
                "is missing: a study must say how images with an empty true or predicted mask are scored",
                cure: "write `metrics: {emptyMasks: …}`; \(EmptyMaskRule.advice)"
            )
        }
        self.init(emptyMasks: emptyMasks)
        if let definition = try table.choice("hausdorff", of: HausdorffDefinition.self) { hausdorff = definition }
        if let definition = try table.choice("surfaceDice", of: SurfaceDiceDefinition.self) { surfaceDice = definition }
        if let tolerance = try table.tolerance("surfaceTolerance") { surfaceTolerance = tolerance }
        if let resamples = try table.natural("bootstrapResamples") {
            try require(table.subject("bootstrapResamples"), resamples, in: Self.resamples)
            bootstrapResamples = resamples
        }
        if let share = try table.number("prevalence") {
            guard share > 0, share < 1 else {
                throw SegmentationError(
                    table.subject("prevalence"),
                    "is \(share), which is not a share",
                    cure: "write a number between 0 and 1, such as 0.05"
                )
            }
            prevalence = share
        }
        adjustment = try table.choice("adjustment", of: PValueFamily.self)
        extra = try Self.extra(table.list("extra"), registry: registry)
    }

    /// As a study file has it, in the order of its keys.
    var resolved: ConfigurationValue {
        var members: ConfigurationMembers = [
            "emptyMasks": .text(emptyMasks.rawValue), "hausdorff": .text(hausdorff.rawValue),
            "surfaceDice": .text(surfaceDice.rawValue), "surfaceTolerance": .text(surfaceTolerance.description),
            "bootstrapResamples": .integer(bootstrapResamples),
        ]
        members["prevalence"] = prevalence.map(ConfigurationValue.number)
        members["adjustment"] = adjustment.map { .text($0.rawValue) }
        members["extra"] = extra.map(Self.resolved)
        return .table(members)
    }
}

extension ConfigurationTable {
    /// One of some names.
    fileprivate func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, of _: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let name = try text(key) else { return nil }
        if let choice = Choice(rawValue: name) { return choice }
        // In their own order, the recommended one first.
        throw SegmentationError(
            subject(key),
            "`\(name)` is not one of the choices",
            cure: "use one of: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"
        )
    }

    /// A length such as `0.5 mm`; a number alone is in px.
    fileprivate func tolerance(_ key: String) throws -> SurfaceTolerance? {
        let written: String? =
            switch self[key] {
            case .number(let value): String(value)
            default: try text(key)
            }
        return try written.map { text in
            guard let tolerance = SurfaceTolerance(text) else {
                throw SegmentationError(
                    subject(key),
                    "`\(text)` is not a length above 0",
                    cure: "write a number with its unit, such as `2 px` or `0.5 mm`"
                )
            }
            return tolerance
        }
    }
}
