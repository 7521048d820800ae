public import SegCore
public import SegLayers
public import SegTensor

/// A backbone of any encoder and any decoder.
///
/// ```swift
/// let plan = LayerPlan(normalization: .instance, activation: .leakyRelu)
/// let network = EncoderDecoder(
///     encoder: .residual(widths: [32, 64, 128, 256]),
///     decoder: .unet(skip: .attention),
///     plan: plan,
///     initializer: &initializer
/// )
/// ```
///
/// To have it in configurations by name, wrap it in a ``ComposedBackbone``.
public final class EncoderDecoder: Backbone {
    public static let name = "encoder-decoder"
    public static let summary = "Any encoder with any decoder, composed in Swift; by default a U-Net"

    public let outline: PyramidOutline
    private let encoder: any Encoder
    private let decoder: any Decoder

    public init(
        encoder: EncoderDesign,
        decoder: DecoderDesign,
        plan: LayerPlan = LayerPlan(),
        inputChannels: Int = 1,
        initializer: inout WeightInitializer
    ) {
        let own = encoder(inputChannels, plan, &initializer)
        self.encoder = own
        self.decoder = decoder(own.outline, plan, &initializer)
        outline = PyramidOutline(
            denseChannels: self.decoder.levelChannels[0],
            bottleneckChannels: own.outline.channels.last ?? inputChannels,
            levelChannels: self.decoder.levelChannels,
            stageChannels: own.outline.channels,
            sizeMultiple: own.outline.scales.max() ?? 1
        )
    }

    public convenience init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) {
        self.init(
            encoder: .staged(.double, widths: [16, 32, 64, 128, 256]),
            decoder: .unet(),
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }

    public var imageScaling: ImageScaling { encoder.imageScaling }

    public var publishedWeights: PublishedWeights? { encoder.publishedWeights }

    public func readPublishedWeights() throws -> PublishedWeights? { try encoder.readPublishedWeights() }

    public func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        let stages = encoder.stages(of: images, phase: phase)
        let levels = decoder.levels(from: stages, phase: phase)
        return FeaturePyramid(dense: levels[0], bottleneck: stages[stages.count - 1], levels: levels, stages: stages)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        encoder.visit(&visitor)
        decoder.visit(&visitor)
    }
}

/// A backbone that only names a composition: settings and an ``EncoderDecoder``.
public protocol ComposedBackbone: Backbone {
    /// What it is composed of.
    var network: EncoderDecoder { get }
}

extension ComposedBackbone {
    public var outline: PyramidOutline { network.outline }

    public var imageScaling: ImageScaling { network.imageScaling }

    public var publishedWeights: PublishedWeights? { network.publishedWeights }

    public func readPublishedWeights() throws -> PublishedWeights? { try network.readPublishedWeights() }

    public func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        network.features(of: images, phase: phase)
    }

    public func visit(_ visitor: inout ModuleVisitor) { network.visit(&visitor) }
}
