import SegScoring

/// The metric in which two arms are compared: one of cases by its name, or the AUROC.
public struct ComparedMetric: RawRepresentable, Codable, Hashable, Sendable {
    /// The name in `results.json`.
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Dice coefficient.
    public static let dice = ComparedMetric(rawValue: DiceCoefficient.name)
    /// Intersection over union.
    public static let iou = ComparedMetric(rawValue: IntersectionOverUnion.name)
    /// Area under the ROC curve of malignancy.
    public static let auroc = ComparedMetric(rawValue: "auroc")
    /// Hausdorff distance at the 95th percentile, px.
    public static let hausdorff95 = ComparedMetric(rawValue: HausdorffDistance.name)
}

/// Whether two arms differ beyond what other seeds and other patients would change.
public struct SeedComparison: Codable, Hashable, Sendable {
    /// Seeds of each arm.
    public var seeds: Int
    /// 95 % interval of the mean difference.
    public var interval: ConfidenceInterval?
    /// Two-sided p of ``SegMetrics/seedAndCaseTest(_:_:groups:seedsArePaired:confidence:)``; for the area under the ROC curve
    /// of ``SegMetrics/obuchowskiRocketteTest(_:_:confidence:)``.
    public var pValue: Double
    /// p after Holm's correction, as ``ArmComparison/adjustedPValue``.
    public var adjustedPValue: Double
    /// The standard error of the mean difference that interval and p go by.
    public var standardError: Double?

    public init(
        seeds: Int,
        interval: ConfidenceInterval?,
        pValue: Double,
        adjustedPValue: Double,
        standardError: Double? = nil
    ) {
        self.seeds = seeds
        self.interval = interval
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.standardError = standardError
    }
}

/// An arm against the reference arm on one data set, case by case.
public struct ArmComparison: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The reference arm's name.
    public var reference: String
    /// The data set's name.
    public var dataset: String
    /// What is compared.
    public var metric: ComparedMetric
    /// Cases with a value under both arms.
    public var pairs: Int
    /// Mean of arm − reference in the unit of the metric, each case's values being averaged over trainings first; for the
    /// area under the ROC curve, the mean of the trainings' areas.
    public var meanDifference: Double
    /// 95 % paired bootstrap interval of the mean difference; DeLong's for the area under the ROC curve.
    public var interval: ConfidenceInterval?
    /// Two-sided p of the paired test of ranks over cases, of the area under the ROC curve that of DeLong's; NaN where no pair
    /// differs.
    public var pValue: Double
    /// p after Holm's correction; its family is named in ``MethodDescription/correction``.
    public var adjustedPValue: Double
    /// Two-sided p of the mean difference itself, by flipping the signs of whole patients: the test that belongs to
    /// ``interval``. `nil` where no pair differs, for the area under the ROC curve, whose ``pValue`` is of the difference, and in
    /// results of before it was made.
    public var meanPValue: Double?
    /// ``meanPValue`` after Holm's correction, as ``adjustedPValue``.
    public var adjustedMeanPValue: Double?
    /// The size of the effect, positive where the arm is better; its definition is in
    /// ``MethodDescription/effectSize``.
    public var effectSize: Double?
    /// The same question asked of the methods, whose next training would differ; `nil` with a single seed.
    public var acrossSeeds: SeedComparison?

    /// The adjusted p of the trained models that belongs to ``meanDifference`` and its interval; that of ranks where there is
    /// no other.
    public var modelsPValue: Double { adjustedMeanPValue ?? adjustedPValue }

    /// The adjusted p that stars and verdicts go by: ``acrossSeeds`` where there is one, as a study speaks of methods.
    public var leadingPValue: Double { acrossSeeds?.adjustedPValue ?? modelsPValue }

    public init(
        arm: String,
        reference: String,
        dataset: String,
        metric: ComparedMetric = .dice,
        pairs: Int,
        meanDifference: Double,
        interval: ConfidenceInterval? = nil,
        pValue: Double,
        adjustedPValue: Double,
        meanPValue: Double? = nil,
        effectSize: Double? = nil,
        acrossSeeds: SeedComparison? = nil
    ) {
        self.arm = arm
        self.reference = reference
        self.dataset = dataset
        self.metric = metric
        self.pairs = pairs
        self.meanDifference = meanDifference
        self.interval = interval
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.meanPValue = meanPValue
        adjustedMeanPValue = meanPValue
        self.effectSize = effectSize
        self.acrossSeeds = acrossSeeds
    }
}
