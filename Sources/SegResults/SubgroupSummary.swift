/// What an arm reached on the images of one kind, such as those of malignant lesions.
public struct SubgroupSummary: Codable, Hashable, Sendable {
    /// What images are divided by.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// By what they show.
        case pathology
        /// By the diameter of the circle of the lesion's area, mm, where the size of a pixel is known; else by the lesion's share
        /// of the image.
        case size
        /// By BI-RADS category.
        case category
    }

    /// The arm's name.
    public var arm: String
    /// The data set's name.
    public var dataset: String
    /// What images are divided by.
    public var kind: Kind
    /// Which of them these are: `malignant`, `10 to 20 mm`, `4a`.
    public var level: String
    /// The distribution of the leading metric, Dice, over them.
    public var values: MetricSummary

    public init(arm: String, dataset: String, kind: Kind, level: String, values: MetricSummary) {
        self.arm = arm
        self.dataset = dataset
        self.kind = kind
        self.level = level
        self.values = values
    }
}

/// One figure over all external sets by a random-effects model, see ``SegMetrics/randomEffects(_:variances:confidence:)``.
public struct PooledEstimate: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The arm whose figure is subtracted; `nil` for the arm's own figure.
    public var reference: String?
    /// What is pooled.
    public var metric: ComparedMetric
    /// The external sets.
    public var datasets: [String]
    /// The mean over sets such as these.
    public var estimate: Double
    /// Its standard error, by Hartung and Knapp.
    public var standardError: Double
    /// Its 95 % interval.
    public var interval: ConfidenceInterval?
    /// Two-sided p of no difference; `nil` for an arm's own figure.
    public var pValue: Double?
    /// τ, the standard deviation of the sets' true figures, by DerSimonian and Laird.
    public var betweenDeviation: Double
    /// I², the share of the sets' scatter that is more than chance, 0 to 1.
    public var heterogeneity: Double

    public init(
        arm: String,
        reference: String? = nil,
        metric: ComparedMetric,
        datasets: [String],
        estimate: Double,
        standardError: Double,
        interval: ConfidenceInterval?,
        pValue: Double? = nil,
        betweenDeviation: Double,
        heterogeneity: Double
    ) {
        self.arm = arm
        self.reference = reference
        self.metric = metric
        self.datasets = datasets
        self.estimate = estimate
        self.standardError = standardError
        self.interval = interval
        self.pValue = pValue
        self.betweenDeviation = betweenDeviation
        self.heterogeneity = heterogeneity
    }
}
