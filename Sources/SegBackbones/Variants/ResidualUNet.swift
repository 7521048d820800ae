public import SegCore
public import SegLayers
public import SegSettings

/// A U-Net with many residual blocks in its encoder and one convolution a stage in its decoder.
///
/// - Source: Isensee et al. 2024, "nnU-Net Revisited" (ResEnc), in shape: stem, blocks of each stage, strided convolutions
///   down, transposed ones up.
public final class ResidualUNet: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// Residual blocks of each stage, finest first; 1, 3, 4, 6, 6, … if empty.
        public var blocks: [Int] = []
        /// `basic`, `bottleneck` or `pre-activation`.
        public var block = ResidualKind.basic
        /// Whether a squeeze and excitation ends each block.
        public var squeezes = false
        /// `batch`, `instance`, `group`, `layer` or `none`.
        public var normalization = NormalizationKind.batch
        /// `relu`, `leaky-relu`, `relu6`, `silu` or `gelu`.
        public var activation = ActivationKind.relu
        /// `transposed`, `bilinear` or `nearest`.
        public var upsampling = UpsamplingKind.transposed
        /// The share of channels that each stage drops in training.
        public var dropout: Float = 0
        /// The chance that the deepest block is left out for an image in training.
        public var stochasticDepth: Float = 0
        /// An encoder by its name in the registry instead of the backbone's own: `resnet18`, with its settings.
        @OptionalSetting public var encoder: NamedPlugin?

        public static let meanings = sharedMeanings.merging([
            "blocks": SettingMeaning(
                "Residual blocks of each stage, finest first; 1, 3, 4, 6, 6, … if empty",
                range: "1 to 64 each"
            ),
            "block": "The residual block",
            "squeezes": "Whether each block ends with a squeeze and excitation",
            "stochasticDepth": "The chance that the deepest block is left out for an image in training",
        ]) { $1 }

        public static let ownEncoder = ["depth", "width", "maximumWidth", "blocks", "block", "squeezes"]

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("stochasticDepth", stochasticDepth, in: 0...0.9)
            guard blocks.isEmpty || blocks.count == depth, blocks.allSatisfy((1...64).contains) else {
                throw SegmentationError(
                    "blocks",
                    "is \(blocks)",
                    cure: "give a number from 1 to 64 for each of the \(depth) stages, or none"
                )
            }
        }
    }

    public static let name = "residual-unet"
    public static let summary = "U-Net whose encoder is made of residual blocks, as nnU-Net's ResEnc"

    public let network: EncoderDecoder

    public init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        var plan = settings.plan
        plan.stochasticDepth = settings.stochasticDepth
        let usual = (0..<settings.depth).map { [1, 3, 4, 6][min($0, 3)] }
        network = EncoderDecoder(
            encoder: encoder
                ?? .residual(
                    settings.block,
                    widths: settings.widths,
                    blocks: settings.blocks.isEmpty ? usual : settings.blocks,
                    squeezes: settings.squeezes
                ),
            decoder: .unet(block: .single, upsampling: settings.upsampling),
            plan: plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
