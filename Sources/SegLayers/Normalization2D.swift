public import SegCore
public import SegTensor

/// Which statistics a network's normalizations use.
public enum NormalizationKind: String, NamedChoice {
    /// Mean and variance of each channel over the batch; running estimates at inference.
    case batch
    /// Mean and variance of each channel of each image. Often generalizes better to images of other scanners.
    case instance
    /// Mean and variance of groups of channels of each image: of eight groups, or of as many as divide the channels. Does
    /// not depend on the batch, which may be small.
    case group
    /// Mean and variance of each pixel over its channels.
    case layer
    /// No normalization; convolutions get a bias instead.
    case none
}

/// A normalization layer of any kind, with a learned gain and offset for each channel.
///
/// - Shape: `[batch, channels, height, width]`, kept.
/// - Source: Ioffe & Szegedy 2015 (batch); Ulyanov et al. 2016 (instance); Wu & He 2018 (group); Ba et al. 2016 (layer).
public final class Normalization2D: Layer {
    public let kind: NormalizationKind
    /// `[channels]`, 1 at first.
    public let gain: Parameter
    /// `[channels]`, 0 at first.
    public let offset: Parameter
    /// Added to the variance.
    public let epsilon: Float
    /// The share of a new batch in the running estimates.
    public let momentum: Float

    private let runningMean: ModuleBuffer
    private let runningVariance: ModuleBuffer

    public init(_ kind: NormalizationKind, channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
        requireOperands(
            kind != .none,
            "a network without normalization has no such layer",
            cure: "leave the layer out",
            operation: "Normalization2D"
        )
        requireSizes(channels, channels, operation: "Normalization2D")
        self.kind = kind
        self.epsilon = epsilon
        self.momentum = momentum
        gain = Parameter(.ones([channels]), decays: false)
        offset = Parameter(.zeros([channels]), decays: false)
        runningMean = ModuleBuffer(Array(repeating: 0, count: channels))
        runningVariance = ModuleBuffer(Array(repeating: 1, count: channels))
    }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        switch kind {
        case .batch: return batchNormalized(x, phase)
        case .group:
            let groups = Self.groups(channels: gain.shape.count)
            return x.groupNormalized(groups: groups, gain: gain.tensor, offset: offset.tensor, epsilon: epsilon)
        case .layer: return x.layerNormalized(gain: gain.tensor, offset: offset.tensor, epsilon: epsilon)
        case .instance, .none:
            return x.instanceNormalized(gain: gain.tensor, offset: offset.tensor, epsilon: epsilon)
        }
    }

    /// The largest divisor of the channels up to 8.
    static func groups(channels: Int) -> Int { (1...8).last { channels % $0 == 0 } ?? 1 }

    private func batchNormalized(_ x: Tensor, _ phase: Phase) -> Tensor {
        guard phase.isTraining else {
            return x.normalized(
                mean: runningMean.values,
                variance: runningVariance.values,
                gain: gain.tensor,
                offset: offset.tensor,
                epsilon: epsilon
            )
        }
        let (output, statistics) = x.batchNormalized(gain: gain.tensor, offset: offset.tensor, epsilon: epsilon)
        runningMean.values = zip(runningMean.values, statistics.mean).map { $0 + momentum * ($1 - $0) }
        runningVariance.values = zip(runningVariance.values, statistics.unbiasedVariance).map {
            $0 + momentum * ($1 - $0)
        }
        return output
    }

    /// The statistics, if they do not depend on what is normalized.
    func given(_ phase: Phase) -> ConvolutionEnding.Normalization? {
        guard kind == .batch, !phase.isTraining else { return nil }
        return ConvolutionEnding.Normalization(
            mean: runningMean.values,
            variance: runningVariance.values,
            gain: gain.tensor,
            offset: offset.tensor,
            epsilon: epsilon
        )
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("gain", gain)
        visitor.parameter("offset", offset)
        guard kind == .batch else { return }
        visitor.buffer("runningMean", runningMean)
        visitor.buffer("runningVariance", runningVariance)
    }
}
