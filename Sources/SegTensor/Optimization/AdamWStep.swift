internal import CSegKernels

/// The running means of a parameter's gradient and of its square, which AdamW keeps from step to step.
///
/// `@unchecked Sendable`: they change in a parameter's step alone, which is of one thread at a time, as training is.
public final class AdamWMoments: @unchecked Sendable {
    /// Steps taken so far.
    public private(set) var steps: Int
    /// Values of each moment.
    public let count: Int

    private let first: Storage
    private let second: Storage

    /// Moments of a parameter that has taken no step.
    public init(count: Int) {
        self.count = count
        steps = 0
        first = Storage(zeros: count)
        second = Storage(zeros: count)
    }

    /// Moments as a checkpoint kept them. Traps if the two differ in size.
    public init(first: [Float], second: [Float], steps: Int) {
        precondition(first.count == second.count && steps >= 0, "both moments have the parameter's size")
        count = first.count
        self.steps = steps
        self.first = Storage(count: count)
        self.second = Storage(count: count)
        for (index, value) in first.enumerated() { self.first.pointer[index] = value }
        for (index, value) in second.enumerated() { self.second.pointer[index] = value }
    }

    /// The running mean of the gradient, row-major.
    public var firstValues: [Float] { Array(UnsafeBufferPointer(start: first.pointer, count: count)) }

    /// The running mean of the squared gradient, row-major.
    public var secondValues: [Float] { Array(UnsafeBufferPointer(start: second.pointer, count: count)) }

    fileprivate func advance() -> (first: Storage, second: Storage, step: Int) {
        steps += 1
        return (first, second, steps)
    }
}

/// What a step of AdamW is made with.
public struct AdamWCoefficients: Hashable, Sendable {
    /// The learning rate of this step.
    public var rate: Double
    /// Decay of the first moment.
    public var beta1: Double
    /// Decay of the second moment.
    public var beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Decoupled weight decay, of which a step applies `rate * weightDecay`.
    public var weightDecay: Double
    /// Multiplies the gradient first: below 1 where it is clipped.
    public var gradientScale: Double

    /// What is used where nothing else is asked for.
    ///
    /// - Source: Kingma & Ba 2015, algorithm 1; the decay is PyTorch's.
    public enum Standard {
        public static let beta1 = 0.9
        public static let beta2 = 0.999
        public static let epsilon = 1e-8
        public static let weightDecay = 0.01
    }

    public init(
        rate: Double,
        beta1: Double = Standard.beta1,
        beta2: Double = Standard.beta2,
        epsilon: Double = Standard.epsilon,
        weightDecay: Double = Standard.weightDecay,
        gradientScale: Double = 1
    ) {
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientScale = gradientScale
    }
}

extension Parameter {
    /// Moves the value by one step of AdamW along ``gradient``; without a gradient nothing happens.
    ///
    /// - Formula: `w ← w (1 − rate · decay)`, `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
    ///   `w ← w − rate · m̂ / (√v̂ + ε)`, `m̂ = m / (1 − β₁ᵗ)`, `v̂ = v / (1 − β₂ᵗ)`. Where ``decays`` is off the first
    ///   of them is left out.
    /// - Source: Loshchilov & Hutter 2019, algorithm 2.
    public func step(_ moments: AdamWMoments, _ coefficients: AdamWCoefficients) {
        precondition(moments.count == shape.count, "the moments are those of another parameter")
        let kernels = Kernels.current
        let decay = decays ? 1 - coefficients.rate * coefficients.weightDecay : 1
        update { values, gradient in
            guard let values = values.baseAddress, let gradient = gradient.baseAddress else { return }
            let (first, second, step) = moments.advance()
            let correction1 = 1 / (1 - power(coefficients.beta1, step))
            let correction2 = 1 / (1 - power(coefficients.beta2, step))
            parallel(moments.count) { range in
                kernels.adamw(
                    values + range.lowerBound,
                    gradient + range.lowerBound,
                    first.pointer + range.lowerBound,
                    second.pointer + range.lowerBound,
                    Float(coefficients.rate),
                    Float(coefficients.beta1),
                    Float(coefficients.beta2),
                    Float(coefficients.epsilon),
                    Float(decay),
                    Float(correction1),
                    Float(correction2),
                    Float(coefficients.gradientScale),
                    range.count
                )
            }
        }
    }

    /// The sum of the squares of the gradient, 0 without one; not finite where the gradient is not.
    ///
    /// Summed in an order that the shape alone decides.
    public var gradientSumOfSquares: Double {
        guard let gradient else { return 0 }
        return gradient.withValues { Kernels.current.sum_of_squares($0.baseAddress, $0.count) }
    }
}

/// `base` to a whole power by repeated squaring: the same bits on every platform, which the C library does not promise.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= square }
        square *= square
        rest >>= 1
    }
    return result
}
