public import SegCore
public import SegLayers
public import SegSettings

/// DeepLabv3+: a residual encoder whose last stages are dilated, its coarsest features seen at several scales, and details from
/// a fine stage.
///
/// - Source: Chen et al. 2018.
public final class DeepLabV3Plus: EncoderChoosing {
    public struct Settings: StagedSettings {
        /// Stages, the bottleneck included.
        public var depth = 5
        /// Channels of the first stage; each has twice as many as the one before.
        public var width = 16
        /// Channels of a stage at most.
        public var maximumWidth = 512
        /// How many of the last stages, of a named encoder too, keep their resolution and spread their taps instead.
        public var dilatedStages = 1
        /// Channels of the decoder.
        public var decoderWidth = 64
        /// Distances of the taps of the parallel convolutions, px of the coarsest stage.
        public var rates: [Int] = [6, 12, 18]
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
            "dilatedStages": SettingMeaning(
                "How many of the last stages, of a named encoder too, keep their resolution and spread their taps instead",
                range: "0 to `depth` − 1; to 2 of a published network, 0 of `vgg16-bn`"
            ),
            "decoderWidth": "Channels of the decoder",
            "rates": SettingMeaning(
                "Distances of the taps of the parallel convolutions",
                unit: "px of the coarsest stage",
                range: "one to eight numbers from 1 to 64"
            ),
            "blocks": "Residual blocks of each stage",
        ]) { $1 }

        public static let ownEncoder = ["depth", "width", "maximumWidth", "blocks"]

        public init() {}

        public func validate() throws {
            try requireStages()
            try require("dilatedStages", dilatedStages, in: 0...depth - 1)
            try require("decoderWidth", decoderWidth, in: 1...1024)
            try require("blocks", blocks, in: 1...64)
            guard (1...8).contains(rates.count), rates.allSatisfy((1...64).contains) else {
                throw SegmentationError("rates", "is \(rates)", cure: "give one to eight distances from 1 to 64")
            }
        }
    }

    public static let name = "deeplabv3-plus"
    public static let summary = "DeepLabv3+: dilated encoder, atrous pyramid, a small decoder"

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
                    blocks: Array(repeating: settings.blocks, count: settings.depth),
                    dilatedStages: settings.dilatedStages
                ),
            decoder: .atrous(
                channels: settings.decoderWidth,
                rates: settings.rates,
                lowChannels: max(1, settings.decoderWidth * 3 / 16)
            ),
            plan: settings.plan,
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}
