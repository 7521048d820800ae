public import SegCore
public import SegLayers
public import SegTensor

/// LinkNet's decoder: each stage up through a quarter of the channels, then added to the encoder's features.
public final class LinkDecoder: Decoder {
    public let levelChannels: [Int]
    private let reduce: [ConvolutionUnit]
    private let upsamplings: [Upsampling2D]
    private let expand: [ConvolutionUnit]

    public init(
        _ encoder: EncoderOutline,
        upsampling: UpsamplingKind,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        encoder.requireStages(2, decoder: "LinkDecoder")
        let widths = encoder.channels
        var (reduce, ups, expand): ([ConvolutionUnit], [Upsampling2D], [ConvolutionUnit]) = ([], [], [])
        for level in (0..<widths.count - 1).reversed() {
            let inner = max(1, widths[level + 1] / 4)
            reduce.append(plan.unit(widths[level + 1], inner, kernelSize: 1, initializer: &initializer))
            ups.append(
                Upsampling2D(upsampling, inputChannels: inner, outputChannels: inner, initializer: &initializer)
            )
            expand.append(plan.unit(inner, widths[level], kernelSize: 1, initializer: &initializer))
        }
        self.reduce = reduce
        upsamplings = ups
        self.expand = expand
        levelChannels = Array(widths.dropLast())
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        var x = stages[stages.count - 1]
        var levels: [Tensor] = []
        for index in reduce.indices {
            let up = upsamplings[index](reduce[index](x, phase))
            x = expand[index](up, phase, plus: stages[stages.count - 2 - index], relu: false)
            levels.insert(x, at: 0)
        }
        return levels
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("reduce", reduce)
        visitor.parts("upsampling", upsamplings)
        visitor.parts("expand", expand)
    }
}

extension DecoderDesign {
    /// LinkNet's decoder.
    public static func link(upsampling: UpsamplingKind = .transposed) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            LinkDecoder(encoder, upsampling: upsampling, plan: plan, initializer: &initializer)
        }
    }
}
