public import SegTensor

/// Draws the first values of weights, from a stream that a seed names.
public struct WeightInitializer {
    private var stream: RandomStream
    /// Values that may still be allocated before a model is known not to fit; `nil` where weights are drawn.
    private var allowance: Double?

    public init(seed: UInt64) { stream = RandomStream(seed: seed, "weights") }

    /// Gives weights their shapes and no values, so that a network can be counted before memory is taken for it.
    package init(measuringUpTo allowance: Double) {
        self.init(seed: 0)
        self.allowance = allowance
    }

    /// A tensor without values: memory that is never touched, or, once there are more weights than the machine could
    /// hold, none. What it is made of is never computed with.
    private mutating func measured(_ shape: Shape) -> Tensor? {
        guard let left = allowance else { return nil }
        let count = shape.axes.reduce(1) { $0 * Double($1) }
        allowance = left - count
        return left >= count ? Tensor(shape: shape) { _ in } : Tensor(shape: shape, storage: Storage(count: 1))
    }

    /// Normal deviates with standard deviation `√(2 / fanIn)`, for weights before a ReLU.
    ///
    /// - Source: He et al. 2015, equation 10.
    public mutating func heNormal(_ shape: Shape, fanIn: Int) -> Tensor {
        normal(shape, deviation: (2 / Float(max(fanIn, 1))).squareRoot())
    }

    /// Uniform deviates within `±√(1 / fanIn)`, for weights before anything else.
    public mutating func uniform(_ shape: Shape, fanIn: Int) -> Tensor {
        if let measured = measured(shape) { return measured }
        let bound = (1 / Float(max(fanIn, 1))).squareRoot()
        return Tensor((0..<shape.count).map { _ in stream.uniform(in: -bound...bound) }, shape: shape)
    }

    /// Normal deviates with mean 0.
    public mutating func normal(_ shape: Shape, deviation: Float) -> Tensor {
        if let measured = measured(shape) { return measured }
        return Tensor((0..<shape.count).map { _ in stream.normal() * deviation }, shape: shape)
    }
}
