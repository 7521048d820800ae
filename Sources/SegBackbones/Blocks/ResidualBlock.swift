public import SegCore
public import SegLayers
public import SegTensor

/// What a residual block computes in parallel to its shortcut.
public enum ResidualKind: String, NamedChoice {
    /// Two 3×3 convolutions.
    case basic
    /// 1×1 to a quarter of the channels, 3×3, and 1×1 back.
    case bottleneck
    /// Two 3×3 convolutions, each after its normalization and activation; nothing follows the sum.
    case preActivation = "pre-activation"
}

extension Block {
    /// A residual block.
    ///
    /// - Parameter squeezes: a ``SqueezeExcitation`` ends the branch.
    public static func residual(_ kind: ResidualKind = .basic, squeezes: Bool = false) -> Block {
        Block { sizes, plan, initializer in
            if kind == .preActivation {
                return PreActivationBlock(sizes, squeezes: squeezes, plan: plan, initializer: &initializer)
            }
            return ResidualBlock(kind, sizes, squeezes: squeezes, plan: plan, initializer: &initializer)
        }
    }
}

/// `activation(x + branch(x))`, the shortcut a 1×1 convolution where channels or resolution change.
///
/// - Source: He et al. 2016, "Deep Residual Learning for Image Recognition".
public final class ResidualBlock: Layer {
    private let branch: [ConvolutionUnit]
    private let squeeze: SqueezeExcitation?
    private let shortcut: ConvolutionUnit?
    private let plan: LayerPlan

    public init(
        _ kind: ResidualKind,
        _ sizes: Block.Sizes,
        squeezes: Bool = false,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        let (inputs, outputs) = (sizes.inputChannels, sizes.outputChannels)
        let inner = kind == .bottleneck ? max(1, outputs / 4) : outputs
        var units: [ConvolutionUnit] = []
        func add(
            _ from: Int,
            _ to: Int,
            kernel: Int,
            stride: Int = 1,
            isLast: Bool,
            _ initializer: inout WeightInitializer
        ) {
            units.append(
                plan.unit(
                    from,
                    to,
                    kernelSize: kernel,
                    stride: stride,
                    dilation: kernel > 1 ? sizes.dilation : 1,
                    isActivated: !isLast,
                    initializer: &initializer
                )
            )
        }
        if kind == .bottleneck {
            add(inputs, inner, kernel: 1, isLast: false, &initializer)
            add(inner, inner, kernel: 3, stride: sizes.stride, isLast: false, &initializer)
            add(inner, outputs, kernel: 1, isLast: true, &initializer)
        } else {
            add(inputs, outputs, kernel: 3, stride: sizes.stride, isLast: false, &initializer)
            add(outputs, outputs, kernel: 3, isLast: true, &initializer)
        }
        branch = units
        squeeze = squeezes ? SqueezeExcitation(channels: outputs, initializer: &initializer) : nil
        let changes = inputs != outputs || sizes.stride != 1
        shortcut =
            changes
            ? plan.unit(
                inputs,
                outputs,
                kernelSize: 1,
                stride: sizes.stride,
                isActivated: false,
                initializer: &initializer
            ) : nil
        self.plan = plan
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let inner = branch.dropLast().reduce(x) { $1($0, phase) }
        let last = branch[branch.count - 1]
        let straight = shortcut.map { $0(x, phase) } ?? x
        if squeeze == nil, !phase.drops || plan.stochasticDepth == 0 {
            return plan.activation.ofSum { last(inner, phase, plus: straight, relu: $0) }
        }
        var y = last(inner, phase)
        if let squeeze { y = squeeze(y, phase) }
        y = y.droppingImages(plan.stochasticDepth, phase)
        return plan.activation.ofSum { y.residualSum(straight, relu: $0) }
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("branch", branch)
        if let squeeze { visitor.part("squeeze", squeeze) }
        if let shortcut { visitor.part("shortcut", shortcut) }
    }
}

/// `x + branch(x)`, in the branch each convolution after a normalization and an activation.
///
/// - Source: He et al. 2016, "Identity Mappings in Deep Residual Networks".
public final class PreActivationBlock: Layer {
    private let normalizations: [Normalization2D]
    private let convolutions: [Convolution2D]
    private let squeeze: SqueezeExcitation?
    private let shortcut: Convolution2D?
    private let plan: LayerPlan

    public init(
        _ sizes: Block.Sizes,
        squeezes: Bool = false,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        let (inputs, outputs) = (sizes.inputChannels, sizes.outputChannels)
        let kind = plan.normalization
        normalizations = kind == .none ? [] : [inputs, outputs].map { Normalization2D(kind, channels: $0) }
        func convolution(_ from: Int, kernel: Int, stride: Int, _ initializer: inout WeightInitializer) -> Convolution2D
        {
            Convolution2D(
                inputChannels: from,
                outputChannels: outputs,
                kernelSize: kernel,
                stride: stride,
                dilation: kernel > 1 ? sizes.dilation : 1,
                initializer: &initializer
            )
        }
        convolutions = [
            convolution(inputs, kernel: 3, stride: sizes.stride, &initializer),
            convolution(outputs, kernel: 3, stride: 1, &initializer),
        ]
        squeeze = squeezes ? SqueezeExcitation(channels: outputs, initializer: &initializer) : nil
        shortcut =
            inputs != outputs || sizes.stride != 1
            ? convolution(inputs, kernel: 1, stride: sizes.stride, &initializer) : nil
        self.plan = plan
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        func activated(_ y: Tensor, _ index: Int) -> Tensor {
            plan.activation(normalizations.isEmpty ? y : normalizations[index](y, phase))
        }
        let inner = activated(convolutions[0](activated(x, 0)), 1)
        let straight = shortcut.map { $0(x) } ?? x
        if squeeze == nil, !phase.drops || plan.stochasticDepth == 0 {
            return convolutions[1](inner, plus: straight)
        }
        var y = convolutions[1](inner)
        if let squeeze { y = squeeze(y, phase) }
        return y.droppingImages(plan.stochasticDepth, phase).residualSum(straight, relu: false)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        // Model files have this spelling in their parameters' paths.
        visitor.parts("normalisation", normalizations)
        visitor.parts("convolution", convolutions)
        if let squeeze { visitor.part("squeeze", squeeze) }
        if let shortcut { visitor.part("shortcut", shortcut) }
    }
}
