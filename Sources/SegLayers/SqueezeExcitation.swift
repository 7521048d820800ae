public import SegCore
public import SegTensor

/// Squeeze and excitation: each channel times a factor that the means of all channels decide on.
///
/// - Source: Hu, Shen & Sun 2018.
public final class SqueezeExcitation: Layer {
    private let squeeze: Linear
    private let excite: Linear
    private let activation: ActivationKind

    /// - Parameter reduction: how many times fewer values there are between the two linear layers; at least 4 remain.
    public init(
        channels: Int,
        reduction: Int = 16,
        activation: ActivationKind = .relu,
        initializer: inout WeightInitializer
    ) {
        requireOperands(
            channels >= 1 && reduction >= 1,
            "\(channels) channels cannot be reduced \(reduction)-fold",
            cure: "use at least one channel and a reduction of at least 1",
            operation: "SqueezeExcitation"
        )
        let inner = min(channels, max(4, channels / reduction))
        squeeze = Linear(inputs: channels, outputs: inner, initializer: &initializer)
        excite = Linear(inputs: inner, outputs: channels, initializer: &initializer)
        self.activation = activation
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        x.scaledChannels(by: excite(activation(squeeze(x.globalAveragePooled()))).sigmoid())
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("squeeze", squeeze)
        visitor.part("excite", excite)
    }
}
