public import SegCore
public import SegLayers
public import SegTensor

/// The U-Net's decoder: stage by stage up, joined to the encoder's features of the same resolution.
public final class UNetDecoder: Decoder {
    public let levelChannels: [Int]
    private let upsamplings: [Upsampling2D]
    private let skips: [any SkipJoin]
    private let decoder: [any Layer]
    private let dropout: ChannelDropout

    public init(
        _ encoder: EncoderOutline,
        block: Block,
        blocks: Int,
        skip: Skip,
        upsampling: UpsamplingKind,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        encoder.requireStages(2, decoder: "UNetDecoder")
        let widths = encoder.channels
        var (ups, joins, stages): ([Upsampling2D], [any SkipJoin], [any Layer]) = ([], [], [])
        for level in (0..<widths.count - 1).reversed() {
            let width = widths[level]
            ups.append(
                Upsampling2D(
                    upsampling,
                    inputChannels: widths[level + 1],
                    outputChannels: width,
                    initializer: &initializer
                )
            )
            let join = skip(width, width, plan, &initializer)
            joins.append(join)
            stages.append(block.repeated(blocks, Block.Sizes(join.outputChannels, width), plan, &initializer))
        }
        upsamplings = ups
        skips = joins
        decoder = stages
        levelChannels = Array(widths.dropLast())
        dropout = ChannelDropout(rate: plan.dropout)
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        var x = stages[stages.count - 1]
        var levels: [Tensor] = []
        for (index, block) in decoder.enumerated() {
            let skip = stages[stages.count - 2 - index]
            x = dropout(block(skips[index](skip, upsamplings[index](x), phase), phase), phase)
            levels.insert(x, at: 0)
        }
        return levels
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("upsampling", upsamplings)
        visitor.parts("skip", skips)
        visitor.parts("decoder", decoder)
    }
}

extension DecoderDesign {
    /// The U-Net's decoder.
    ///
    /// - Parameter blocks: of each stage.
    public static func unet(
        block: Block = .double,
        blocks: Int = 1,
        skip: Skip = .concatenate,
        upsampling: UpsamplingKind = .transposed
    ) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            UNetDecoder(
                encoder,
                block: block,
                blocks: blocks,
                skip: skip,
                upsampling: upsampling,
                plan: plan,
                initializer: &initializer
            )
        }
    }
}
