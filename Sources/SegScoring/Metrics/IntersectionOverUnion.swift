public import SegCore
import SegMetrics

/// Intersection over union, the Jaccard index.
///
/// - Formula, edge cases and source: ``SegMetrics/ConfusionCounts/intersectionOverUnion(_:)``.
public struct IntersectionOverUnion: CaseMetric {
    public static let name = "iou"
    public static let summary = "Intersection over union."
    public let title = "IoU"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.scoredByStudy
    public let family: MetricFamily? = .overlap
    // It orders cases as Dice does, so that tables for a paper have one of the two.
    public let places: Set<MetricPlace> = [.summaries, .comparisons, .console, .required]

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) -> Double? {
        item.counts.intersectionOverUnion(item.emptyMasks.policy).value
    }
}
