public import SegCore
import SegMetrics

/// How far the predicted probabilities of the lesion are from the share of pixels that are lesion: the calibration of a mask.
///
/// - Formula: the expected calibration error, ``SegMetrics/CalibrationCurve/expectedError``, over the image's pixels, in bins of equal
///   width as torchmetrics': Σ n_m / n · |observed_m − predicted_m|.
/// - Edge cases: defined for an image without a lesion too, where it is the mean probability; `nil` where there is no map of
///   probabilities. Most pixels are background that nobody doubts, so values are small: compare models by it on the same images.
/// - Source: as ``SegMetrics/CalibrationCurve/expectedError``; of masks A. Mehrtash et al., Confidence calibration and predictive
///   uncertainty estimation for deep medical image segmentation, IEEE TMI (2020).
public struct MaskCalibrationError: CaseMetric {
    /// What a configuration can set.
    public struct Settings: PluginSettings, ExplainedSettings {
        /// How many bins of equal width probabilities are sorted into.
        public var bins = 10

        public static let meanings: [String: SettingMeaning] = [
            "bins": "How many bins of equal width probabilities are sorted into"
        ]

        public init() {}

        public func validate() throws { try require("bins", bins, in: 1...100) }
    }

    public static let name = "mask-calibration-error"
    public static let summary = "Expected calibration error of the lesion's probability over the image's pixels."
    public let title = "Calibration error of the mask"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.answered("Empty masks count as any other: it is of probabilities.")
    private let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    public func value(of item: MetricCase) throws -> Double? {
        let probability = item.probability
        guard !probability.isEmpty else { return nil }
        return try expectedCalibrationError(
            // A map that was enlarged may leave 0 to 1 by rounding.
            probabilities: probability.map { Double(min(max($0, 0), 1)) },
            labels: item.reference.pixels.map { $0 != 0 },
            binning: .equalWidthClosedLeft(settings.bins)
        )
    }
}
