public import SegCore
public import SegLayers
public import SegSettings

/// A U-Net whose skips are weakened where the coarser features see nothing of interest.
///
/// - Source: Oktay et al. 2018; see ``AttentionGate``.
public final class AttentionUNet: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
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

        public init() {}

        public func validate() throws {
            try requireStages()
        }
    }

    public static let name = "attention-unet"
    public static let summary = "U-Net with attention gates on its skips"

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
            decoder: .unet(skip: .attention, upsampling: settings.upsampling),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
