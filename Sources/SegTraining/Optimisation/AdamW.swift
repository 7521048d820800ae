public import SegTensor

/// AdamW over the parameters of a model, with the gradient clipped by its global norm.
///
/// A parameter without a gradient is left alone, its moments too, as if it were not there.
public final class AdamW {
    /// Decay of the first moment.
    public let beta1: Double
    /// Decay of the second moment.
    public let beta2: Double
    /// Added to the root of the second moment.
    public let epsilon: Double
    /// Decoupled weight decay; spares parameters whose ``SegTensor/Parameter/decays`` is off.
    public let weightDecay: Double
    /// Largest global norm of the gradient; 0 for no limit.
    public let gradientClip: Double

    /// The parameters, in the order of the moments.
    public let parameters: [Parameter]
    /// The state of each parameter.
    public private(set) var moments: [AdamWMoments]

    public init(
        _ parameters: [Parameter],
        beta1: Double = AdamWCoefficients.Standard.beta1,
        beta2: Double = AdamWCoefficients.Standard.beta2,
        epsilon: Double = AdamWCoefficients.Standard.epsilon,
        weightDecay: Double = AdamWCoefficients.Standard.weightDecay,
        gradientClip: Double = 0
    ) {
        self.parameters = parameters
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientClip = gradientClip
        moments = parameters.map { AdamWMoments(count: $0.shape.count) }
    }

    /// The Euclidean norm of all gradients together; not finite where one of them is not.
    public var gradientNorm: Double {
        parameters.reduce(0) { $0 + $1.gradientSumOfSquares }.squareRoot()
    }

    /// Moves every parameter along its gradient and forgets the gradients.
    ///
    /// - Parameters:
    ///   - rate: the learning rate.
    ///   - norm: ``gradientNorm``, where the caller has it already.
    public func step(rate: Double, norm: Double? = nil) {
        var coefficients = AdamWCoefficients(
            rate: rate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            weightDecay: weightDecay
        )
        if gradientClip > 0 { coefficients.gradientScale = min(1, gradientClip / ((norm ?? gradientNorm) + 1e-6)) }
        Profiler.span("optimiser") {
            for (parameter, moments) in zip(parameters, moments) {
                parameter.step(moments, coefficients)
                parameter.clearGradient()
            }
        }
    }

    /// Puts back the state of a checkpoint. Traps if it is that of other parameters.
    public func restore(_ moments: [AdamWMoments]) {
        precondition(moments.map(\.count) == parameters.map(\.shape.count), "moments of other parameters")
        self.moments = moments
    }
}
