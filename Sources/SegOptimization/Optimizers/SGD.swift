public import SegCore
public import SegTensor

/// Stochastic gradient descent with momentum, Nesterov's or the plain one.
///
/// - Formula: `g ← g + decay · w`, `m ← momentum · m + g`, `w ← w − rate · (g + momentum · m)`, or `w − rate · m` without
///   Nesterov's look ahead. Where a parameter's decay is off the first of them is left out.
/// - Edge cases: a parameter without a gradient is left alone, its momentum too.
/// - Source: Sutskever et al. 2013; the form and the coupled decay are those of `torch.optim.SGD`.
public final class SGD: Optimizer {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The share of the last step that the next one keeps.
        public var momentum = 0.9
        /// Whether the gradient is followed from where the momentum leads.
        public var nesterov = true

        public static let meanings: [String: SettingMeaning] = [
            "momentum": "The share of the last step that the next one keeps",
            "nesterov": "Whether the gradient is followed from where the momentum leads",
        ]

        public init() {}

        public func validate() throws {
            try require("momentum", momentum, in: 0...0.9999)
            guard !nesterov || momentum > 0 else {
                throw SegmentationError("nesterov", "needs momentum", cure: "set momentum above 0, or nesterov to off")
            }
        }
    }

    public static let name = "sgd"
    public static let summary = "Stochastic gradient descent with momentum, Nesterov's or the plain one"
    public static let keepsValuesFinite = true

    public let parameters: [Parameter]
    private let settings: Settings
    private let weightDecay: Double
    private var momenta: [[Float]]

    public init(_ settings: Settings, parameters: [Parameter], weightDecay: Double) {
        self.settings = settings
        self.parameters = parameters
        self.weightDecay = weightDecay
        momenta = parameters.map { Array(repeating: 0, count: $0.shape.count) }
    }

    public func step(rate: Double, gradientScale: Double) {
        let (rate, scale) = (Float(rate), Float(gradientScale))
        let momentum = Float(settings.momentum)
        // The step is a sum of the gradient and the momentum.
        let (ofGradient, ofMomentum): (Float, Float) = settings.nesterov ? (rate, rate * momentum) : (0, rate)
        Profiler.span("optimizer") {
            for (index, parameter) in parameters.enumerated() {
                let decay = parameter.decays ? Float(weightDecay) : 0
                momenta[index].withUnsafeMutableBufferPointer { buffer in
                    // The update is done on this thread before the buffer goes.
                    nonisolated(unsafe) let momenta = buffer
                    parameter.update { values, gradient in
                        for place in values.indices {
                            let slope = gradient[place] * scale + decay * values[place]
                            momenta[place] = momentum * momenta[place] + slope
                            values[place] -= ofGradient * slope + ofMomentum * momenta[place]
                        }
                    }
                }
            }
        }
    }

    public var state: OptimizerState { OptimizerState(slots: [.init("momentum", momenta)]) }

    public func restore(_ state: OptimizerState) { momenta = state.slots[0].values }
}
