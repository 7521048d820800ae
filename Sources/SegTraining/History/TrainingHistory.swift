public import SegBatches

/// What happened in a training, epoch by epoch.
public struct TrainingHistory: Codable, Hashable, Sendable {
    /// The epochs, in order.
    public var epochs: [EpochHistory] = []
    /// The epoch, counted from 1, whose weights are the best by validation.
    public var bestEpoch: Int?
    /// Whether training ended before its last epoch because validation did not improve.
    public var isStoppedEarly = false

    public init() {}

    /// The epoch whose weights are the best by validation.
    public var best: EpochHistory? { bestEpoch.flatMap { number in epochs.first { $0.epoch == number } } }
}

/// What happened in one epoch.
public struct EpochHistory: Codable, Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// Mean over the epoch's steps of what each head and term added to the loss, weight included, and their `total`.
    ///
    /// A step whose batch says nothing about a task takes no part in that task's mean.
    public var losses: [String: Double]
    /// The learning rate of the last step.
    public var learningRate: Double
    /// The mean norm of the gradient before clipping.
    public var gradientNorm: Double
    /// The largest norm of the gradient before clipping.
    public var largestGradientNorm: Double
    /// Steps at which the gradient was clipped.
    public var clippedSteps: Int
    /// Steps left out because their batch said nothing about any task.
    public var skippedSteps: Int
    /// The scores on the validation part; `nil` without one.
    public var validation: ValidationScore?
    /// Duration of training and validation together, s.
    public var seconds: Double
    /// Training images a second, validation left out.
    public var imagesPerSecond: Double
    /// How often the steps had to wait for their batch; `nil` if a version that did not count them trained.
    public var waits: BatchWaits?

    /// What each head and term adds to the loss on the validation part, weight included, and their `total`: means over
    /// images, of batches as large as in training. `nil` without a validation part, or if an earlier version trained.
    public var validationLosses: [String: Double]?
    /// What the terms have learned by the end of the epoch, by name: `birads.bias`; `nil` where there is nothing.
    public var learned: [String: Double]?
    /// How the terms fare on the validation part, by name: `birads.spread-of-prior`; `nil` where there is nothing.
    public var diagnoses: [String: Double]?
    /// What is wrong with a term, in sentences; `nil` where nothing is.
    public var warnings: [String]?
    /// How the tasks' gradients agree at the end of the epoch; `nil` where that was not measured.
    public var interference: GradientInterference?

    /// Mean Dice on the validation part.
    public var validationDice: Double? { validation?.dice }
    /// AUROC of malignancy on the validation part.
    public var validationAUROC: Double? { validation?.auroc }
    /// ``learned`` and ``diagnoses`` together: all single numbers that are known of the terms.
    public var termFigures: [String: Double]? {
        let figures = (learned ?? [:]).merging(diagnoses ?? [:]) { first, _ in first }
        return figures.isEmpty ? nil : figures
    }
}
