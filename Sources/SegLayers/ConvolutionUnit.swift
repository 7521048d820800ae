public import SegCore
public import SegTensor

/// Convolution, normalization, activation: the unit that most networks are made of.
///
/// Written as three plain operators. The engine keeps the convolution's raw output and lets the next reader apply
/// normalization and ReLU, so that neither passes through memory on its own.
public final class ConvolutionUnit: Layer {
    public let convolution: Convolution2D
    public let normalization: Normalization2D?
    public let activation: ActivationKind?

    /// - Parameter activation: `nil` ends with the normalization.
    public init(
        inputChannels: Int,
        outputChannels: Int,
        kernelSize: Int = 3,
        stride: Int = 1,
        dilation: Int = 1,
        groups: Int = 1,
        normalization: NormalizationKind = .batch,
        activation: ActivationKind? = .relu,
        initializer: inout WeightInitializer
    ) {
        convolution = Convolution2D(
            inputChannels: inputChannels,
            outputChannels: outputChannels,
            kernelSize: kernelSize,
            stride: stride,
            dilation: dilation,
            groups: groups,
            hasBias: normalization == .none,
            initializer: &initializer
        )
        self.normalization = normalization == .none ? nil : Normalization2D(normalization, channels: outputChannels)
        self.activation = activation
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let y = convolution(x)
        let z = normalization.map { $0(y, phase) } ?? y
        return activation.map { $0(z) } ?? z
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        // Model files have this spelling in their parameters' paths.
        if let normalization { visitor.part("normalisation", normalization) }
    }
}
