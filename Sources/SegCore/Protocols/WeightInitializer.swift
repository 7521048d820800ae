public import SegTensor

/// Draws the first values of weights, from a stream that a seed names.
public struct WeightInitializer {
    private var stream: RandomStream

    public init(seed: UInt64) { stream = RandomStream(seed: seed, "weights") }

    /// Normal deviates with standard deviation `√(2 / fanIn)`, for weights before a ReLU.
    ///
    /// - Source: He et al. 2015, equation 10.
    public mutating func heNormal(_ shape: Shape, fanIn: Int) -> Tensor {
        normal(shape, deviation: (2 / Float(max(fanIn, 1))).squareRoot())
    }

    /// Uniform deviates within `±√(1 / fanIn)`, for weights before anything else.
    public mutating func uniform(_ shape: Shape, fanIn: Int) -> Tensor {
        let bound = (1 / Float(max(fanIn, 1))).squareRoot()
        return Tensor((0..<shape.count).map { _ in stream.uniform(in: -bound...bound) }, shape: shape)
    }

    /// Normal deviates with mean 0.
    public mutating func normal(_ shape: Shape, deviation: Float) -> Tensor {
        Tensor((0..<shape.count).map { _ in stream.normal() * deviation }, shape: shape)
    }
}
