public import SegCore
public import SegLayers
public import SegTensor

/// The U-Net++'s decoder: between encoder and decoder of every resolution a chain of nodes, each of which reads all nodes
/// before it and the one below.
///
/// Its levels all have the images' resolution: the last node first, which has seen all stages, then those that have seen one
/// fewer. Supervised each by itself, any of them is a network of its own: at inference the nodes that only finer levels than
/// those of the ``SegCore/Phase/finestLevel`` need are left out, and that level stands for them.
public final class NestedDecoder: Decoder {
    public let levelChannels: [Int]
    /// `[column][stage]`, beginning with the column after the encoder.
    private let upsamplings: [[Upsampling2D]]
    private let nodes: [[any Layer]]
    private let dropout: ChannelDropout

    public init(
        _ encoder: EncoderOutline,
        block: Block,
        upsampling: UpsamplingKind,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        encoder.requireStages(2, decoder: "NestedDecoder")
        let widths = encoder.channels
        var (ups, nodes): ([[Upsampling2D]], [[any Layer]]) = ([], [])
        for column in 1..<max(widths.count, 1) {
            ups.append([])
            nodes.append([])
            for stage in 0..<widths.count - column {
                ups[column - 1].append(
                    Upsampling2D(
                        upsampling,
                        inputChannels: widths[stage + 1],
                        outputChannels: widths[stage],
                        initializer: &initializer
                    )
                )
                let sizes = Block.Sizes((column + 1) * widths[stage], widths[stage])
                nodes[column - 1].append(block(sizes, plan, &initializer))
            }
        }
        upsamplings = ups
        self.nodes = nodes
        levelChannels = Array(repeating: widths[0], count: nodes.count)
        dropout = ChannelDropout(rate: plan.dropout)
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        // What each stage has made so far, the encoder's features first.
        var rows = stages.map { [$0] }
        let pruned = min(phase.finestLevel, max(0, nodes.count - 1))
        for (ups, column) in zip(upsamplings, nodes).dropLast(pruned) {
            // Finest first: a node reads the one below as the column before left it.
            for stage in column.indices.dropLast(pruned) {
                let below = rows[stage + 1][rows[stage].count - 1]
                let joined = Tensor.concatenated(rows[stage] + [ups[stage](below)])
                rows[stage].append(dropout(column[stage](joined, phase), phase))
            }
        }
        let levels = Array(rows[0].dropFirst().reversed())
        return pruned == 0 ? levels : Array(repeating: levels[0], count: pruned) + levels
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        for (index, column) in nodes.enumerated() {
            visitor.parts("upsampling.\(index)", upsamplings[index])
            visitor.parts("node.\(index)", column)
        }
    }
}

extension DecoderDesign {
    /// The U-Net++'s decoder.
    public static func nested(block: Block = .double, upsampling: UpsamplingKind = .transposed) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            NestedDecoder(encoder, block: block, upsampling: upsampling, plan: plan, initializer: &initializer)
        }
    }
}
