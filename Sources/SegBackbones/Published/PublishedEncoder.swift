public import SegCore
public import SegLayers
public import SegTensor

/// An encoder of a published network, and of the stages that it lacks.
///
/// Most published networks begin at half the image's resolution or a quarter of it. Convolution units of the network's own
/// style make the stages before, so that every decoder fits.
///
/// With weights it sees intensities `0...1`, scaled as in their training, instead of standardized images; gray images go
/// through a stem of summed kernels.
public final class PublishedEncoder: Encoder {
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// A file of weights, as torchvision or timm publish them: `.safetensors`, `.pth` or `.pt`; random weights if there is
        /// none. A relative path is taken from the working directory.
        @OptionalSetting public var weights: String?
        /// How many of the first stages of the published network keep their weights and statistics.
        public var frozenStages = 0
        /// What the learning rate of the published network is multiplied by.
        public var learningRateFactor = 1.0
        /// Channels of the stage at the image's resolution, where the published network has none.
        public var detailWidth = 16

        public static let meanings: [String: SettingMeaning] = [
            "weights":
                "A file of weights as torchvision or timm publish them, `.safetensors`, `.pth` or `.pt`; random weights if not set. A relative path is taken from the working directory",
            "frozenStages": "How many of the first stages keep their published weights and statistics",
            "learningRateFactor": "What the learning rate of the published network is multiplied by",
            "detailWidth": "Channels of the stage at the image's resolution, where the published network has none",
        ]

        public init() {}

        public init(
            weights: String?,
            frozenStages: Int = 0,
            learningRateFactor: Double = 1,
            detailWidth: Int = 16
        ) {
            self.weights = weights
            self.frozenStages = frozenStages
            self.learningRateFactor = learningRateFactor
            self.detailWidth = detailWidth
        }

        public func validate() throws {
            try require("frozenStages", frozenStages, in: 0...5)
            try require("learningRateFactor", learningRateFactor, in: 1e-6...100)
            try require("detailWidth", detailWidth, in: 1...512)
            if weights?.isEmpty == true {
                throw SegmentationError("weights", "is empty", cure: "name a file, or leave it out")
            }
            if frozenStages > 0, weights == nil {
                throw SegmentationError(
                    "frozenStages",
                    "is \(frozenStages), but random weights cannot be kept",
                    cure: "name a file of `weights`, or set frozenStages to 0"
                )
            }
        }
    }

    public let outline: EncoderOutline
    /// The network.
    public let network: PublishedNetwork
    let settings: Settings
    let trunk: any PublishedTrunk
    let inputChannels: Int
    private let detail: [ConvolutionUnit]

    /// - Parameter dilatedStages: how many of the last stages keep their resolution and spread their taps instead, up to
    ///   ``PublishedNetwork/dilatableStages``.
    public init(
        _ network: PublishedNetwork,
        settings: Settings,
        inputChannels: Int,
        dilatedStages: Int = 0,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        requireOperands(
            (0...network.dilatableStages).contains(dilatedStages),
            "\(dilatedStages) stages of \(network.rawValue) cannot be dilated",
            cure: "dilate from 0 to \(network.dilatableStages) of the last ones",
            operation: "PublishedEncoder"
        )
        self.network = network
        self.settings = settings
        self.inputChannels = inputChannels
        let hasGrayStem = settings.weights != nil && inputChannels == 1
        let trunk = network.trunk(
            inputChannels: hasGrayStem ? network.colors.grayChannels : inputChannels,
            dilatedStages: dilatedStages,
            initializer: &initializer
        )
        self.trunk = trunk
        var (detail, channels, scales) = ([ConvolutionUnit](), [Int](), [Int]())
        var inputs = hasGrayStem ? network.colors.grayChannels : inputChannels
        let missing = sequence(first: 1) { $0 * 2 }.prefix { $0 < trunk.outline.scales[0] }
        for (index, scale) in missing.enumerated() {
            let width = settings.detailWidth << index
            detail.append(plan.unit(inputs, width, stride: index == 0 ? 1 : 2, initializer: &initializer))
            inputs = width
            channels.append(width)
            scales.append(scale)
        }
        self.detail = detail
        outline = EncoderOutline(
            channels: channels + trunk.outline.channels,
            scales: scales + trunk.outline.scales
        )
    }

    public var imageScaling: ImageScaling { settings.weights == nil ? .standardized : .intensities }

    public func stages(of images: Tensor, phase: Phase) -> [Tensor] {
        let images = settings.weights == nil ? images : network.colors.scaled(images)
        var stages: [Tensor] = []
        for unit in detail { stages.append(unit(stages.last ?? images, phase)) }
        var x = images
        for index in trunk.outline.channels.indices {
            // What is frozen is as in inference: its statistics stay, and nothing is recorded for it.
            x =
                index < settings.frozenStages
                ? withoutGradients { trunk.stage(index, of: x, phase: .inference) }
                : trunk.stage(index, of: x, phase: phase)
            stages.append(x)
        }
        return stages
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("detail", detail)
        visitor.scalingLearningRate(by: settings.learningRateFactor) { $0.part(network.rawValue, trunk) }
    }
}

extension EncoderDesign {
    /// A published network, whose weights are in a file.
    public static func published(
        _ network: PublishedNetwork,
        settings: PublishedEncoder.Settings = .init()
    ) -> EncoderDesign {
        EncoderDesign(dilatableStages: network.dilatableStages) { inputChannels, dilatedStages, plan, initializer in
            PublishedEncoder(
                network,
                settings: settings,
                inputChannels: inputChannels,
                dilatedStages: dilatedStages,
                plan: plan,
                initializer: &initializer
            )
        }
    }
}
