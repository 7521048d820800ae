public import SegCore
public import SegLayers
public import SegSettings

/// LinkNet: a residual encoder and a decoder through a quarter of the channels, whose skips are added.
///
/// - Source: Chaurasia & Culurciello 2017, with a stem at full resolution, so that the last level is at the images' own.
public final class LinkNet: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// Residual blocks of each stage.
        public var blocks = 2
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
            "blocks": "Residual blocks of each stage"
        ]) { $1 }

        public static let ownEncoder = ["depth", "width", "maximumWidth", "blocks"]

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("blocks", blocks, in: 1...64)
        }
    }

    public static let name = "linknet"
    public static let summary = "LinkNet: residual encoder, a thin decoder, skips that are added"

    public let network: EncoderDecoder

    public init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        network = EncoderDecoder(
            encoder: encoder
                ?? .residual(
                    widths: settings.widths,
                    blocks: Array(repeating: settings.blocks, count: settings.depth)
                ),
            decoder: .link(upsampling: settings.upsampling),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
