public import SegCore
public import SegTensor

/// AdamW over the parameters of a model.
///
/// A parameter without a gradient is left alone, its moments too, as if it were not there.
public final class AdamW: Optimizer {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Decay of the first moment.
        public var beta1 = AdamWCoefficients.Standard.beta1
        /// Decay of the second moment.
        public var beta2 = AdamWCoefficients.Standard.beta2
        /// Added to the root of the second moment.
        public var epsilon = AdamWCoefficients.Standard.epsilon

        public static let meanings: [String: SettingMeaning] = [
            "beta1": "Decay of the first moment",
            "beta2": "Decay of the second moment",
            "epsilon": "Added to the root of the second moment",
        ]

        public init() {}

        public func validate() throws {
            try require("beta1", beta1, in: 0...0.9999)
            try require("beta2", beta2, in: 0...0.999999)
            try require("epsilon", epsilon, in: 1e-16...1)
        }
    }

    public static let name = "adamw"
    public static let summary = "Adam with decoupled weight decay"
    public static let keepsValuesFinite = true

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

    public convenience init(_ settings: Settings, parameters: [Parameter], weightDecay: Double) {
        self.init(
            parameters,
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon: settings.epsilon,
            weightDecay: weightDecay
        )
    }

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

    /// Moves every parameter along its gradient, clipped to ``gradientClip``, and forgets the gradients.
    ///
    /// - Parameters:
    ///   - rate: the learning rate.
    ///   - norm: ``gradientNorm``, where the caller has it already.
    public func step(rate: Double, norm: Double? = nil) {
        step(
            rate: rate,
            gradientScale: gradientClip > 0 ? GradientClip.scale(norm ?? gradientNorm, limit: gradientClip) : 1
        )
        for parameter in parameters { parameter.clearGradient() }
    }

    public func step(rate: Double, gradientScale: Double) {
        let coefficients = AdamWCoefficients(
            rate: rate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            weightDecay: weightDecay,
            gradientScale: gradientScale
        )
        Profiler.span("optimizer") {
            for (parameter, moments) in zip(parameters, moments) { parameter.step(moments, coefficients) }
        }
    }

    public var state: OptimizerState {
        OptimizerState(
            slots: [
                .init("first", moments.map(\.firstValues)), .init("second", moments.map(\.secondValues)),
            ],
            steps: moments.map(\.steps)
        )
    }

    public func restore(_ state: OptimizerState) {
        let (first, second) = (state.slots[0].values, state.slots[1].values)
        restore(parameters.indices.map { AdamWMoments(first: first[$0], second: second[$0], steps: state.steps[$0]) })
    }

    /// Puts back the state of a checkpoint. Traps if it is that of other parameters.
    public func restore(_ moments: [AdamWMoments]) {
        precondition(moments.map(\.count) == parameters.map(\.shape.count), "moments of other parameters")
        self.moments = moments
    }
}

/// Limits the norm of a gradient.
package enum GradientClip {
    /// What a gradient is multiplied by so that its norm is at most a limit.
    package static func scale(_ norm: Double, limit: Double) -> Double { min(1, limit / (norm + 1e-6)) }
}
