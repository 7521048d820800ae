public import SegCore
public import SegLayers
public import SegSettings

/// The U-Net: an encoder that halves the resolution stage by stage, and a decoder that restores it, each stage joined
/// to the encoder's of the same resolution.
///
/// Stage `i` has `width · 2ⁱ` channels. Each stage is two 3×3 convolutions with normalization and ReLU; 2×2 maximum
/// pooling leads down, a transposed convolution (or interpolation) up.
///
/// - Source: Ronneberger, Fischer & Brox 2015, with padding so that the size is kept, and normalization.
public final class UNet: EncoderChoosing {
    public struct Settings: EncoderChoice {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage.
        public var width = 16
        /// `batch`, `instance`, `group`, `layer` or `none`.
        public var normalization = NormalizationKind.batch
        /// `transposed`, `bilinear` or `nearest`.
        public var upsampling = UpsamplingKind.transposed
        /// The share of channels that each stage drops in training.
        public var dropout: Float = 0
        /// An encoder by its name in the registry instead of the backbone's own: `resnet18`, with its settings.
        @OptionalSetting public var encoder: NamedPlugin?

        public static let ownEncoder = ["depth", "width"]

        public init() {}

        public init(
            depth: Int = 5,
            width: Int = 16,
            normalization: NormalizationKind = .batch,
            upsampling: UpsamplingKind = .transposed,
            dropout: Float = 0
        ) {
            self.depth = depth
            self.width = width
            self.normalization = normalization
            self.upsampling = upsampling
            self.dropout = dropout
        }

        public func validate() throws {
            try require("depth", depth, in: 2...8)
            try require("width", width, in: 1...1024)
            try require("dropout", dropout, in: 0...0.9)
        }
    }

    public static let name = "unet"
    public static let summary = "U-Net of any depth and width, with any normalization"

    public let settings: Settings
    public let network: EncoderDecoder

    /// A U-Net with fresh weights.
    public init(
        _ settings: Settings,
        encoder: EncoderDesign?,
        inputChannels: Int,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        self.settings = settings
        network = EncoderDecoder(
            encoder: encoder ?? .staged(.double, widths: (0..<settings.depth).map { settings.width << $0 }),
            decoder: .unet(upsampling: settings.upsampling),
            plan: LayerPlan(normalization: settings.normalization, dropout: settings.dropout),
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
