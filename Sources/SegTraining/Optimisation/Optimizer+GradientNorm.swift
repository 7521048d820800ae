public import SegOptimization
import SegTensor

extension Optimizer {
    /// The Euclidean norm of all gradients together; not finite where one of them is not.
    public var gradientNorm: Double {
        parameters.reduce(0) { $0 + $1.gradientSumOfSquares }.squareRoot()
    }
}
