public import SegCore
import SegMetrics

/// The average symmetric surface distance, mm; of images whose pixels' size is known.
///
/// - Formula, edge cases and source: ``SegMetrics/SurfaceDistances/averageSymmetricSurfaceDistance(_:)``.
public struct AverageSurfaceDistanceInMillimeters: CaseMetric {
    public static let name = "surfaceDistanceInMillimeters"
    public static let column = "assd_mm"
    public static let summary = "Average symmetric surface distance, mm."
    public let title = "ASSD"
    public let unit: String? = "mm"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.distanceByStudy(.millimeters)
    public let family: MetricFamily? = .boundaries
    public let inputs: Set<MetricInput> = [.mask, .pixelSize]
    public let decimals = 2
    public let places: Set<MetricPlace> = [.summaries, .paperInShort]

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) throws -> Double? {
        try item.surfacesInMillimeters()?.averageSymmetricSurfaceDistance(item.emptyMasks.surfacePolicy).value
    }
}
