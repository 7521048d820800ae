/// 95 % intervals of the figures of a ``MalignancySummary`` but the AUROC, the trained models being given.
///
/// Sensitivity and specificity: Wilson's, see ``SegMetrics/proportionInterval(_:groups:confidence:)``. The others: between the
/// 2.5 and 97.5 % quantiles of resampled patients.
public struct MalignancyIntervals: Codable, Hashable, Sendable {
    public var auprc: ConfidenceInterval?
    public var sensitivity: ConfidenceInterval?
    public var specificity: ConfidenceInterval?
    public var calibrationError: ConfidenceInterval?
    public var brierScore: ConfidenceInterval?
    public var positivePredictiveValue: ConfidenceInterval?
    public var negativePredictiveValue: ConfidenceInterval?

    public init() {}
}

/// What a finding of malignancy, or of none, is worth where a given share of lesions is malignant.
public struct PredictiveValues: Codable, Hashable, Sendable {
    /// The share of malignant lesions that the values apply to.
    public var prevalence: Double
    /// The share of lesions called malignant that are; `nil` where none is called so.
    public var positive: Double?
    /// The share of lesions called benign that are; `nil` where none is called so.
    public var negative: Double?

    /// By Bayes' theorem from sensitivity and specificity.
    public init(sensitivity: Double, specificity: Double, prevalence: Double) {
        self.prevalence = prevalence
        func share(_ right: Double, _ wrong: Double) -> Double? {
            let value = right / (right + wrong)
            return value.isFinite ? value : nil
        }
        positive = share(sensitivity * prevalence, (1 - specificity) * (1 - prevalence))
        negative = share(specificity * (1 - prevalence), (1 - sensitivity) * prevalence)
    }
}

/// Normal images in which something was predicted.
public struct FalseAlarms: Codable, Hashable, Sendable {
    /// Normal images.
    public var images: Int
    /// Tests of them: as many, over several trainings as often as each image was tested.
    public var tests: Int
    /// Tests in which a lesion was predicted.
    public var alarms: Int
    /// alarms / tests.
    public var rate: Double
    /// 95 % interval of the rate, by Wilson, the images of a patient and the tests of an image together.
    public var interval: ConfidenceInterval?

    public init(images: Int, tests: Int, alarms: Int, rate: Double, interval: ConfidenceInterval? = nil) {
        self.images = images
        self.tests = tests
        self.alarms = alarms
        self.rate = rate
        self.interval = interval
    }
}
