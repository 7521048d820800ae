public import SegAugmentation
public import SegCore
public import SegData
public import SegSettings
public import SegTensor

/// How a model is trained.
public struct TrainingSettings: PluginSettings, Hashable, ExplainedSettings {
    /// Passes over the training samples.
    public var epochs = 60
    /// Samples of a step; the last step of an epoch takes those that are left.
    public var batchSize = 8
    /// Side of the square that images are letterboxed into, px.
    public var imageSize = 128
    /// Learning rate after the warm-up.
    public var learningRate = 1e-3
    /// Weight decay; biases and normalizations are spared.
    public var weightDecay = 0.01
    /// Epochs over which the learning rate rises linearly from 0.
    public var warmUpEpochs = 1.0
    /// Learning rate at the end.
    public var finalLearningRate = 0.0
    /// What moves the weights along the gradient, by its name in the registry.
    public var optimizer = NamedPlugin(AdamW.name)
    /// How the learning rate changes, by its name in the registry.
    public var schedule = NamedPlugin(CosineSchedule.name)
    /// How much the gradient of each task counts, by its name in the registry.
    public var balancing = NamedPlugin(FixedWeights.name)
    /// Largest global norm of the gradient; 0 leaves it as it is.
    public var gradientClip = 0.0
    /// Batches whose mean gradient makes one step of the optimizer.
    public var accumulation = 1
    /// Batches that are computed side by side, each from the same weights and running statistics, and count together as one
    /// of ``accumulation``. As many processes as divide them can share them, with the same results to the bit.
    public var replicas = 1
    /// The share that a running mean of the weights keeps at each step; its weights are validated, chosen and saved. 0 for
    /// the weights themselves.
    public var averaging = 0.0
    /// Which images an epoch draws: `shuffled` for each once, `pathology` or `lesion` for classes in equal parts.
    public var sampling = BatchSampling.shuffled
    /// Random changes of the training images.
    public var augmentation = AugmentationPipeline.Settings()
    /// Augmentations by their names in the registry, in order: after those of ``augmentation``, before its cut-out.
    public var augmentationSteps: [NamedPlugin] = []
    /// Epochs without a better validation score after which training ends; 0 for never.
    public var patience = 0
    /// What decides which epoch's weights are kept: `dice`, `auroc`, `mean` or `last`.
    public var selectionMetric = SelectionMetric.dice
    /// How activations are kept in training steps: `float32`, or `bf16-storage` for half the memory. Validation and
    /// predictions keep 32 bits.
    public var precision = Precision.float32
    /// What is measured during training without affecting it.
    public var diagnostics = DiagnosticsSettings()

    public static let meanings: [String: SettingMeaning] = [
        "epochs": "Passes over the training samples",
        "batchSize": "Samples of a step; the last step of an epoch takes those that are left",
        "imageSize": SettingMeaning("Side of the square that images are letterboxed into", unit: "px"),
        "learningRate": "Learning rate after the warm-up",
        "weightDecay": "Weight decay; biases and normalizations are spared",
        "warmUpEpochs": SettingMeaning(
            "Epochs over which the learning rate rises linearly from 0",
            range: "0 to `epochs`"
        ),
        "finalLearningRate": SettingMeaning("Learning rate at the end", range: "0 to `learningRate`"),
        "optimizer": "What moves the weights along the gradient: an [optimizer](#optimizer)",
        "schedule": "How the learning rate changes: a [schedule](#schedule)",
        "balancing": "How much the gradient of each task counts: a [balancing](#balancing)",
        "gradientClip": "Largest global norm of the gradient; 0 leaves it as it is",
        "accumulation": "Batches whose mean gradient makes one step of the optimizer",
        "replicas":
            "Batches that are computed side by side, each from the same weights and running statistics, and count together as one of `accumulation`; as many processes as divide them can share them",
        "averaging":
            "The share that a running mean of the weights keeps at each step; the mean is validated, chosen and saved. 0 for the weights themselves",
        "sampling":
            "Which images an epoch draws: each once, or classes of pathology or of having a lesion in equal parts",
        "augmentationSteps": "Augmentations by name, in order: after those of `augmentation`, before its cut-out",
        "patience": "Epochs without a better validation score after which training ends; 0 for never",
        "selectionMetric": "What decides which epoch's weights are kept, on the validation part",
        "precision":
            "How activations are kept in training steps: with 32 bits, or with 16 for half the memory; validation and predictions keep 32 bits",
    ]
    .merging(AugmentationPipeline.Settings.meanings.within("augmentation")) { $1 }
    .merging(InterferenceSettings.meanings.within("diagnostics.interference")) { $1 }

    public init() {}

    public func validate() throws {
        try require("epochs", epochs, in: 1...1_000_000)
        try require("batchSize", batchSize, in: 1...65_536)
        try require("imageSize", imageSize, in: 8...4096)
        try require("learningRate", learningRate, in: Double.leastNonzeroMagnitude...10)
        try require("weightDecay", weightDecay, in: 0...10)
        try require("warmUpEpochs", warmUpEpochs, in: 0...Double(epochs))
        try require("finalLearningRate", finalLearningRate, in: 0...learningRate)
        try require("gradientClip", gradientClip, in: 0...Double.greatestFiniteMagnitude)
        try require("accumulation", accumulation, in: 1...65_536)
        try require("replicas", replicas, in: 1...65_536)
        try require("averaging", averaging, in: 0...0.99999)
        try require("patience", patience, in: 0...1_000_000)
        try augmentation.validate()
        try require("diagnostics.interference.every", diagnostics.interference.every, in: 0...1_000_000)
        try require("diagnostics.interference.batches", diagnostics.interference.batches, in: 1...10_000)
    }
}
