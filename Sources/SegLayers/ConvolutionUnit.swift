public import SegCore
public import SegTensor

/// Convolution, normalisation, activation: the unit that most networks are made of.
///
/// Written as three plain operators. The engine keeps the convolution's raw output and lets the next reader apply
/// normalisation and ReLU, so that neither passes through memory on its own.
public final class ConvolutionUnit: Layer {
    public let convolution: Convolution2D
    public let normalisation: Normalisation2D?
    public let activation: ActivationKind?

    /// - Parameter activation: `nil` ends with the normalisation.
    public init(
        inputChannels: Int,
        outputChannels: Int,
        kernelSize: Int = 3,
        stride: Int = 1,
        dilation: Int = 1,
        groups: Int = 1,
        normalisation: NormalisationKind = .batch,
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
            hasBias: normalisation == .none,
            initializer: &initializer
        )
        self.normalisation = normalisation == .none ? nil : Normalisation2D(normalisation, channels: outputChannels)
        self.activation = activation
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let y = convolution(x)
        let z = normalisation.map { $0(y, phase) } ?? y
        return activation.map { $0(z) } ?? z
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        if let normalisation { visitor.part("normalisation", normalisation) }
    }
}
