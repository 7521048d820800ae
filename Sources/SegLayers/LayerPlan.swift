public import SegCore

/// The style of a network, handed down to all its parts: what follows a convolution.
public struct LayerPlan: Hashable, Sendable {
    public var normalization: NormalizationKind
    public var activation: ActivationKind
    /// The share of channels that each block drops in training.
    public var dropout: Float
    /// The chance that the deepest residual block is left out for an image in training; earlier ones have less, in
    /// proportion to their place.
    public var stochasticDepth: Float

    public init(
        normalization: NormalizationKind = .batch,
        activation: ActivationKind = .relu,
        dropout: Float = 0,
        stochasticDepth: Float = 0
    ) {
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.stochasticDepth = stochasticDepth
    }

    /// The plan of a block at a place in 0...1 of the network's depth.
    public func at(depth: Float) -> LayerPlan {
        var plan = self
        plan.stochasticDepth *= depth
        return plan
    }

    /// A convolution unit in this style.
    ///
    /// - Parameter isActivated: `false` ends with the normalization, as before a residual sum.
    public func unit(
        _ inputChannels: Int,
        _ outputChannels: Int,
        kernelSize: Int = 3,
        stride: Int = 1,
        dilation: Int = 1,
        groups: Int = 1,
        isActivated: Bool = true,
        initializer: inout WeightInitializer
    ) -> ConvolutionUnit {
        ConvolutionUnit(
            inputChannels: inputChannels,
            outputChannels: outputChannels,
            kernelSize: kernelSize,
            stride: stride,
            dilation: dilation,
            groups: groups,
            normalization: normalization,
            activation: isActivated ? activation : nil,
            initializer: &initializer
        )
    }
}
