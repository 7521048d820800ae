public import SegMetrics

/// The metrics of every study, in the order of their columns.
public enum StandardMetrics {
    /// - Parameters:
    ///   - hausdorff: whose HD95.
    ///   - surfaceDice: whose normalized surface Dice.
    ///   - tolerance: that of the normalized surface Dice.
    ///   - label: the label whose masks they judge.
    public static func all(
        hausdorff: HausdorffDefinition = .monai,
        surfaceDice: SurfaceDiceDefinition = .monai,
        tolerance: SurfaceTolerance = .standard,
        label: String = MetricCase.defaultLabel
    ) -> [NamedMetric] {
        let metrics: [any CaseMetric] = [
            DiceCoefficient(), IntersectionOverUnion(), HausdorffDistance(.init(definition: hausdorff)),
            AverageSurfaceDistance(), HausdorffDistanceInMillimeters(.init(definition: hausdorff)),
            AverageSurfaceDistanceInMillimeters(),
            SurfaceDice(.init(definition: surfaceDice, tolerance: tolerance)), FoundLesions(), MissedLesions(),
            InventedLesions(),
        ]
        return metrics.map { NamedMetric($0, label: label, isStandard: true) }
    }
}
