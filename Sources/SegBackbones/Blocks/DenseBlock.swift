public import SegCore
public import SegLayers
public import SegTensor

extension Block {
    /// Layers that each read all before them, and a 1×1 convolution to the wanted channels.
    ///
    /// - Parameters:
    ///   - layers: 3×3 convolution units.
    ///   - growth: channels that each adds; a quarter of the wanted channels, at least 4, if `nil`.
    public static func dense(layers: Int = 4, growth: Int? = nil) -> Block {
        Block { sizes, plan, initializer in
            DenseBlock(sizes, layers: layers, growth: growth, plan: plan, initializer: &initializer)
        }
    }
}

/// Layers that each read the input and what all layers before them made.
///
/// - Source: Huang et al. 2017; in a U as by Jégou et al. 2017. A unit is convolution, normalization, activation here, so
///   that the engine fuses all three; in the papers the convolution comes last.
public final class DenseBlock: Layer {
    private let entry: ConvolutionUnit?
    private let layers: [ConvolutionUnit]
    private let transition: ConvolutionUnit

    public init(
        _ sizes: Block.Sizes,
        layers count: Int,
        growth: Int? = nil,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        requireOperands(
            (1...1024).contains(count),
            "a block of \(count) layers cannot be",
            cure: "use 1 to 1024 layers",
            operation: "DenseBlock"
        )
        let inputs = sizes.inputChannels
        let growth = growth ?? max(4, sizes.outputChannels / 4)
        entry = sizes.stride > 1 ? plan.unit(inputs, inputs, stride: sizes.stride, initializer: &initializer) : nil
        var units: [ConvolutionUnit] = []
        for index in 0..<count {
            units.append(
                plan.unit(inputs + index * growth, growth, dilation: sizes.dilation, initializer: &initializer)
            )
        }
        layers = units
        transition = plan.unit(
            inputs + count * growth,
            sizes.outputChannels,
            kernelSize: 1,
            initializer: &initializer
        )
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        var known = entry.map { $0(x, phase) } ?? x
        for layer in layers { known = layer.joined(to: known, known, phase) }
        return transition(known, phase)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        if let entry { visitor.part("entry", entry) }
        visitor.parts("layer", layers)
        visitor.part("transition", transition)
    }
}
