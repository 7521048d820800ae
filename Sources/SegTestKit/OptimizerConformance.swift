public import SegCore
import SegTensor
public import SegTraining

/// Checks that an optimizer keeps the rules of ``SegTraining/Optimizer``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `keeps-parameters` | ``SegTraining/Optimizer/parameters`` are those that it was given, in their order |
/// | `descends` | the sum of squares of ten values falls by half within 400 steps at a rate of 0.01 |
/// | `stays-finite` | large gradients and gradients of 0 leave finite values |
/// | `spares-others` | a parameter without a gradient stays as it is |
/// | `spares-undecayed` | weight decay leaves a parameter alone whose `decays` is off and whose gradient is 0 |
/// | `scales-gradients` | a gradient of 2 g scaled by ½ moves as g does |
/// | `steps-repeat` | the same gradients move another instance alike, bit for bit |
/// | `state-resumes` | an instance given another's state steps as that one does, bit for bit |
/// | `state-is-finite` | no slot of the state holds NaN or an infinite value: at first, after some steps, after large gradients |
/// | | and after gradients of 0 |
/// | `state-keeps-its-size` | the state has the same slots and sizes before the first step as after some |
///
/// - Returns: The breaches, a few of each rule; empty for an optimizer that conforms.
public func checkOptimizer<Plugin: Optimizer>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings()
) -> [ConformanceFailure] {
    let check = OptimizerCheck<Plugin>(settings: settings)
    return
        (checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings) + check.descent()
        + check.sparing() + check.repetition()).toldOnce()
}

private struct OptimizerCheck<Plugin: Optimizer> {
    let settings: Plugin.Settings

    private func parameters() -> [Parameter] {
        var stream = RandomStream(seed: 5, "optimizer")
        let shapes: [(Shape, Bool)] = [([10], true), ([2, 3], false)]
        return shapes.map { shape, decays in
            Parameter(Tensor((0..<shape.count).map { _ in stream.normal() }, shape: shape), decays: decays)
        }
    }

    private func bits(_ parameters: [Parameter]) -> [[UInt32]] {
        parameters.map { $0.value.values().map(\.bitPattern) }
    }

    private func layout(_ state: OptimizerState) -> [String] {
        state.slots.map { "\($0.name) \($0.values.map(\.count))" } + ["\(state.steps.count) steps"]
    }

    /// What a checkpoint could not hold.
    private func stateFaults(_ optimizer: Plugin, _ occasion: String) -> [ConformanceFailure] {
        optimizer.state.slots.compactMap { slot in
            guard let odd = slot.values.joined().first(where: { !$0.isFinite }) else { return nil }
            return ConformanceFailure("state-is-finite", "the slot `\(slot.name)` holds \(odd) \(occasion)")
        }
    }

    /// One step, of gradients that `factor` makes of the values.
    private func step(
        _ optimizer: Plugin,
        _ parameters: [Parameter],
        factor: Float = 1,
        scale: Double = 1,
        rate: Double = 0.01
    ) {
        for parameter in parameters {
            parameter.clearGradient()
            parameter.tensor.backward(from: parameter.value * factor)
        }
        optimizer.step(rate: rate, gradientScale: scale)
        for parameter in parameters { parameter.clearGradient() }
    }

    func descent() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let all = parameters()
        let optimizer = Plugin(settings, parameters: all, weightDecay: 0)
        if optimizer.parameters.count != all.count || zip(optimizer.parameters, all).contains(where: { $0 !== $1 }) {
            failures.append(ConformanceFailure("keeps-parameters", "they are others, or in another order"))
        }
        func squares() -> Float { all.reduce(0) { $0 + $1.value.squared().sum().item } }
        let before = squares()
        failures += stateFaults(optimizer, "before the first step")
        for _ in 0..<400 { step(optimizer, all) }
        failures += stateFaults(optimizer, "after 400 steps")
        let after = squares()
        if !(after < before / 2) {
            failures.append(ConformanceFailure("descends", "the sum of squares goes from \(before) to \(after)"))
        }
        for factor in [Float(1e6), 0] {
            let all = parameters()
            let optimizer = Plugin(settings, parameters: all, weightDecay: 0.1)
            for _ in 0..<3 { step(optimizer, all, factor: factor) }
            if all.contains(where: \.value.hasNonFiniteValues) {
                failures.append(ConformanceFailure("stays-finite", "gradients of \(factor) times the values"))
            }
            failures += stateFaults(optimizer, "after gradients of \(factor) times the values")
        }
        return failures
    }

    func sparing() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let all = parameters()
        let optimizer = Plugin(settings, parameters: all, weightDecay: 0.1)
        let before = bits(all)
        step(optimizer, [all[0]])
        if bits(all)[1] != before[1] {
            failures.append(ConformanceFailure("spares-others", "a parameter without a gradient moves"))
        }
        let others = parameters()
        let decaying = Plugin(settings, parameters: others, weightDecay: 0.1)
        step(decaying, others, factor: 0)
        if bits(others)[1] != before[1] {
            failures.append(ConformanceFailure("spares-undecayed", "a parameter whose decay is off decays"))
        }
        return failures
    }

    func repetition() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let (first, second, scaled) = (parameters(), parameters(), parameters())
        let optimizer = Plugin(settings, parameters: first, weightDecay: 0.01)
        let twin = Plugin(settings, parameters: second, weightDecay: 0.01)
        let doubled = Plugin(settings, parameters: scaled, weightDecay: 0.01)
        for _ in 0..<3 {
            step(optimizer, first)
            step(twin, second)
            step(doubled, scaled, factor: 2, scale: 0.5)
        }
        if bits(first) != bits(second) {
            failures.append(ConformanceFailure("steps-repeat", "two instances made alike move apart"))
        }
        if zip(first, scaled).contains(where: { !nearlyEqual($0.value, $1.value) }) {
            failures.append(ConformanceFailure("scales-gradients", "a doubled gradient scaled by ½ moves elsewhere"))
        }
        let fresh = Plugin(settings, parameters: parameters(), weightDecay: 0.01)
        if layout(fresh.state) != layout(optimizer.state) {
            failures.append(ConformanceFailure("state-keeps-its-size", "after three steps it has other slots or sizes"))
        }
        let resumed = parameters()
        for (from, to) in zip(first, resumed) { to.value = from.value }
        let successor = Plugin(settings, parameters: resumed, weightDecay: 0.01)
        successor.restore(optimizer.state)
        for factor in [Float(1), -0.5] {
            step(optimizer, first, factor: factor)
            step(successor, resumed, factor: factor)
        }
        if bits(first) != bits(resumed) {
            failures.append(ConformanceFailure("state-resumes", "an instance with the same state moves elsewhere"))
        }
        return failures
    }
}
