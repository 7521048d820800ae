public import SegCore
public import SegLayers
public import SegTensor

/// The U-Net: an encoder that halves the resolution stage by stage, and a decoder that restores it, each stage joined
/// to the encoder's of the same resolution.
///
/// Stage `i` has `width · 2ⁱ` channels. Each stage is two 3×3 convolutions with normalisation and ReLU; 2×2 maximum
/// pooling leads down, a transposed convolution (or bilinear interpolation) up.
///
/// - Source: Ronneberger, Fischer & Brox 2015, with padding so that the size is kept, and normalisation.
public final class UNet: Backbone {
    public struct Settings: PluginSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage.
        public var width = 16
        /// `batch`, `instance` or `none`.
        public var normalisation = NormalisationKind.batch
        /// `transposed` or `bilinear`.
        public var upsampling = UpsamplingKind.transposed

        public init() {}

        public init(
            depth: Int = 5,
            width: Int = 16,
            normalisation: NormalisationKind = .batch,
            upsampling: UpsamplingKind = .transposed
        ) {
            self.depth = depth
            self.width = width
            self.normalisation = normalisation
            self.upsampling = upsampling
        }

        public func validate() throws {
            guard (2...8).contains(depth) else {
                throw SegmentationError("depth", "is \(depth)", cure: "use a depth from 2 to 8")
            }
            guard (1...1024).contains(width) else {
                throw SegmentationError("width", "is \(width)", cure: "use a width from 1 to 1024")
            }
        }
    }

    public static let name = "unet"
    public static let summary = "U-Net of any depth and width, batch or instance normalisation"

    public let settings: Settings
    public let outline: PyramidOutline

    private let encoder: [DoubleConvolution]
    private let upsamplings: [Upsampling2D]
    private let decoder: [DoubleConvolution]

    /// A U-Net with fresh weights.
    public init(_ settings: Settings, inputChannels: Int = 1, initializer: inout WeightInitializer) throws {
        try settings.validate()
        self.settings = settings
        let widths = (0..<settings.depth).map { settings.width << $0 }
        var stages: [DoubleConvolution] = []
        for (level, channels) in widths.enumerated() {
            stages.append(
                DoubleConvolution(
                    inputChannels: level == 0 ? inputChannels : widths[level - 1],
                    outputChannels: channels,
                    normalisation: settings.normalisation,
                    initializer: &initializer
                )
            )
        }
        encoder = stages
        var ups: [Upsampling2D] = []
        var joins: [DoubleConvolution] = []
        for level in (0..<settings.depth - 1).reversed() {
            ups.append(
                Upsampling2D(
                    settings.upsampling,
                    inputChannels: widths[level + 1],
                    outputChannels: widths[level],
                    initializer: &initializer
                )
            )
            joins.append(
                DoubleConvolution(
                    inputChannels: 2 * widths[level],
                    outputChannels: widths[level],
                    normalisation: settings.normalisation,
                    initializer: &initializer
                )
            )
        }
        upsamplings = ups
        decoder = joins
        outline = PyramidOutline(
            denseChannels: widths[0],
            bottleneckChannels: widths[settings.depth - 1],
            levelChannels: Array(widths.dropLast()),
            sizeMultiple: 1 << (settings.depth - 1)
        )
    }

    public func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        var x = images
        var skips: [Tensor] = []
        for (level, stage) in encoder.enumerated() {
            x = stage(x, phase)
            if level < encoder.count - 1 {
                skips.append(x)
                x = x.maxPooled2x2()
            }
        }
        let bottleneck = x
        var levels: [Tensor] = []
        for (up, join) in zip(upsamplings, decoder) {
            x = join(Tensor.concatenated([skips.removeLast(), up(x)]), phase)
            levels.insert(x, at: 0)
        }
        return FeaturePyramid(dense: x, bottleneck: bottleneck, levels: levels)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("encoder", encoder)
        visitor.parts("upsampling", upsamplings)
        visitor.parts("decoder", decoder)
    }
}
