public import SegCore
import SegLayers
public import SegLosses
public import SegSettings
public import SegTensor

/// Predicts the lesion's mask from every level of the decoder, each trained against the truth at its resolution.
///
/// Gradients reach the coarse levels directly. At inference one level predicts, the finest unless set otherwise.
///
/// - Source: Lee et al. 2015; weights that halve from level to level as in Isensee et al. 2021.
public final class DeepSupervisionHead: MaskLossHead {
    public struct Settings: MaskLossSettings, ExplainedSettings {
        /// Weight of the binary cross-entropy.
        public var crossEntropy: Float = 1
        /// Weight of the soft Dice loss.
        public var dice: Float = 1
        /// `smoothed` or `excluded`: what images without a lesion count as in the Dice loss.
        public var emptyTargets = EmptyTargetPolicy.smoothed
        /// Losses by name, with weights and settings, in place of `crossEntropy`, `dice` and `emptyTargets`; none for those.
        public var losses: [WeightedPlugin] = []
        /// Weight of each level's loss against the next finer one's; they add up to 1.
        public var decay: Float = 0.5
        /// How many of the finest levels are supervised; 0 for all.
        public var levels = 0
        /// The level that predicts, 0 for the finest; of a coarser one, U-Net++ leaves out at inference what only finer ones
        /// need.
        public var predictsFrom = 0
        /// The share of the pixels that a new head takes for lesion; a half if not set.
        @OptionalSetting public var lesionShare: Float?

        public static let meanings: [String: SettingMeaning] = [
            "crossEntropy": SettingMeaning("Weight of the binary cross-entropy", range: "0 or more"),
            "dice": SettingMeaning("Weight of the soft Dice loss", range: "0 or more"),
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
            "losses":
                "[Losses](#loss) by name, with weights and settings, in place of `crossEntropy`, `dice` and `emptyTargets`",
            "decay": "Weight of each level's loss against the next finer one's; they add up to 1",
            "levels": "How many of the finest levels are supervised; 0 for all",
            "predictsFrom":
                "The level that predicts, 0 for the finest; of a coarser one, U-Net++ leaves out at inference what only finer ones need",
            "lesionShare": lesionShareMeaning,
        ]

        public init() {}

        public func validate() throws {
            try MaskLossChoice(self).validate(losses)
            try require("decay", decay, in: .leastNonzeroMagnitude...1)
            try require("levels", levels, in: 0...16)
            try require("predictsFrom", predictsFrom, in: 0...15)
            try requireLesionShare(lesionShare)
        }
    }

    public static let name = "deep-supervision"
    public static let summary = "Mask of the lesion from every level of the decoder, each with its own loss"

    private let settings: Settings
    private let lossChoice: MaskLossChoice
    private let convolutions: [Convolution2D]

    /// - Parameter losses: what each level is trained with; that of the settings' weights if `nil`.
    public init(
        _ settings: Settings,
        losses: WeightedMaskLoss?,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        lossChoice = try MaskLossChoice(of: settings, made: losses)
        let all = backbone.levelChannels.isEmpty ? [backbone.denseChannels] : backbone.levelChannels
        let channels = settings.levels == 0 ? all : Array(all.prefix(settings.levels))
        guard settings.predictsFrom < channels.count else {
            throw SegmentationError(
                "predictsFrom",
                "is \(settings.predictsFrom), and \(channels.count) levels are supervised",
                cure: "use a level from 0 to \(channels.count - 1)"
            )
        }
        self.settings = settings
        convolutions = channels.map {
            Convolution2D(inputChannels: $0, outputChannels: 1, kernelSize: 1, initializer: &initializer)
        }
        if let share = settings.lesionShare {
            for convolution in convolutions { convolution.startLogits(LabelSet.lesionOnly.logits(ofShare: share)) }
        }
    }

    public var provides: Set<Outputs.Key> { [.lesion] }

    /// Of the dense features only the size is read.
    public var finestLevel: Int? { settings.predictsFrom }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let levels = features.levels.isEmpty ? [features.dense] : features.levels
        let (height, width) = (features.dense.shape[2], features.dense.shape[3])
        for (index, convolution) in convolutions.enumerated() {
            let predicts = index == settings.predictsFrom
            guard predicts || phase.isTraining else { continue }
            let logits = convolution(levels[index])
            if phase.isTraining { outputs[Self.key(index)] = logits }
            if predicts { outputs[.lesion] = logits.resizedBilinear(height: height, width: width) }
        }
    }

    /// The logits of a level, at its own resolution; in training only.
    static func key(_ level: Int) -> Outputs.Key { Outputs.Key(stringLiteral: "lesion of level \(level)") }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        let supervised = convolutions.indices.compactMap { index in outputs[Self.key(index)].map { (index, $0) } }
        // At inference, as for a validation part, the prediction alone.
        guard !supervised.isEmpty else { return outputs[.lesion].map { lossChoice($0, batch.masks) } }
        let weights = supervised.map { index, _ in (0..<index).reduce(Float(1)) { weight, _ in weight * settings.decay }
        }
        let total = weights.reduce(0, +)
        let losses = zip(supervised, weights).map { level, weight in
            let scale = batch.masks.shape[2] / max(1, level.1.shape[2])
            let masks = scale > 1 ? batch.masks.averagePooled(window: scale) : batch.masks
            return lossChoice(level.1, masks) * (weight / total)
        }
        return losses.dropFirst().reduce(losses[0]) { $0 + $1 }
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.parts("level", convolutions) }
}
