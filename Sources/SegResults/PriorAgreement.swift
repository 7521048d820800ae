/// How the predicted malignancy p̂ and the malignancy prior φ of the predicted mask agree over a data set's lesions.
///
/// Lesions are images known to be benign or malignant for which both numbers are finite. φ of a mask that came out empty
/// is a number without meaning, and takes part all the same: leaving those out would flatter an arm that misses much.
///
/// - Edge cases: without a seed, every figure is the mean over the seeds' figures; so it is over the folds' models
///   where each of them tested every case. A correlation that does not exist is NaN; an area without one of the two
///   classes is `nil`.
public struct PriorAgreement: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed; `nil` for the mean over seeds.
    public var seed: UInt64?
    /// The data set's name.
    public var dataset: String
    /// The term whose prior it is; `nil` where the arm has one prior.
    public var term: String?
    /// Lesions behind the figures.
    public var lesions: Int
    /// Mean of |p̂ − φ|.
    public var meanAbsoluteDifference: Double
    /// Pearson's correlation of p̂ and φ.
    public var pearson: Double
    /// Spearman's rank correlation.
    public var spearman: Double
    /// Lin's concordance correlation.
    public var concordance: Double
    /// Area under the ROC curve of φ alone: what the mask's shape says of malignancy without the classifier.
    public var priorAUROC: Double?
    /// Area under the ROC curve of p̂ on the same lesions.
    public var malignancyAUROC: Double?

    public init(
        arm: String,
        seed: UInt64?,
        dataset: String,
        term: String? = nil,
        lesions: Int,
        meanAbsoluteDifference: Double,
        pearson: Double,
        spearman: Double,
        concordance: Double,
        priorAUROC: Double? = nil,
        malignancyAUROC: Double? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.dataset = dataset
        self.term = term
        self.lesions = lesions
        self.meanAbsoluteDifference = meanAbsoluteDifference
        self.pearson = pearson
        self.spearman = spearman
        self.concordance = concordance
        self.priorAUROC = priorAUROC
        self.malignancyAUROC = malignancyAUROC
    }
}
