public import SegCore
import SegLayers
public import SegLosses
public import SegSettings
public import SegTensor

/// Predicts the lesion's mask: a 1×1 convolution on the dense features, trained with cross-entropy and soft Dice, or with
/// the losses that its settings name.
public final class SegmentationHead: ComposedHead {
    public struct Settings: ComposedSettings {
        /// Weight of the binary cross-entropy.
        public var crossEntropy: Float = 1
        /// Weight of the soft Dice loss.
        public var dice: Float = 1
        /// `smoothed` or `excluded`: what images without a lesion count as in the Dice loss.
        public var emptyTargets = EmptyTargetPolicy.smoothed
        /// Losses by name, with weights and settings, in place of the three above; none for those.
        public var losses: [WeightedPlugin] = []

        public init() {}

        public func validate() throws {
            try MaskLossChoice(crossEntropy, dice, emptyTargets, nil).validate(losses)
        }

        public func resolved(in registry: PluginRegistry, subject: String) throws -> Settings {
            var settings = self
            settings.losses = try registry.resolved(losses: losses, subject: "\(subject).losses")
            return settings
        }
    }

    public static let name = "segmentation"
    public static let summary = "Mask of the lesion: 1×1 convolution, cross-entropy plus soft Dice"

    private let lossChoice: MaskLossChoice
    private let convolution: Convolution2D

    public convenience init(
        _ settings: Settings,
        registry: PluginRegistry,
        subject: String,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        let losses = try registry.makeLosses(settings.losses, subject: "\(subject).losses")
        try self.init(settings, losses: losses, backbone: backbone, initializer: &initializer)
    }

    /// Throws: ``SegmentationError`` for settings out of range, and for those that name losses, which only a registry knows.
    public convenience init(
        _ settings: Settings,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        try self.init(settings, losses: nil, backbone: backbone, initializer: &initializer)
    }

    /// - Parameter losses: what the head is trained with; that of the settings' weights if `nil`.
    public init(
        _ settings: Settings,
        losses: WeightedMaskLoss?,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        lossChoice = MaskLossChoice(settings.crossEntropy, settings.dice, settings.emptyTargets, losses)
        try lossChoice.requireMade(settings.losses)
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
        return lossChoice(logits, batch.masks)
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("convolution", convolution) }
}
