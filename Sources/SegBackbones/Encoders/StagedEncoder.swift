public import SegCore
public import SegLayers
public import SegTensor

/// How an encoder halves its resolution.
public enum DownsamplingKind: String, NamedChoice {
    /// The maximum of each 2×2 window.
    case maximum
    /// The first convolution of the stage takes every second pixel.
    case strided
}

/// Stages of blocks, each at half the resolution of the one before.
public final class StagedEncoder: Encoder {
    public let outline: EncoderOutline
    private let stem: ConvolutionUnit?
    private let encoder: [any Layer]
    /// Whether a maximum stands before the stage.
    private let pools: [Bool]
    private let dropout: ChannelDropout

    /// - Parameters:
    ///   - blocks: of each stage.
    ///   - hasStem: begins with a convolution unit of its own.
    ///   - dilatedStages: how many of the last stages keep their resolution and spread their taps instead.
    public init(
        _ block: Block,
        inputChannels: Int,
        widths: [Int],
        blocks: [Int],
        down: DownsamplingKind,
        hasStem: Bool,
        dilatedStages: Int,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        requireOperands(
            widths.count >= 1 && widths.count == blocks.count && (0..<widths.count).contains(dilatedStages),
            "\(widths.count) widths, \(blocks.count) block counts and \(dilatedStages) dilated stages do not fit",
            cure: "give one of each for each stage, and dilate fewer than all",
            operation: "StagedEncoder"
        )
        stem = hasStem ? plan.unit(inputChannels, widths[0], initializer: &initializer) : nil
        dropout = ChannelDropout(rate: plan.dropout)
        var (stages, pools, scales): ([any Layer], [Bool], [Int]) = ([], [], [])
        var channels = hasStem ? widths[0] : inputChannels
        var (scale, dilation) = (1, 1)
        for (index, width) in widths.enumerated() {
            let halves = index > 0 && index < widths.count - dilatedStages
            if halves { scale *= 2 } else if index > 0 { dilation *= 2 }
            let depth = widths.count > 1 ? Float(index) / Float(widths.count - 1) : 1
            let stride = halves && down == .strided ? 2 : 1
            stages.append(
                block.repeated(
                    blocks[index],
                    Block.Sizes(channels, width, stride: stride, dilation: dilation),
                    plan.at(depth: depth),
                    &initializer
                )
            )
            pools.append(halves && down == .maximum)
            scales.append(scale)
            channels = width
        }
        encoder = stages
        self.pools = pools
        outline = EncoderOutline(channels: widths, scales: scales)
    }

    public func stages(of images: Tensor, phase: Phase) -> [Tensor] {
        var x = stem.map { $0(images, phase) } ?? images
        var stages: [Tensor] = []
        for (stage, pools) in zip(encoder, pools) {
            x = dropout(stage(pools ? x.maxPooled2x2() : x, phase), phase)
            stages.append(x)
        }
        return stages
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        if let stem { visitor.part("stem", stem) }
        visitor.parts("encoder", encoder)
    }
}

extension EncoderDesign {
    /// Stages of a block, finest first.
    ///
    /// - Parameters:
    ///   - widths: channels of each stage.
    ///   - blocks: of each stage; one each if `nil`.
    ///   - dilatedStages: how many of the last stages keep their resolution and spread their taps instead.
    public static func staged(
        _ block: Block,
        widths: [Int],
        blocks: [Int]? = nil,
        down: DownsamplingKind = .maximum,
        hasStem: Bool = false,
        dilatedStages: Int = 0
    ) -> EncoderDesign {
        EncoderDesign { inputChannels, plan, initializer in
            StagedEncoder(
                block,
                inputChannels: inputChannels,
                widths: widths,
                blocks: blocks ?? widths.map { _ in 1 },
                down: down,
                hasStem: hasStem,
                dilatedStages: dilatedStages,
                plan: plan,
                initializer: &initializer
            )
        }
    }

    /// A stem and stages of residual blocks that halve the resolution by their stride.
    public static func residual(
        _ kind: ResidualKind = .basic,
        widths: [Int],
        blocks: [Int]? = nil,
        squeezes: Bool = false,
        dilatedStages: Int = 0
    ) -> EncoderDesign {
        staged(
            .residual(kind, squeezes: squeezes),
            widths: widths,
            blocks: blocks,
            down: .strided,
            hasStem: true,
            dilatedStages: dilatedStages
        )
    }
}
