public import SegCore
public import SegLayers
public import SegSettings

/// A U-Net whose stages are dense blocks: each layer reads all before it.
///
/// - Source: Jégou et al. 2017 (Tiramisu), with a 1×1 convolution after each block; see ``DenseBlock``.
public final class DenseUNet: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// Layers of each block.
        public var layers = 4
        /// Channels that each layer adds; 0 for a quarter of the stage's.
        public var growth = 0
        /// `batch`, `instance`, `group`, `layer` or `none`.
        public var normalization = NormalizationKind.batch
        /// `relu`, `leaky-relu`, `relu6`, `silu` or `gelu`.
        public var activation = ActivationKind.relu
        /// `transposed`, `bilinear` or `nearest`.
        public var upsampling = UpsamplingKind.transposed
        /// The share of channels that each stage drops in training.
        public var dropout: Float = 0
        /// An encoder by its name in the registry instead of the backbone's own: `resnet18`, with its settings.
        @OptionalSetting public var encoder: NamedPlugin?

        public static let meanings = sharedMeanings.merging([
            "layers": "Layers of each block",
            "growth": "Channels that each layer adds; 0 for a quarter of the stage's",
        ]) { $1 }

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("layers", layers, in: 1...32)
            try require("growth", growth, in: 0...512)
        }
    }

    public static let name = "dense-unet"
    public static let summary = "U-Net of dense blocks"

    public let network: EncoderDecoder

    public init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        let block = Block.dense(layers: settings.layers, growth: settings.growth == 0 ? nil : settings.growth)
        network = EncoderDecoder(
            encoder: encoder ?? .staged(block, widths: settings.widths),
            decoder: .unet(block: block, upsampling: settings.upsampling),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
