public import SegCore
public import SegTensor

/// Convolution, normalisation, ReLU: the unit that most networks are made of.
///
/// Written as three plain operators. The engine keeps the convolution's raw output and lets the next reader apply
/// normalisation and ReLU, so that neither passes through memory on its own.
public final class ConvolutionUnit: Module {
    public let convolution: Convolution2D
    public let normalisation: Normalisation2D?

    public init(
        inputChannels: Int,
        outputChannels: Int,
        kernelSize: Int = 3,
        stride: Int = 1,
        normalisation: NormalisationKind = .batch,
        initializer: inout WeightInitializer
    ) {
        convolution = Convolution2D(
            inputChannels: inputChannels,
            outputChannels: outputChannels,
            kernelSize: kernelSize,
            stride: stride,
            hasBias: normalisation == .none,
            initializer: &initializer
        )
        self.normalisation = normalisation == .none ? nil : Normalisation2D(normalisation, channels: outputChannels)
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let y = convolution(x)
        return (normalisation.map { $0(y, phase) } ?? y).relu()
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        if let normalisation { visitor.part("normalisation", normalisation) }
    }
}

/// Two convolution units one after the other: a U-Net's stage.
public final class DoubleConvolution: Module {
    public let first: ConvolutionUnit
    public let second: ConvolutionUnit

    public init(
        inputChannels: Int,
        outputChannels: Int,
        normalisation: NormalisationKind,
        initializer: inout WeightInitializer
    ) {
        first = ConvolutionUnit(
            inputChannels: inputChannels,
            outputChannels: outputChannels,
            normalisation: normalisation,
            initializer: &initializer
        )
        second = ConvolutionUnit(
            inputChannels: outputChannels,
            outputChannels: outputChannels,
            normalisation: normalisation,
            initializer: &initializer
        )
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { second(first(x, phase), phase) }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("first", first)
        visitor.part("second", second)
    }
}
