public import SegCore
import SegLayers
public import SegLosses
public import SegTensor

/// Predicts the lesion's mask: a 1×1 convolution on the dense features, trained with cross-entropy and soft Dice.
public final class SegmentationHead: TaskHead {
    public struct Settings: PluginSettings {
        /// Weight of the binary cross-entropy.
        public var crossEntropy: Float = 1
        /// Weight of the soft Dice loss.
        public var dice: Float = 1
        /// `smoothed` or `excluded`: what images without a lesion count as in the Dice loss.
        public var emptyTargets = EmptyTargetPolicy.smoothed

        public init() {}

        public func validate() throws {
            guard crossEntropy >= 0, dice >= 0, crossEntropy + dice > 0 else {
                throw SegmentationError(
                    "crossEntropy",
                    "the weights of cross-entropy (\(crossEntropy)) and Dice (\(dice)) leave no loss",
                    cure: "use weights of 0 or more, at least one of them above 0"
                )
            }
        }
    }

    public static let name = "segmentation"
    public static let summary = "Mask of the lesion: 1×1 convolution, cross-entropy plus soft Dice"

    private let settings: Settings
    private let convolution: Convolution2D

    public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        try settings.validate()
        self.settings = settings
        convolution = Convolution2D(
            inputChannels: backbone.denseChannels,
            outputChannels: 1,
            kernelSize: 1,
            initializer: &initializer
        )
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs[.lesion] = convolution(features.dense)
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[.lesion] else { return nil }
        return maskLoss(
            logits,
            batch.masks,
            crossEntropy: settings.crossEntropy,
            dice: settings.dice,
            emptyTargets: settings.emptyTargets
        )
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("convolution", convolution) }
}
