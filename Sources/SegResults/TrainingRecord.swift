public import SegTraining

/// How one arm was trained with one seed.
public struct TrainingRecord: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed.
    public var seed: UInt64
    /// The fold of a cross-validation, from 1; `nil` where the source has one division.
    public var fold: Int?
    /// The curves, one entry per epoch.
    public var epochs: [EpochRecord]
    /// The epoch whose weights were kept, by validation.
    public var bestEpoch: Int?
    /// The probability from which a pixel counts as lesion.
    public var segmentationThreshold: Double
    /// The probability from which a lesion counts as malignant, chosen on validation.
    public var malignancyThreshold: Double?
    /// What logits of malignancy are divided by so that probabilities fit the validation part; `nil` where that could not
    /// be fitted, see ``SegMetrics/TemperatureScaling/init(validation:)``.
    public var malignancyTemperature: Double?
    /// The malignancy prior φ as learned, of several terms with one that of the first; `nil` where the arm has none.
    public var prior: LearnedPrior?
    /// The priors of further terms, in the model's order; `nil` where there are none.
    public var furtherPriors: [LearnedPrior]?

    public init(
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        epochs: [EpochRecord],
        bestEpoch: Int? = nil,
        segmentationThreshold: Double = 0.5,
        malignancyThreshold: Double? = nil,
        malignancyTemperature: Double? = nil,
        prior: LearnedPrior? = nil,
        furtherPriors: [LearnedPrior]? = nil
    ) {
        self.arm = arm
        self.seed = seed
        self.fold = fold
        self.epochs = epochs
        self.bestEpoch = bestEpoch
        self.segmentationThreshold = segmentationThreshold
        self.malignancyThreshold = malignancyThreshold
        self.malignancyTemperature = malignancyTemperature
        self.prior = prior
        self.furtherPriors = furtherPriors
    }

    /// All priors, in the model's order.
    public var priors: [LearnedPrior] { (prior.map { [$0] } ?? []) + (furtherPriors ?? []) }
}

/// One epoch of a training.
public struct EpochRecord: Codable, Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// Mean losses over the epoch's training batches, by name, each with the weight it had: `segmentation`, `total`.
    public var losses: [String: Double]
    /// Mean Dice on the validation part.
    public var validationDice: Double?
    /// AUROC of malignancy on the validation part.
    public var validationAUROC: Double?
    /// Learning rate at the end of the epoch.
    public var learningRate: Double?
    /// Mean losses over the validation part's images, by name, each with its weight.
    public var validationLosses: [String: Double]?
    /// What the consistency terms had learned by the end of the epoch, by term and name: `birads.bias`.
    public var learned: [String: Double]?
    /// How the tasks' gradients agreed at the end of the epoch; `nil` where that was not measured.
    public var interference: GradientInterference?

    public init(
        epoch: Int,
        losses: [String: Double],
        validationDice: Double? = nil,
        validationAUROC: Double? = nil,
        learningRate: Double? = nil,
        validationLosses: [String: Double]? = nil,
        learned: [String: Double]? = nil,
        interference: GradientInterference? = nil
    ) {
        self.epoch = epoch
        self.losses = losses
        self.validationDice = validationDice
        self.validationAUROC = validationAUROC
        self.learningRate = learningRate
        self.validationLosses = validationLosses
        self.learned = learned
        self.interference = interference
    }
}

/// The malignancy prior φ as a training left it.
///
/// - Formula: φ = sigmoid(bias + Σ weight · sign · z̃), z being the feature standardized on the training set and
///   z̃ = z / √(1 + (z/5)²), or z where the arm's settings say `bendsOutliers: false`.
public struct LearnedPrior: Codable, Hashable, Sendable {
    /// The constant term.
    public var bias: Double
    /// Non-negative weights by the features' names, those of their columns in `cases.csv`.
    public var weights: [String: Double]
    /// The term that learned it; `nil` where the arm has one prior.
    public var term: String?
    /// Its column in `cases.csv`: ``firstColumn``, or of a further term `my-birads.prior`; likewise.
    public var column: String?

    /// The column of an arm's first prior.
    public static let firstColumn = "prior"

    public init(bias: Double, weights: [String: Double], term: String? = nil, column: String? = nil) {
        self.bias = bias
        self.weights = weights
        self.term = term
        self.column = column
    }
}
