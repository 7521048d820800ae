package import SegCore
import SegScoring

/// The metrics of every study by their names.
extension CaseResult {
    /// Dice coefficient; NaN where it does not exist or the empty-mask policy leaves it undefined.
    public var dice: Double {
        get { metrics[DiceCoefficient.name] ?? .nan }
        set { metrics[DiceCoefficient.name] = newValue }
    }

    /// Intersection over union; likewise.
    public var iou: Double {
        get { metrics[IntersectionOverUnion.name] ?? .nan }
        set { metrics[IntersectionOverUnion.name] = newValue }
    }

    /// Hausdorff distance at the 95th percentile by the study's definition, px of the original image; NaN where the policy
    /// leaves it undefined, `nil` where the arm predicts no mask.
    public var hausdorff95: Double? {
        get { metrics[HausdorffDistance.name] }
        set { metrics[HausdorffDistance.name] = newValue }
    }

    /// Average symmetric surface distance, px of the original image; likewise.
    public var surfaceDistance: Double? {
        get { metrics[AverageSurfaceDistance.name] }
        set { metrics[AverageSurfaceDistance.name] = newValue }
    }

    /// The 95th percentile in mm; `nil` also where the data set does not give the size of a pixel.
    public var hausdorff95InMillimeters: Double? {
        get { metrics[HausdorffDistanceInMillimeters.name] }
        set { metrics[HausdorffDistanceInMillimeters.name] = newValue }
    }

    /// The average distance in mm; likewise.
    public var surfaceDistanceInMillimeters: Double? {
        get { metrics[AverageSurfaceDistanceInMillimeters.name] }
        set { metrics[AverageSurfaceDistanceInMillimeters.name] = newValue }
    }

    /// Normalized surface Dice at the study's tolerance; NaN where the policy leaves it undefined, `nil` where the arm
    /// predicts no mask, or the tolerance is in mm and the data set does not give the size of a pixel.
    public var surfaceDice: Double? {
        get { metrics[SurfaceDice.name] }
        set { metrics[SurfaceDice.name] = newValue }
    }

    /// Lesions found, missed and invented; `nil` where the arm predicts no mask, and for averages over trainings.
    public var detection: LesionCounts? {
        get {
            func count(_ name: String) -> Int? { metrics[name].flatMap { Int(exactly: $0) } }
            guard let found = count(FoundLesions.name), let missed = count(MissedLesions.name),
                let invented = count(InventedLesions.name)
            else { return nil }
            return LesionCounts(found: found, missed: missed, invented: invented)
        }
        set {
            metrics[FoundLesions.name] = newValue.map { Double($0.found) }
            metrics[MissedLesions.name] = newValue.map { Double($0.missed) }
            metrics[InventedLesions.name] = newValue.map { Double($0.invented) }
        }
    }

    /// A row written by hand, with the metrics of every study.
    package init(
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
        hausdorff95InMillimeters: Double? = nil,
        surfaceDistanceInMillimeters: Double? = nil,
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
        metrics: [String: Double] = [:]
    ) {
        self.init(
            arm: arm,
            seed: seed,
            fold: fold,
            dataset: dataset,
            caseID: caseID,
            group: group,
            pathology: pathology,
            metrics: metrics,
            malignancyProbability: malignancyProbability,
            scaledMalignancyProbability: scaledMalignancyProbability,
            prior: prior,
            lesionFraction: lesionFraction,
            predictedFraction: predictedFraction,
            imageArea: imageArea,
            category: category,
            features: features,
            predictions: predictions
        )
        self.dice = dice
        self.iou = iou
        self.hausdorff95 = hausdorff95
        self.surfaceDistance = surfaceDistance
        self.hausdorff95InMillimeters = hausdorff95InMillimeters
        self.surfaceDistanceInMillimeters = surfaceDistanceInMillimeters
        self.surfaceDice = surfaceDice
        self.detection = detection
    }
}
