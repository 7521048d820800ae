/// What one arm reached on one data set.
public struct EvaluationSummary: Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed; `nil` for the summary over all seeds, where each case's values are averaged over seeds first.
    public var seed: UInt64?
    /// The data set's name.
    public var dataset: String
    /// Images evaluated.
    public var cases: Int
    /// The distributions of metrics by name; those of every study have members of their own too, such as ``dice``.
    public var metrics: [String: MetricSummary]
    /// Lesions found, missed and invented; `nil` where the arm predicts no mask.
    public var detection: DetectionSummary?
    /// Cases whose truth or prediction was empty, so that the empty-mask policy decided their value; in a summary over
    /// all seeds, those for which that was so under any seed.
    public var emptyCases: Int
    /// How well the arm distinguished malignant from benign; `nil` where it does not classify.
    public var malignancy: MalignancySummary?
    /// Normal images in which something was predicted; `nil` where there are none, or the arm predicts no mask.
    public var falseAlarms: FalseAlarms?

    public init(
        arm: String,
        seed: UInt64?,
        dataset: String,
        cases: Int,
        metrics: [String: MetricSummary],
        detection: DetectionSummary? = nil,
        emptyCases: Int,
        malignancy: MalignancySummary? = nil,
        falseAlarms: FalseAlarms? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.dataset = dataset
        self.cases = cases
        self.metrics = metrics
        self.detection = detection
        self.emptyCases = emptyCases
        self.malignancy = malignancy
        self.falseAlarms = falseAlarms
    }
}

/// The distribution of a metric over cases.
public struct MetricSummary: Codable, Hashable, Sendable {
    /// Cases with a defined value.
    public var count: Int
    /// The sum of the values, over several trainings of all of them; `nil` of a metric that does not count.
    public var total: Double?
    /// Mean.
    public var mean: Double
    /// Sample standard deviation, divisor n − 1; NaN for a single case.
    public var standardDeviation: Double
    /// Median.
    public var median: Double
    /// 95 % bootstrap interval of the mean.
    public var interval: ConfidenceInterval?
    /// Sample standard deviation of the seeds' own means, divisor seeds − 1: how much another training would move the mean.
    /// `nil` but in a summary over several seeds.
    public var standardDeviationOverSeeds: Double?

    public init(
        count: Int,
        mean: Double,
        standardDeviation: Double,
        median: Double,
        interval: ConfidenceInterval? = nil,
        standardDeviationOverSeeds: Double? = nil,
        total: Double? = nil
    ) {
        self.count = count
        self.total = total
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.median = median
        self.interval = interval
        self.standardDeviationOverSeeds = standardDeviationOverSeeds
    }
}

/// A 95 % confidence interval.
public struct ConfidenceInterval: Codable, Hashable, Sendable {
    /// Lower bound.
    public var low: Double
    /// Upper bound.
    public var high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// Both bounds, for number formats and charts.
    package var bounds: (low: Double, high: Double) { (low, high) }

    /// `nil` if a bound does not exist.
    init?(_ low: Double, _ high: Double) {
        guard !low.isNaN, !high.isNaN else { return nil }
        self.init(low: low, high: high)
    }
}

/// How well an arm distinguished malignant from benign lesions.
///
/// Over several trainings every figure is the mean of theirs: of the seeds, and on external sets of the folds' models. On a
/// cross-validated set, ranks are over the folds' probabilities together, as each lesion has one model's.
public struct MalignancySummary: Codable, Hashable, Sendable {
    /// Lesions of known pathology.
    public var cases: Int
    /// Malignant ones among them.
    public var malignant: Int
    /// Area under the ROC curve; `nil` where one of the two classes is missing.
    public var auroc: Double?
    /// 95 % interval of the area, over patients, the trained models being given.
    public var aurocInterval: ConfidenceInterval?
    /// Sample standard deviation of the seeds' areas; `nil` but in a summary over several seeds.
    public var aurocStandardDeviationOverSeeds: Double?
    /// The probability from which a lesion counts as malignant, fixed on the source's validation part.
    public var threshold: Double?
    /// Area under the precision–recall curve (average precision); to be read together with the fraction that is malignant.
    public var auprc: Double?
    /// Malignant lesions found at the threshold, as a fraction.
    public var sensitivity: Double?
    /// Benign lesions recognized at the threshold, as a fraction.
    public var specificity: Double?
    /// The greatest sensitivity at a specificity of 0.9 or more, by the data set's own ROC curve: what the model could
    /// reach there, while ``sensitivity`` is what it reaches at the source's threshold.
    public var sensitivityAt90Specificity: Double?
    /// Expected calibration error over ten bins of equal width.
    public var calibrationError: Double?
    /// Brier score, the mean squared error of the probability.
    public var brierScore: Double?
    /// ``calibrationError`` after temperature scaling, each training's temperature fitted on the source's validation part;
    /// `nil` unless every training has one.
    public var scaledCalibrationError: Double?
    /// ``brierScore`` after temperature scaling; likewise.
    public var scaledBrierScore: Double?
    /// 95 % intervals of the figures but the AUROC.
    public var intervals: MalignancyIntervals?
    /// What being called malignant or benign is worth at ``sensitivity`` and ``specificity``, at the prevalence that the study
    /// names, or the data set's own.
    public var predictiveValues: PredictiveValues?

    public init(
        cases: Int,
        malignant: Int,
        auroc: Double?,
        aurocInterval: ConfidenceInterval? = nil,
        aurocStandardDeviationOverSeeds: Double? = nil,
        auprc: Double? = nil,
        threshold: Double? = nil,
        sensitivity: Double? = nil,
        specificity: Double? = nil,
        sensitivityAt90Specificity: Double? = nil,
        calibrationError: Double? = nil,
        brierScore: Double? = nil,
        scaledCalibrationError: Double? = nil,
        scaledBrierScore: Double? = nil,
        intervals: MalignancyIntervals? = nil,
        predictiveValues: PredictiveValues? = nil
    ) {
        self.cases = cases
        self.malignant = malignant
        self.auroc = auroc
        self.aurocInterval = aurocInterval
        self.aurocStandardDeviationOverSeeds = aurocStandardDeviationOverSeeds
        self.auprc = auprc
        self.threshold = threshold
        self.sensitivity = sensitivity
        self.specificity = specificity
        self.sensitivityAt90Specificity = sensitivityAt90Specificity
        self.calibrationError = calibrationError
        self.brierScore = brierScore
        self.scaledCalibrationError = scaledCalibrationError
        self.scaledBrierScore = scaledBrierScore
        self.intervals = intervals
        self.predictiveValues = predictiveValues
    }
}
