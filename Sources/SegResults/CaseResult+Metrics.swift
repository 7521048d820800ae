package import SegCore

/// The metrics of every study by their names.
extension CaseResult {
    /// Dice coefficient; NaN where it does not exist or the empty-mask policy leaves it undefined.
    public var dice: Double {
        get { metrics["dice"] ?? .nan }
        set { metrics["dice"] = newValue }
    }

    /// Intersection over union; likewise.
    public var iou: Double {
        get { metrics["iou"] ?? .nan }
        set { metrics["iou"] = newValue }
    }

    /// Hausdorff distance at the 95th percentile by the study's definition, px of the original image; NaN where the policy
    /// leaves it undefined, `nil` where the arm predicts no mask.
    public var hausdorff95: Double? {
        get { metrics["hausdorff95"] }
        set { metrics["hausdorff95"] = newValue }
    }

    /// Average symmetric surface distance, px of the original image; likewise.
    public var surfaceDistance: Double? {
        get { metrics["surfaceDistance"] }
        set { metrics["surfaceDistance"] = newValue }
    }

    /// The 95th percentile in mm; `nil` also where the data set does not give the size of a pixel.
    public var hausdorff95InMillimetres: Double? {
        get { metrics["hausdorff95InMillimetres"] }
        set { metrics["hausdorff95InMillimetres"] = newValue }
    }

    /// The average distance in mm; likewise.
    public var surfaceDistanceInMillimetres: Double? {
        get { metrics["surfaceDistanceInMillimetres"] }
        set { metrics["surfaceDistanceInMillimetres"] = newValue }
    }

    /// Normalised surface Dice at the study's tolerance; NaN where the policy leaves it undefined, `nil` where the arm
    /// predicts no mask, or the tolerance is in mm and the data set does not give the size of a pixel.
    public var surfaceDice: Double? {
        get { metrics["surfaceDice"] }
        set { metrics["surfaceDice"] = newValue }
    }

    /// Lesions found, missed and invented; `nil` where the arm predicts no mask, and for averages over trainings.
    public var detection: LesionCounts? {
        get {
            func count(_ name: String) -> Int? { metrics[name].flatMap { Int(exactly: $0) } }
            guard let found = count("lesions_found"), let missed = count("lesions_missed"),
                let invented = count("lesions_invented")
            else { return nil }
            return LesionCounts(found: found, missed: missed, invented: invented)
        }
        set {
            metrics["lesions_found"] = newValue.map { Double($0.found) }
            metrics["lesions_missed"] = newValue.map { Double($0.missed) }
            metrics["lesions_invented"] = newValue.map { Double($0.invented) }
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
        self.hausdorff95InMillimetres = hausdorff95InMillimetres
        self.surfaceDistanceInMillimetres = surfaceDistanceInMillimetres
        self.surfaceDice = surfaceDice
        self.detection = detection
    }
}
