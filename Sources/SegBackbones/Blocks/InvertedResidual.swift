public import SegCore
public import SegLayers
public import SegTensor

extension Block {
    /// A 1×1 convolution to more channels, a depthwise one, and a 1×1 convolution back; a sum with the input where neither
    /// channels nor resolution change.
    public static func invertedResidual(expansion: Int = 4, kernelSize: Int = 3, squeezes: Bool = false) -> Block {
        Block { sizes, plan, initializer in
            InvertedResidual(
                sizes,
                expansion: expansion,
                kernelSize: kernelSize,
                squeezes: squeezes,
                plan: plan,
                initializer: &initializer
            )
        }
    }

    /// Two times a depthwise 3×3 convolution and a 1×1 convolution.
    public static let separable = Block { sizes, plan, initializer in
        let outputs = sizes.outputChannels
        return LayerSequence([
            SeparableConvolution(sizes, plan: plan, initializer: &initializer),
            SeparableConvolution(
                Block.Sizes(outputs, outputs, dilation: sizes.dilation),
                plan: plan,
                initializer: &initializer
            ),
        ])
    }
}

/// The block of mobile networks.
///
/// - Source: Sandler et al. 2018; with squeeze and excitation Howard et al. 2019.
public final class InvertedResidual: Layer {
    private let expand: ConvolutionUnit?
    private let depthwise: ConvolutionUnit
    private let squeeze: SqueezeExcitation?
    private let project: ConvolutionUnit
    private let isResidual: Bool
    private let plan: LayerPlan

    public init(
        _ sizes: Block.Sizes,
        expansion: Int = 4,
        kernelSize: Int = 3,
        squeezes: Bool = false,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        let inputs = sizes.inputChannels
        requireOperands(
            (1...64).contains(expansion) && kernelSize % 2 == 1 && (1...63).contains(kernelSize),
            "an expansion of \(expansion) and a kernel of \(kernelSize) px cannot be",
            cure: "use an expansion of 1 to 64 and an odd kernel of up to 63 px",
            operation: "InvertedResidual"
        )
        let inner = inputs * expansion
        expand = expansion > 1 ? plan.unit(inputs, inner, kernelSize: 1, initializer: &initializer) : nil
        depthwise = plan.unit(
            inner,
            inner,
            kernelSize: kernelSize,
            stride: sizes.stride,
            dilation: sizes.dilation,
            groups: inner,
            initializer: &initializer
        )
        squeeze = squeezes ? SqueezeExcitation(channels: inner, reduction: 4, initializer: &initializer) : nil
        project = plan.unit(inner, sizes.outputChannels, kernelSize: 1, isActivated: false, initializer: &initializer)
        isResidual = sizes.stride == 1 && inputs == sizes.outputChannels
        self.plan = plan
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        var y = depthwise(expand.map { $0(x, phase) } ?? x, phase)
        if let squeeze { y = squeeze(y, phase) }
        if isResidual, !phase.drops || plan.stochasticDepth == 0 {
            return project(y, phase, plus: x, relu: false)
        }
        y = project(y, phase)
        return isResidual ? y.droppingImages(plan.stochasticDepth, phase).residualSum(x, relu: false) : y
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        if let expand { visitor.part("expand", expand) }
        visitor.part("depthwise", depthwise)
        if let squeeze { visitor.part("squeeze", squeeze) }
        visitor.part("project", project)
    }
}

/// A depthwise convolution and a 1×1 convolution over the channels.
///
/// - Source: Chollet 2017.
public final class SeparableConvolution: Layer {
    private let depthwise: ConvolutionUnit
    private let pointwise: ConvolutionUnit

    public init(_ sizes: Block.Sizes, plan: LayerPlan, initializer: inout WeightInitializer) {
        let inputs = sizes.inputChannels
        depthwise = plan.unit(
            inputs,
            inputs,
            stride: sizes.stride,
            dilation: sizes.dilation,
            groups: inputs,
            initializer: &initializer
        )
        pointwise = plan.unit(inputs, sizes.outputChannels, kernelSize: 1, initializer: &initializer)
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { pointwise(depthwise(x, phase), phase) }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("depthwise", depthwise)
        visitor.part("pointwise", pointwise)
    }
}
