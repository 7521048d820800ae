public import SegCore
public import SegTensor

/// Drops whole channels in training; nothing in inference.
public final class ChannelDropout: Layer {
    /// The share of channels that goes.
    public let rate: Float

    public init(rate: Float) {
        requireRate(rate, "dropout", operation: "ChannelDropout")
        self.rate = rate
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        guard rate > 0, let seed = phase.drawSeed() else { return x }
        return x.dropout(rate, seed: seed, wholeChannels: true)
    }
}

extension Tensor {
    /// Leaves out this branch of a residual block for some images of a batch in training, and scales it for the others, so that
    /// the expected value stays (stochastic depth).
    ///
    /// - Source: Huang et al. 2016, drawn for each image as in Larsson et al. 2017.
    package func droppingImages(_ rate: Float, _ phase: Phase) -> Tensor {
        requireRate(rate, "stochasticDepth", operation: "LayerPlan")
        guard rate > 0, let seed = phase.drawSeed() else { return self }
        let kept = Tensor.ones([shape[0], 1]).dropout(rate, seed: seed)
        return scaledChannels(by: kept.broadcast(to: [shape[0], shape[1]]))
    }
}
