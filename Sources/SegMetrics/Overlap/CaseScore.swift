/// How well a predicted mask agrees with the true one, in native pixels.
public struct CaseScore: Hashable, Sendable {
    /// The pixels that the scores are computed from.
    public var counts: ConfusionCounts
    /// The Dice similarity coefficient.
    public var dice: MetricValue
    /// Intersection over union.
    public var intersectionOverUnion: MetricValue
    /// The part of the lesion that was found.
    public var sensitivity: MetricValue
    /// The part of the background that was left alone.
    public var specificity: MetricValue
    /// The part of the prediction that is lesion.
    public var precision: MetricValue

    /// All scores under one policy for empty masks.
    public init(_ counts: ConfusionCounts, _ policy: EmptyMaskPolicy) {
        self.counts = counts
        dice = counts.dice(policy)
        intersectionOverUnion = counts.intersectionOverUnion(policy)
        sensitivity = counts.sensitivity(policy)
        specificity = counts.specificity(policy)
        precision = counts.precision(policy)
    }
}
