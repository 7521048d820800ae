import ArgumentParser
import SegConfiguration
import SegMetrics
import SegScoring
import SegStudy

/// The conventions of metrics, which a study file has under `metrics`.
struct MetricOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What mask metrics return where a mask is empty: \(names(EmptyMaskRule.self)). Required.",
            valueName: "policy"
        ),
        transform: { try choice($0, of: EmptyMaskRule.self) }
    )
    var emptyMasks: EmptyMaskRule?

    @Option(
        help: ArgumentHelp(
            "Whose HD95: \(names(HausdorffDefinition.self)); MONAI's if left out.",
            valueName: "library"
        ),
        transform: { try choice($0, of: HausdorffDefinition.self) }
    )
    var hausdorff = HausdorffDefinition.monai

    @Option(
        help: ArgumentHelp(
            "Whose normalized surface Dice (NSD): \(names(SurfaceDiceDefinition.self)); MONAI's if left out.",
            valueName: "library"
        ),
        transform: { try choice($0, of: SurfaceDiceDefinition.self) }
    )
    var surfaceDice = SurfaceDiceDefinition.monai

    @Option(
        help: ArgumentHelp(
            "The tolerance of the NSD, in px or mm, such as 0.5mm; \(SurfaceTolerance.standard) if left out.",
            valueName: "length"
        ),
        transform: { text in
            guard let tolerance = SurfaceTolerance(text) else {
                throw ValidationError("`\(text)` is not a length above 0; write for example 2px or 0.5mm")
            }
            return tolerance
        }
    )
    var surfaceTolerance = SurfaceTolerance.standard

    @Option(
        name: .customLong("metric"),
        help: ArgumentHelp(
            "A metric in addition to those of every study, with its default settings; may be given several times.",
            valueName: "name"
        )
    )
    var extra: [String] = []

    func validate() throws { _ = try settings() }

    /// - Throws: ``ArgumentParser/ValidationError`` unless the policy for empty masks is named.
    func settings() throws -> MetricSettings {
        guard let emptyMasks else {
            throw ValidationError(
                "--empty-masks is missing: say how images with an empty true or predicted mask are scored; "
                    + EmptyMaskRule.advice
            )
        }
        return MetricSettings(
            emptyMasks: emptyMasks,
            hausdorff: hausdorff,
            surfaceDice: surfaceDice,
            surfaceTolerance: surfaceTolerance,
            extra: try MetricSettings.extra(named: extra, registry: Segkit.registry)
        )
    }
}

private func names<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> String where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
}

private func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, of type: Choice.Type) throws -> Choice
where Choice.RawValue == String {
    guard let choice = Choice(rawValue: name) else {
        throw ValidationError("`\(name)` is not one of the choices: \(names(type))")
    }
    return choice
}
