import SegCore
import SegLayers
import SegTensor

/// How a published network pads before a convolution.
enum PublishedPadding {
    /// Half the kernel on every side.
    case symmetric
    /// As TensorFlow's "SAME": as little as makes `⌈size / stride⌉`, the odd row and column at the end.
    case same

    /// Rows or columns before and after.
    func around(_ extent: Int, kernel: Int, stride: Int, dilation: Int = 1) -> (before: Int, after: Int) {
        switch self {
        case .symmetric: return (kernel / 2 * dilation, kernel / 2 * dilation)
        case .same:
            let outputs = (extent + stride - 1) / stride
            let total = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - extent, 0)
            return (total / 2, total - total / 2)
        }
    }
}

/// What the convolution units of a published network have in common.
struct PublishedStyle {
    var padding = PublishedPadding.symmetric
    var activation = ActivationKind.relu
    /// Added to a batch normalization's variance.
    var epsilon: Float = 1e-5
    /// The share of a new batch in a batch normalization's running estimates.
    var momentum: Float = 0.1
    /// Whether the convolutions have a bias before their normalization.
    var hasBias = false

    func unit(
        _ inputs: Int,
        _ outputs: Int,
        kernel: Int,
        stride: Int = 1,
        dilation: Int = 1,
        groups: Int = 1,
        isActivated: Bool = true,
        _ initializer: inout WeightInitializer
    ) -> PublishedUnit {
        PublishedUnit(
            Convolution2D(
                inputChannels: inputs,
                outputChannels: outputs,
                kernelSize: kernel,
                stride: stride,
                dilation: dilation,
                groups: groups,
                hasBias: hasBias,
                initializer: &initializer
            ),
            Normalization2D(.batch, channels: outputs, epsilon: epsilon, momentum: momentum),
            activation: isActivated ? activation : nil,
            padding: padding
        )
    }
}

/// Convolution, batch normalization, activation, exactly as a published network has them.
final class PublishedUnit: Layer {
    private let convolution: Convolution2D
    private let normalization: Normalization2D
    private let activation: ActivationKind?
    private let padding: PublishedPadding

    init(
        _ convolution: Convolution2D,
        _ normalization: Normalization2D,
        activation: ActivationKind?,
        padding: PublishedPadding
    ) {
        self.convolution = convolution
        self.normalization = normalization
        self.activation = activation
        self.padding = padding
    }

    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        if let ending = ConvolutionEnding(normalization, activation, phase) { return convolved(x, ending: ending) }
        let y = normalization(convolved(x), phase)
        return activation.map { $0(y) } ?? y
    }

    /// The sum of the unit's result and another map of its shape, with a ReLU if asked.
    func callAsFunction(_ x: Tensor, _ phase: Phase, plus other: Tensor, relu: Bool) -> Tensor {
        let ending = ConvolutionEnding(normalization, activation, phase, plus: other, relu: relu)
        return ending.map { convolved(x, ending: $0) } ?? self(x, phase).residualSum(other, relu: relu)
    }

    private func convolved(_ x: Tensor, ending: ConvolutionEnding? = nil) -> Tensor {
        let (kernel, stride, dilation) = (convolution.weight.shape[2], convolution.stride, convolution.dilation)
        let rows = padding.around(x.shape[2], kernel: kernel, stride: stride, dilation: dilation)
        let columns = padding.around(x.shape[3], kernel: kernel, stride: stride, dilation: dilation)
        let isEven = rows.before == rows.after && columns.before == columns.after
        let padded =
            isEven
            ? x : x.padded(top: rows.before, bottom: rows.after, left: columns.before, right: columns.after)
        return padded.convolved(
            with: convolution.weight.tensor,
            bias: convolution.bias?.tensor,
            stride: stride,
            rowPadding: isEven ? rows.before : 0,
            columnPadding: isEven ? columns.before : 0,
            dilation: dilation,
            groups: convolution.groups,
            ending: ending
        )
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        // Model files have this spelling in their parameters' paths.
        visitor.part("normalisation", normalization)
    }
}
