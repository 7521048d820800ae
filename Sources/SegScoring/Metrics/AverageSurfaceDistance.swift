public import SegCore
import SegMetrics

/// The average symmetric surface distance, px.
///
/// - Formula, edge cases and source: ``SegMetrics/SurfaceDistances/averageSymmetricSurfaceDistance(_:)``.
public struct AverageSurfaceDistance: CaseMetric {
    public static let name = "surfaceDistance"
    public static let column = "assd_px"
    public static let summary = "Average symmetric surface distance, px."
    public let title = "ASSD"
    public let unit: String? = "px"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.distanceByStudy(.pixels)
    public let family: MetricFamily? = .boundaries
    public let decimals = 1
    public let places: Set<MetricPlace> = [.summaries, .paperInShort]

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) throws -> Double? {
        try item.surfaces().averageSymmetricSurfaceDistance(item.emptyMasks.surfacePolicy).value
    }
}
