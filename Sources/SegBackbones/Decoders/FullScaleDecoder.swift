public import SegCore
public import SegLayers
public import SegTensor

/// The U-Net 3+'s decoder: every level reads all finer stages of the encoder, its own, and all coarser levels.
public final class FullScaleDecoder: Decoder {
    public let levelChannels: [Int]
    /// `[level, coarsest first][source, finest first]`.
    private let sources: [[ConvolutionUnit]]
    private let joins: [ConvolutionUnit]
    private let dropout: ChannelDropout

    /// - Parameter channels: that each source is brought to.
    public init(_ encoder: EncoderOutline, channels: Int, plan: LayerPlan, initializer: inout WeightInitializer) {
        encoder.requireStages(2, decoder: "FullScaleDecoder")
        let widths = encoder.channels
        let depth = widths.count
        requireOperands(
            (1...1 << 20).contains(channels),
            "\(channels) channels of each source cannot be",
            cure: "use 1 to \(1 << 20)",
            operation: "FullScaleDecoder"
        )
        let joined = depth * channels
        var (sources, joins): ([[ConvolutionUnit]], [ConvolutionUnit]) = ([], [])
        for level in (0..<depth - 1).reversed() {
            var units: [ConvolutionUnit] = []
            for source in 0..<depth {
                let isDecoded = source > level && source < depth - 1
                units.append(
                    plan.unit(isDecoded ? joined : widths[source], channels, initializer: &initializer)
                )
            }
            sources.append(units)
            joins.append(plan.unit(joined, joined, initializer: &initializer))
        }
        self.sources = sources
        self.joins = joins
        dropout = ChannelDropout(rate: plan.dropout)
        levelChannels = Array(repeating: joined, count: depth - 1)
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        // Encoder stages, replaced by what the decoder makes of them.
        var maps = stages
        for (index, units) in sources.enumerated() {
            let level = stages.count - 2 - index
            let (height, width) = (stages[level].shape[2], stages[level].shape[3])
            let parts = units.enumerated().map { source, unit -> Tensor in
                var x = maps[source]
                for _ in source..<max(source, level) { x = x.maxPooled2x2() }
                return unit(source > level ? x.resizedBilinear(height: height, width: width) : x, phase)
            }
            maps[level] = dropout(joins[index](.concatenated(parts), phase), phase)
        }
        return Array(maps.dropLast())
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        for (index, units) in sources.enumerated() { visitor.parts("source.\(index)", units) }
        visitor.parts("join", joins)
    }
}

extension DecoderDesign {
    /// The U-Net 3+'s decoder.
    ///
    /// - Parameter channels: that each source is brought to; the finest stage's if `nil`.
    public static func fullScale(channels: Int? = nil) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            FullScaleDecoder(
                encoder,
                channels: channels ?? encoder.channels[0],
                plan: plan,
                initializer: &initializer
            )
        }
    }
}
