public import SegCore
public import SegTensor

/// How a decoder doubles its resolution.
public enum UpsamplingKind: String, NamedChoice {
    /// A learnt 2×2 transposed convolution.
    case transposed
    /// Bilinear interpolation, then a 1×1 convolution to the wanted channels.
    case bilinear
}

/// Doubles height and width.
///
/// - Shape: `[batch, input channels, height, width]` to `[batch, output channels, 2 height, 2 width]`.
public final class Upsampling2D: Module {
    private let transposed: TransposedConvolution2D?
    private let projection: Convolution2D?

    public init(_ kind: UpsamplingKind, inputChannels: Int, outputChannels: Int, initializer: inout WeightInitializer) {
        switch kind {
        case .transposed:
            transposed = TransposedConvolution2D(
                inputChannels: inputChannels,
                outputChannels: outputChannels,
                initializer: &initializer
            )
            projection = nil
        case .bilinear:
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
        guard let projection else { preconditionFailure("an up-sampling has one of its two parts") }
        // Projecting first gives the same values (both maps are linear, and the weights of each interpolated pixel add
        // up to 1) for a quarter of the work.
        let y = projection(x)
        return y.resizedBilinear(height: 2 * x.shape[2], width: 2 * x.shape[3])
    }

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
        weight = Parameter(initializer.uniform([inputs, outputs], fanIn: inputs))
        bias = Parameter(.zeros([outputs]), decays: false)
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { x.matrixProduct(weight.tensor) + bias.tensor }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        visitor.parameter("bias", bias)
    }
}
