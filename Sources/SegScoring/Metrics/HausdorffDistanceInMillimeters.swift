import SegCore
import SegMetrics

/// The Hausdorff distance at the 95th percentile, mm; of images whose pixels' size is known.
///
/// - Formula, edge cases and source: ``SegMetrics/SurfaceDistances/hausdorff95(_:_:)``.
public struct HausdorffDistanceInMillimeters: CaseMetric {
    public static let name = "hausdorff95InMillimeters"
    public static let column = "hd95_mm"
    public static let summary = "95th percentile of the Hausdorff distance, mm."
    public let title = "HD95"
    public let unit: String? = "mm"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.distanceByStudy(.millimeters)
    public let family: MetricFamily? = .boundaries
    public let inputs: Set<MetricInput> = [.mask, .pixelSize]
    public let decimals = 2
    public let places: Set<MetricPlace> = [.summaries, .paperInShort]
    private let settings: HausdorffDistance.Settings

    public init(_ settings: HausdorffDistance.Settings) { self.settings = settings }

    public var definition: String? { "as in \(settings.definition.rawValue)" }

    public func value(of item: MetricCase) throws -> Double? {
        try item.surfacesInMillimeters()?.hausdorff95(settings.definition, item.emptyMasks.surfacePolicy).value
    }
}
