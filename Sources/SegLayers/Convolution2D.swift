public import SegCore
public import SegTensor

/// A two-dimensional convolution with its weights.
///
/// - Shape: `[batch, input channels, height, width]` to `[batch, output channels, …]`, as
///   ``Tensor/convolved(with:bias:stride:padding:dilation:groups:)``.
public final class Convolution2D: Layer {
    /// `[output channels, input channels / groups, kernel size, kernel size]`.
    public let weight: Parameter
    /// `[output channels]`.
    public let bias: Parameter?
    /// Distance between windows, px.
    public let stride: Int
    /// Zeros around the image, px.
    public let padding: Int
    /// Distance between neighboring taps, px.
    public let dilation: Int
    /// Groups of channels that do not see each other.
    public let groups: Int

    /// A convolution with fresh weights: He-normal with a bias, uniform within `±√(1 / fan-in)` without.
    ///
    /// Before a normalization the scale of the weights changes no output, only the step: an adaptive optimizer's step has
    /// a fixed size, so that smaller weights turn faster. The uniform weights are 2.4 times smaller than He's.
    ///
    /// - Parameters:
    ///   - padding: `nil` keeps the size for stride 1 and odd kernels.
    ///   - hasBias: leave it out before a normalization, which would take it away again.
    public init(
        inputChannels: Int,
        outputChannels: Int,
        kernelSize: Int,
        stride: Int = 1,
        padding: Int? = nil,
        dilation: Int = 1,
        groups: Int = 1,
        hasBias: Bool = true,
        initializer: inout WeightInitializer
    ) {
        requireSizes(inputChannels, outputChannels, kernelSize, groups, operation: "Convolution2D")
        let fanIn = inputChannels / groups * kernelSize * kernelSize
        let shape: Shape = [outputChannels, inputChannels / groups, kernelSize, kernelSize]
        weight = Parameter(
            hasBias ? initializer.heNormal(shape, fanIn: fanIn) : initializer.uniform(shape, fanIn: fanIn)
        )
        bias = hasBias ? Parameter(.zeros([outputChannels]), decays: false) : nil
        self.stride = stride
        self.padding = padding ?? kernelSize / 2 * dilation
        self.dilation = dilation
        self.groups = groups
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.convolved(
            with: weight.tensor,
            bias: bias?.tensor,
            stride: stride,
            padding: padding,
            dilation: dilation,
            groups: groups
        )
    }

    /// The sum of the convolution and another map of its shape, with a ReLU if asked.
    ///
    /// Where no gradient is wanted the sum is made while rows of the result are in the cache.
    public func callAsFunction(_ x: Tensor, plus other: Tensor, relu: Bool = false) -> Tensor {
        guard ConvolutionEnding.applies else { return self(x).residualSum(other, relu: relu) }
        return self(x, ending: ConvolutionEnding(normalization: nil, gate: .none, other: other, relu: relu))
    }

    func callAsFunction(_ x: Tensor, ending: ConvolutionEnding) -> Tensor {
        x.convolved(
            with: weight.tensor,
            bias: bias?.tensor,
            stride: stride,
            rowPadding: padding,
            columnPadding: padding,
            dilation: dilation,
            groups: groups,
            ending: ending
        )
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { self(x) }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        if let bias { visitor.parameter("bias", bias) }
    }
}

/// A 2×2 transposed convolution that doubles height and width.
///
/// - Shape: `[batch, input channels, height, width]` to `[batch, output channels, 2 height, 2 width]`.
public final class TransposedConvolution2D: Module {
    /// `[input channels, output channels, 2, 2]`.
    public let weight: Parameter
    /// `[output channels]`.
    public let bias: Parameter

    public init(inputChannels: Int, outputChannels: Int, initializer: inout WeightInitializer) {
        requireSizes(inputChannels, outputChannels, 2, operation: "TransposedConvolution2D")
        weight = Parameter(initializer.uniform([inputChannels, outputChannels, 2, 2], fanIn: inputChannels))
        bias = Parameter(.zeros([outputChannels]), decays: false)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { x.transposedConvolved(with: weight.tensor, bias: bias.tensor) }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        visitor.parameter("bias", bias)
    }
}
