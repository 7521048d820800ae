/// What an arm reaches on the cases that it is surest of, the others being left to a human.
///
/// Over several trainings every figure is the mean of theirs.
public struct SelectiveSummary: Codable, Hashable, Sendable {
    /// What is judged.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Dice of lesions; certainty is ``CaseResult/expectedDice``.
        case dice
        /// Whether malignancy is predicted correctly at the threshold; certainty is the distance of the logits.
        case malignancy
    }

    /// The part of the source's validation cases whose certainty the threshold keeps.
    public static let keptOnValidation = 0.8

    /// The arm's name.
    public var arm: String
    /// The data set's name.
    public var dataset: String
    /// What is judged.
    public var kind: Kind
    /// Cases.
    public var cases: Int
    /// The mean of Dice, or the share that is right, of all cases.
    public var all: Double
    /// Area under the risk–coverage curve, risk being one minus Dice, or the share that is wrong. Less is better.
    public var area: Double
    /// The certainty below which a case is left to a human: each training's own keeps ``keptOnValidation`` of the source's validation
    /// part. `nil` where that part has no cases of its own, as with folds.
    public var threshold: Double?
    /// The share of cases that the threshold keeps.
    public var coverage: Double?
    /// ``all`` of those kept; `nil` where none is.
    public var kept: Double?

    public init(
        arm: String,
        dataset: String,
        kind: Kind,
        cases: Int,
        all: Double,
        area: Double,
        threshold: Double? = nil,
        coverage: Double? = nil,
        kept: Double? = nil
    ) {
        self.arm = arm
        self.dataset = dataset
        self.kind = kind
        self.cases = cases
        self.all = all
        self.area = area
        self.threshold = threshold
        self.coverage = coverage
        self.kept = kept
    }
}
