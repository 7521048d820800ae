public import SegCore
public import SegTensor

/// How a decoder doubles its resolution.
public enum UpsamplingKind: String, NamedChoice {
    /// A learned 2×2 transposed convolution.
    case transposed
    /// Bilinear interpolation, then a 1×1 convolution to the wanted channels.
    case bilinear
    /// Pixels repeated, after a 1×1 convolution to the wanted channels.
    case nearest
}

/// Doubles height and width.
///
/// - Shape: `[batch, input channels, height, width]` to `[batch, output channels, 2 height, 2 width]`.
public final class Upsampling2D: Layer {
    private let kind: UpsamplingKind
    private let transposed: TransposedConvolution2D?
    private let projection: Convolution2D?

    public init(_ kind: UpsamplingKind, inputChannels: Int, outputChannels: Int, initializer: inout WeightInitializer) {
        self.kind = kind
        switch kind {
        case .transposed:
            transposed = TransposedConvolution2D(
                inputChannels: inputChannels,
                outputChannels: outputChannels,
                initializer: &initializer
            )
            projection = nil
        case .bilinear, .nearest:
            transposed = nil
            projection = Convolution2D(
                inputChannels: inputChannels,
                outputChannels: outputChannels,
                kernelSize: 1,
                initializer: &initializer
            )
        }
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        if let transposed { return transposed(x) }
        // Projecting first gives the same values (both maps are linear, and the weights of each interpolated pixel add
        // up to 1) for a quarter of the work.
        let y = projection.map { $0(x) } ?? x
        return kind == .nearest
            ? y.resizedNearest(factor: 2) : y.resizedBilinear(height: 2 * x.shape[2], width: 2 * x.shape[3])
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { self(x) }

    public func visit(_ visitor: inout ModuleVisitor) {
        if let transposed { visitor.part("transposed", transposed) }
        if let projection { visitor.part("projection", projection) }
    }
}

/// A linear layer.
///
/// - Shape: `[batch, inputs]` to `[batch, outputs]`.
public final class Linear: Module {
    /// `[inputs, outputs]`.
    public let weight: Parameter
    /// `[outputs]`.
    public let bias: Parameter

    public init(inputs: Int, outputs: Int, initializer: inout WeightInitializer) {
        requireSizes(inputs, outputs, operation: "Linear")
        weight = Parameter(initializer.uniform([inputs, outputs], fanIn: inputs))
        bias = Parameter(.zeros([outputs]), decays: false)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { x.matrixProduct(weight.tensor) + bias.tensor }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        visitor.parameter("bias", bias)
    }
}
