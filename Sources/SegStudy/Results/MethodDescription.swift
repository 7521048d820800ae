/// The conventions behind a study's numbers, each in a sentence that the report prints as it stands.
public struct MethodDescription: Codable, Hashable, Sendable {
    /// Which cases count and what an empty mask is worth, by the name of the policy.
    public var emptyPolicy: String
    /// How thresholds were chosen.
    public var thresholdRule: String
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
        thresholdRule: String,
        modelSelection: String,
        interval: String,
        test: String,
        correction: String,
        effectSize: String,
        significanceLevel: Double = 0.05
    ) {
        self.emptyPolicy = emptyPolicy
        self.thresholdRule = thresholdRule
        self.modelSelection = modelSelection
        self.interval = interval
        self.test = test
        self.correction = correction
        self.effectSize = effectSize
        self.significanceLevel = significanceLevel
    }
}
