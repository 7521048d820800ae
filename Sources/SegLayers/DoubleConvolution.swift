public import SegCore
public import SegTensor

/// Two convolution units one after the other: a U-Net's stage.
public final class DoubleConvolution: Layer {
    public let first: ConvolutionUnit
    public let second: ConvolutionUnit

    public init(
        inputChannels: Int,
        outputChannels: Int,
        stride: Int = 1,
        dilation: Int = 1,
        plan: LayerPlan = LayerPlan(),
        initializer: inout WeightInitializer
    ) {
        first = plan.unit(
            inputChannels,
            outputChannels,
            stride: stride,
            dilation: dilation,
            initializer: &initializer
        )
        second = plan.unit(outputChannels, outputChannels, dilation: dilation, initializer: &initializer)
    }

    public convenience init(
        inputChannels: Int,
        outputChannels: Int,
        normalization: NormalizationKind,
        initializer: inout WeightInitializer
    ) {
        self.init(
            inputChannels: inputChannels,
            outputChannels: outputChannels,
            plan: LayerPlan(normalization: normalization),
            initializer: &initializer
        )
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { second(first(x, phase), phase) }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("first", first)
        visitor.part("second", second)
    }
}
