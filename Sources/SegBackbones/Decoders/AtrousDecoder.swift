public import SegCore
public import SegLayers
public import SegTensor

/// DeepLabv3+'s decoder: the coarsest stage seen at several scales at once, made as large as a fine stage, joined to it, and
/// made as large as the image.
public final class AtrousDecoder: Decoder {
    public let levelChannels: [Int]
    private let lowStage: Int
    private let point: ConvolutionUnit
    private let atrous: [ConvolutionUnit]
    private let pooled: Linear
    private let project: ConvolutionUnit
    private let low: ConvolutionUnit
    private let refine: [SeparableConvolution]
    private let activation: ActivationKind
    private let dropout: ChannelDropout

    /// - Parameters:
    ///   - rates: distances of the taps of the parallel 3×3 convolutions, px of the coarsest stage.
    ///   - lowStage: the fine stage that details come from.
    ///   - lowChannels: that it is brought to.
    public init(
        _ encoder: EncoderOutline,
        channels: Int,
        rates: [Int],
        lowStage: Int,
        lowChannels: Int,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        encoder.requireStages(1, decoder: "AtrousDecoder")
        requireOperands(
            lowStage >= 0,
            "there is no stage \(lowStage)",
            cure: "count from 0, the finest",
            operation: "AtrousDecoder"
        )
        let widths = encoder.channels
        let deep = widths[widths.count - 1]
        self.lowStage = min(lowStage, widths.count - 1)
        point = plan.unit(deep, channels, kernelSize: 1, initializer: &initializer)
        atrous = rates.map { plan.unit(deep, channels, dilation: $0, initializer: &initializer) }
        pooled = Linear(inputs: deep, outputs: channels, initializer: &initializer)
        project = plan.unit((rates.count + 2) * channels, channels, kernelSize: 1, initializer: &initializer)
        low = plan.unit(widths[self.lowStage], lowChannels, kernelSize: 1, initializer: &initializer)
        refine = [
            SeparableConvolution(Block.Sizes(channels + lowChannels, channels), plan: plan, initializer: &initializer),
            SeparableConvolution(Block.Sizes(channels, channels), plan: plan, initializer: &initializer),
        ]
        activation = plan.activation
        levelChannels = [channels, channels]
        dropout = ChannelDropout(rate: plan.dropout)
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        let deep = stages[stages.count - 1]
        let branches = [point(deep, phase)] + atrous.map { $0(deep, phase) }
        // No normalization here: a batch of one would have a single value to normalize by.
        let mean = activation(pooled(deep.globalAveragePooled()))
        let shape = branches[0].shape
        let whole = mean.reshaped(to: [shape[0], shape[1], 1, 1]).broadcast(to: shape)
        let context = dropout(project(.concatenated(branches + [whole]), phase), phase)
        let detail = low(stages[lowStage], phase)
        let joined = Tensor.concatenated([
            context.resizedBilinear(height: detail.shape[2], width: detail.shape[3]), detail,
        ])
        let refined = refine.reduce(joined) { $1($0, phase) }
        let (height, width) = (stages[0].shape[2], stages[0].shape[3])
        return [refined.resizedBilinear(height: height, width: width), refined]
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("point", point)
        visitor.parts("atrous", atrous)
        visitor.part("pooled", pooled)
        visitor.part("project", project)
        visitor.part("low", low)
        visitor.parts("refine", refine)
    }
}

extension DecoderDesign {
    /// DeepLabv3+'s decoder.
    ///
    /// - Parameters:
    ///   - rates: distances of the taps of the parallel convolutions, px of the coarsest stage.
    ///   - lowStage: the fine stage that details come from.
    public static func atrous(
        channels: Int,
        rates: [Int] = [6, 12, 18],
        lowStage: Int = 2,
        lowChannels: Int = 48
    ) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            AtrousDecoder(
                encoder,
                channels: channels,
                rates: rates,
                lowStage: lowStage,
                lowChannels: lowChannels,
                plan: plan,
                initializer: &initializer
            )
        }
    }
}
