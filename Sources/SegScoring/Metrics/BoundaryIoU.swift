public import SegCore
import SegMetrics

/// The IoU of the masks' inner rims, which tells outlines apart where the IoU of a large lesion does not.
///
/// - Formula, edge cases and source: ``SegMetrics/boundaryIntersectionOverUnion(prediction:reference:width:height:dilationRatio:_:)``.
public struct BoundaryIoU: CaseMetric {
    /// What a configuration can set.
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The width of the rim as a part of the image's diagonal.
        public var dilationRatio = 0.02

        public static let meanings: [String: SettingMeaning] = [
            "dilationRatio": "The width of the rim as a part of the image's diagonal"
        ]

        public init() {}

        public func validate() throws {
            try require("dilationRatio", dilationRatio, in: .leastNonzeroMagnitude...0.5)
        }
    }

    public static let name = "boundary-iou"
    public static let summary = "IoU of the masks' inner rims (Boundary IoU)."
    public let title = "Boundary IoU"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.scoredByStudy
    public let family: MetricFamily? = .boundaries
    private let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    public func value(of item: MetricCase) throws -> Double? {
        try boundaryIntersectionOverUnion(
            prediction: item.prediction.pixels,
            reference: item.reference.pixels,
            width: item.reference.width,
            height: item.reference.height,
            dilationRatio: settings.dilationRatio,
            item.emptyMasks.policy
        ).value
    }
}
