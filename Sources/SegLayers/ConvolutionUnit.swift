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
        if let ending = ConvolutionEnding(normalization, activation, phase) { return convolution(x, ending: ending) }
        let y = convolution(x)
        let z = normalization.map { $0(y, phase) } ?? y
        return activation.map { $0(z) } ?? z
    }

    /// The sum of the unit's result and another map of its shape, with a ReLU if asked: where a residual block ends.
    ///
    /// Where no gradient is wanted and the normalization has its statistics, the sum is made while rows of the result are in the
    /// cache.
    public func callAsFunction(_ x: Tensor, _ phase: Phase, plus other: Tensor, relu: Bool) -> Tensor {
        let ending = ConvolutionEnding(normalization, activation, phase, plus: other, relu: relu)
        return ending.map { convolution(x, ending: $0) } ?? self(x, phase).residualSum(other, relu: relu)
    }

    /// The unit's channels behind those of a map of the same size, as the layers of a dense block add theirs.
    ///
    /// Where no gradient is wanted, few channels are written into the block of the last ones as they are computed.
    public func joined(to known: Tensor, _ x: Tensor, _ phase: Phase) -> Tensor {
        if convolution.groups == 1, convolution.stride == 1, let gate = Gate(activation),
            let joined = ConvolutionEnding.joined(
                known,
                x,
                weight: convolution.weight.tensor,
                padding: convolution.padding,
                dilation: convolution.dilation,
                normalization: normalization?.given(phase),
                gate: gate
            )
        {
            return joined
        }
        return .concatenated([known, self(x, phase)])
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        // Model files have this spelling in their parameters' paths.
        if let normalization { visitor.part("normalisation", normalization) }
    }
}

extension ConvolutionEnding {
    /// A unit's ending with nothing to add; `nil` if its normalization and activation are left to the readers.
    package init?(_ normalization: Normalization2D?, _ activation: ActivationKind?, _ phase: Phase) {
        // What is kept in fewer bits is rounded before it is normalized.
        guard Self.applies, !Precision.isReduced, let gate = Gate(activation), let given = normalization?.given(phase)
        else { return nil }
        self.init(normalization: given, gate: gate)
    }

    /// A unit's ending; `nil` if it has to be computed step by step.
    package init?(
        _ normalization: Normalization2D?,
        _ activation: ActivationKind?,
        _ phase: Phase,
        plus other: Tensor,
        relu: Bool
    ) {
        guard Self.applies, let gate = Gate(activation) else { return nil }
        guard let normalization else {
            guard activation == nil else { return nil }
            self.init(normalization: nil, gate: .none, other: other, relu: relu)
            return
        }
        guard let given = normalization.given(phase) else { return nil }
        self.init(normalization: given, gate: gate, other: other, relu: relu)
    }
}

extension Gate {
    /// `nil` if no reader applies the activation.
    fileprivate init?(_ activation: ActivationKind?) {
        switch activation {
        case nil: self = .none
        case .relu: self = .relu
        case .relu6: self = .relu6
        case .leakyRelu, .silu, .gelu: return nil
        }
    }
}
