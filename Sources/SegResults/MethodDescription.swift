public import SegMetrics

/// The conventions behind a study's numbers, each in a sentence that the report prints unchanged.
public struct MethodDescription: Codable, Hashable, Sendable {
    /// Which cases count and what an empty mask is worth, by the name of the policy.
    public var emptyPolicy: String
    /// Whose Hausdorff distance at the 95th percentile; `nil` in results of versions that had MONAI's only.
    public var hausdorff: HausdorffDefinition?
    /// What the metrics of boundaries are, with the tolerance of the normalized surface Dice; `nil` likewise.
    public var boundaries: String?
    /// How thresholds were chosen.
    public var thresholdRule: String
    /// How calibration was measured and temperatures were fitted; `nil` where no arm classifies.
    public var calibration: String?
    /// How the kept epoch was chosen.
    public var modelSelection: String
    /// How intervals were made: method, resamples, unit of resampling.
    public var interval: String
    /// The paired test, with its treatment of ties and zeros.
    public var test: String
    /// The correction for multiple testing, with its family of hypotheses.
    public var correction: String
    /// The definition of the effect size, with its symbol.
    public var effectSize: String
    /// The level below which an adjusted p counts as significant.
    public var significanceLevel: Double

    public init(
        emptyPolicy: String,
        hausdorff: HausdorffDefinition? = nil,
        boundaries: String? = nil,
        thresholdRule: String,
        calibration: String? = nil,
        modelSelection: String,
        interval: String,
        test: String,
        correction: String,
        effectSize: String,
        significanceLevel: Double = 0.05
    ) {
        self.emptyPolicy = emptyPolicy
        self.hausdorff = hausdorff
        self.boundaries = boundaries
        self.thresholdRule = thresholdRule
        self.calibration = calibration
        self.modelSelection = modelSelection
        self.interval = interval
        self.test = test
        self.correction = correction
        self.effectSize = effectSize
        self.significanceLevel = significanceLevel
    }
}
