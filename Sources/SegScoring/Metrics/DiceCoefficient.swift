public import SegCore
import SegMetrics

/// The Dice similarity coefficient.
///
/// - Formula, edge cases and source: ``SegMetrics/ConfusionCounts/dice(_:)``.
public struct DiceCoefficient: CaseMetric {
    public static let name = "dice"
    public static let summary = "Dice similarity coefficient."
    public let title = "Dice"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.scoredByStudy
    public let family: MetricFamily? = .overlap
    public let places = MetricPlace.everywhere.union([.required])

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) -> Double? { item.counts.dice(item.emptyMasks.policy).value }
}
