public import SegTraining

/// What one arm reached on one data set by a metric that the study has beside the fixed ones.
public struct ExtraMetricSummary: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed; `nil` for the summary over all seeds, where each case's values are averaged over seeds first.
    public var seed: UInt64?
    /// The data set's name.
    public var dataset: String
    /// The metric's name, also its column in `cases.csv`.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// The unit of the values; `nil` for a ratio.
    public var unit: String?
    /// Which end of the scale is good.
    public var direction: MetricDirection
    /// The distribution over cases.
    public var values: MetricSummary
    /// The arm against the reference arm; `nil` for the reference itself, and for the summary of one of several seeds.
    public var comparison: PairedComparison?

    public init(
        arm: String,
        seed: UInt64?,
        dataset: String,
        name: String,
        title: String,
        unit: String? = nil,
        direction: MetricDirection,
        values: MetricSummary,
        comparison: PairedComparison? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.dataset = dataset
        self.name = name
        self.title = title
        self.unit = unit
        self.direction = direction
        self.values = values
        self.comparison = comparison
    }
}

/// An arm against the reference arm by some metric of cases, case by case; all as in ``ArmComparison``.
public struct PairedComparison: Codable, Hashable, Sendable {
    /// The reference arm's name.
    public var reference: String
    /// Cases with a value under both arms.
    public var pairs: Int
    /// Mean of arm − reference in the metric's unit.
    public var meanDifference: Double
    /// 95 % paired bootstrap interval of the mean difference.
    public var interval: ConfidenceInterval?
    /// Two-sided p of the paired test over cases; NaN where no pair differs.
    public var pValue: Double
    /// p after Holm's correction over the data sets of the family, for each arm and metric.
    public var adjustedPValue: Double
    /// The size of the effect, positive where the arm is better.
    public var effectSize: Double?
    /// The same question asked of the methods; `nil` with a single seed.
    public var acrossSeeds: SeedComparison?

    /// The adjusted p that stars and verdicts go by: ``acrossSeeds`` where there is one.
    public var leadingPValue: Double { acrossSeeds?.adjustedPValue ?? adjustedPValue }

    public init(
        reference: String,
        pairs: Int,
        meanDifference: Double,
        interval: ConfidenceInterval? = nil,
        pValue: Double,
        adjustedPValue: Double,
        effectSize: Double? = nil,
        acrossSeeds: SeedComparison? = nil
    ) {
        self.reference = reference
        self.pairs = pairs
        self.meanDifference = meanDifference
        self.interval = interval
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.effectSize = effectSize
        self.acrossSeeds = acrossSeeds
    }
}
