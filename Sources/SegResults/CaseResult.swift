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
    /// Dice coefficient; NaN where the empty-mask policy leaves it undefined.
    public var dice: Double
    /// Intersection over union.
    public var iou: Double
    /// Hausdorff distance at the 95th percentile by the study's definition, px of the original image; NaN where the policy
    /// leaves it undefined, `nil` where the arm predicts no mask.
    public var hausdorff95: Double?
    /// Average symmetric surface distance, px of the original image; likewise.
    public var surfaceDistance: Double?
    /// The 95th percentile in mm; `nil` also where the data set does not give the size of a pixel.
    public var hausdorff95InMillimetres: Double?
    /// The average distance in mm; likewise.
    public var surfaceDistanceInMillimetres: Double?
    /// Normalised surface Dice at the study's tolerance; NaN where the policy leaves it undefined, `nil` where the arm
    /// predicts no mask, or the tolerance is in mm and the data set does not give the size of a pixel.
    public var surfaceDice: Double?
    /// Lesions found, missed and invented; `nil` where the arm predicts no mask.
    public var detection: LesionCounts?
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
    /// The area that the image shows, mm²; `nil` where the data set does not give the size of a pixel.
    public var imageArea: Double?
    /// The BI-RADS category; `nil` where the data set does not say.
    public var category: BIRADSCategory?
    /// Features of the predicted mask, by name.
    public var features: [String: Double]
    /// What the model's heads say beside mask and malignancy; `nil` where they say nothing.
    public var predictions: [PredictedValue]?
    /// Values of the metrics that the study has beside the fixed ones, by name; `nil` where it has none, or the arm predicts
    /// no mask.
    public var metrics: [String: Double]?

    public init(
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        caseID: String,
        group: String,
        pathology: Pathology?,
        dice: Double,
        iou: Double,
        hausdorff95: Double? = nil,
        surfaceDistance: Double? = nil,
        hausdorff95InMillimetres: Double? = nil,
        surfaceDistanceInMillimetres: Double? = nil,
        surfaceDice: Double? = nil,
        detection: LesionCounts? = nil,
        malignancyProbability: Double? = nil,
        scaledMalignancyProbability: Double? = nil,
        prior: Double? = nil,
        lesionFraction: Double? = nil,
        predictedFraction: Double? = nil,
        imageArea: Double? = nil,
        category: BIRADSCategory? = nil,
        features: [String: Double] = [:],
        predictions: [PredictedValue]? = nil,
        metrics: [String: Double]? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.fold = fold
        self.dataset = dataset
        self.caseID = caseID
        self.group = group
        self.pathology = pathology
        self.dice = dice
        self.iou = iou
        self.hausdorff95 = hausdorff95
        self.surfaceDistance = surfaceDistance
        self.hausdorff95InMillimetres = hausdorff95InMillimetres
        self.surfaceDistanceInMillimetres = surfaceDistanceInMillimetres
        self.surfaceDice = surfaceDice
        self.detection = detection
        self.malignancyProbability = malignancyProbability
        self.scaledMalignancyProbability = scaledMalignancyProbability
        self.prior = prior
        self.lesionFraction = lesionFraction
        self.predictedFraction = predictedFraction
        self.imageArea = imageArea
        self.category = category
        self.features = features
        self.predictions = predictions
        self.metrics = metrics
    }
}
