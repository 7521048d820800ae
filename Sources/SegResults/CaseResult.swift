public import SegCore

/// One row of `cases.csv`: one image under one arm, fold and seed.
public struct CaseResult: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed.
    public var seed: UInt64
    /// The fold of a cross-validation, from 1; `nil` where the source has one division.
    public var fold: Int?
    /// The data set's name.
    public var dataset: String
    /// The image's identifier within the data set.
    public var caseID: String
    /// The patient, or the case where patients are unknown.
    public var group: String
    /// What the image shows; `nil` where the data set does not say.
    public var pathology: Pathology?
    /// The values of metrics by name: NaN where the policy for empty masks leaves a value undefined, absent where there is
    /// none, as where the arm predicts no mask.
    public var metrics: [String: Double]
    /// Predicted probability of malignancy; `nil` where the arm does not classify.
    public var malignancyProbability: Double?
    /// The same after temperature scaling; `nil` also where no temperature could be fitted.
    public var scaledMalignancyProbability: Double?
    /// The malignancy prior φ of the predicted mask; `nil` where the arm has none.
    public var prior: Double?
    /// The true lesion's share of the image area, 0 to 1.
    public var lesionFraction: Double?
    /// The predicted lesion's share of the image area, 0 to 1; `nil` where the arm predicts no mask.
    public var predictedFraction: Double?
    /// The Dice that the mask's own probabilities let expect, 0 to 1; `nil` where the arm predicts no mask.
    ///
    /// - Formula: 2 Σ p over the predicted pixels / (Σ p + predicted pixels), p on the model's canvas; 0 for an empty
    ///   mask.
    public var expectedDice: Double?
    /// The area that the image shows, mm²; `nil` where the data set does not give the size of a pixel.
    public var imageArea: Double?
    /// The BI-RADS category; `nil` where the data set does not say.
    public var category: BIRADSCategory?
    /// Features of the predicted mask, by name.
    public var features: [String: Double]
    /// What the model's heads predict in addition to mask and malignancy; `nil` where they predict nothing else.
    public var predictions: [PredictedValue]?

    public init(
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        caseID: String,
        group: String,
        pathology: Pathology?,
        metrics: [String: Double],
        malignancyProbability: Double? = nil,
        scaledMalignancyProbability: Double? = nil,
        prior: Double? = nil,
        lesionFraction: Double? = nil,
        predictedFraction: Double? = nil,
        expectedDice: Double? = nil,
        imageArea: Double? = nil,
        category: BIRADSCategory? = nil,
        features: [String: Double] = [:],
        predictions: [PredictedValue]? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.fold = fold
        self.dataset = dataset
        self.caseID = caseID
        self.group = group
        self.pathology = pathology
        self.metrics = metrics
        self.malignancyProbability = malignancyProbability
        self.scaledMalignancyProbability = scaledMalignancyProbability
        self.prior = prior
        self.lesionFraction = lesionFraction
        self.predictedFraction = predictedFraction
        self.expectedDice = expectedDice
        self.imageArea = imageArea
        self.category = category
        self.features = features
        self.predictions = predictions
    }
}
