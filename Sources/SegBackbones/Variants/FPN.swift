public import SegCore
public import SegLayers
public import SegSettings

/// A feature pyramid network for dense prediction.
///
/// - Source: Lin et al. 2017; levels added up at the finest resolution as in Kirillov et al. 2019.
public final class FPN: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// Channels of each level of the pyramid.
        public var pyramidWidth = 32
        /// Residual blocks of each stage.
        public var blocks = 1
        /// `batch`, `instance`, `group`, `layer` or `none`.
        public var normalization = NormalizationKind.batch
        /// `relu`, `leaky-relu`, `relu6`, `silu` or `gelu`.
        public var activation = ActivationKind.relu
        /// The share of channels that each stage drops in training.
        public var dropout: Float = 0
        /// An encoder by its name in the registry instead of the backbone's own: `resnet18`, with its settings.
        @OptionalSetting public var encoder: NamedPlugin?

        public static let meanings = sharedMeanings.merging([
            "pyramidWidth": "Channels of each level of the pyramid",
            "blocks": "Residual blocks of each stage",
        ]) { $1 }

        public static let ownEncoder = ["depth", "width", "maximumWidth", "blocks"]

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("pyramidWidth", pyramidWidth, in: 1...1024)
            try require("blocks", blocks, in: 1...64)
        }
    }

    public static let name = "fpn"
    public static let summary = "Feature pyramid: residual encoder, all scales added up"

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
            decoder: .pyramid(channels: settings.pyramidWidth),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
