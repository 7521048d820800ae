public import SegCore
public import SegTensor

/// A network's nonlinear function.
public enum ActivationKind: String, NamedChoice {
    /// `max(0, x)`. After a normalization it costs nothing: the next convolution applies both.
    case relu
    /// `x`, or `x / 100` below 0.
    case leakyRelu = "leaky-relu"
    /// `min(max(0, x), 6)`.
    case relu6
    /// `x · sigmoid(x)`.
    case silu
    /// `x · Φ(x)`.
    case gelu

    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .relu: x.relu()
        case .leakyRelu: x.leakyRelu()
        case .relu6: x.relu6()
        case .silu: x.silu()
        case .gelu: x.gelu()
        }
    }

    /// The activation of a sum, as a residual block ends.
    ///
    /// - Parameter sum: adds up, followed by a ReLU if asked.
    public func ofSum(_ sum: (_ relu: Bool) -> Tensor) -> Tensor { self == .relu ? sum(true) : self(sum(false)) }
}
