public import SegCore
public import SegLayers
public import SegSettings

/// The U-Net 3+: every level of the decoder reads all finer stages of the encoder, its own, and all coarser levels.
///
/// - Source: Huang et al. 2020, without its classification-guided module.
public final class UNet3Plus: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// Channels that each scale is brought to; 0 for the first stage's.
        public var skipChannels = 0
        /// `batch`, `instance`, `group`, `layer` or `none`.
        public var normalization = NormalizationKind.batch
        /// `relu`, `leaky-relu`, `relu6`, `silu` or `gelu`.
        public var activation = ActivationKind.relu
        /// The share of channels that each stage drops in training.
        public var dropout: Float = 0
        /// An encoder by its name in the registry instead of the backbone's own: `resnet18`, with its settings.
        @OptionalSetting public var encoder: NamedPlugin?

        public static let meanings = sharedMeanings.merging([
            "skipChannels": "Channels that each scale is brought to; 0 for the first stage's"
        ]) { $1 }

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("skipChannels", skipChannels, in: 0...1024)
        }
    }

    public static let name = "unet3-plus"
    public static let summary = "U-Net 3+: every level of the decoder reads all scales"

    public let network: EncoderDecoder

    public init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        network = EncoderDecoder(
            encoder: encoder ?? .staged(.double, widths: settings.widths),
            decoder: .fullScale(channels: settings.skipChannels == 0 ? nil : settings.skipChannels),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
