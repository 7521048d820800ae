package import SegCore
package import SegTensor

/// An optimizer of parts that learn at rates of their own: one optimizer of the same kind for each factor.
///
/// Its state is that of one optimizer of all parameters, in their order, so that checkpoints are the same with and without
/// factors.
package final class RatedOptimizer<Base: Optimizer>: Optimizer {
    package typealias Settings = Base.Settings

    package static var name: String { Base.name }
    package static var summary: String { Base.summary }
    package static var keepsValuesFinite: Bool { Base.keepsValuesFinite }

    package let parameters: [Parameter]
    private let parts: [Part]

    private struct Part {
        let factor: Double
        let optimizer: Base
        /// The places of its parameters among all.
        let places: [Int]
    }

    /// All parameters at one rate.
    package init(_ settings: Base.Settings, parameters: [Parameter], weightDecay: Double) {
        self.parameters = parameters
        let optimizer = Base(settings, parameters: parameters, weightDecay: weightDecay)
        parts = [Part(factor: 1, optimizer: optimizer, places: Array(parameters.indices))]
    }

    private init(_ parameters: [Parameter], _ parts: [Part]) {
        self.parameters = parameters
        self.parts = parts
    }

    package func step(rate: Double, gradientScale: Double) {
        for part in parts { part.optimizer.step(rate: rate * part.factor, gradientScale: gradientScale) }
    }

    package var state: OptimizerState {
        let states = parts.map(\.optimizer.state)
        guard let first = states.first else { return OptimizerState() }
        var result = OptimizerState()
        result.slots = first.slots.map { .init($0.name, Array(repeating: [], count: parameters.count)) }
        if !first.steps.isEmpty { result.steps = Array(repeating: 0, count: parameters.count) }
        for (part, state) in zip(parts, states) {
            for (index, place) in part.places.enumerated() {
                for slot in result.slots.indices { result.slots[slot].values[place] = state.slots[slot].values[index] }
                if !result.steps.isEmpty { result.steps[place] = state.steps[index] }
            }
        }
        return result
    }

    package func restore(_ state: OptimizerState) {
        for part in parts {
            let slots = state.slots.map { slot in
                OptimizerState.Slot(slot.name, part.places.map { slot.values[$0] })
            }
            let steps = state.steps.isEmpty ? [] : part.places.map { state.steps[$0] }
            part.optimizer.restore(OptimizerState(slots: slots, steps: steps))
        }
    }
}

extension RatedOptimizer {
    /// The optimizer of a module's parameters, each at the rate that the module asks for.
    static func parted(
        _ module: any Module,
        _ make: ([Parameter]) throws -> any Optimizer
    ) throws -> any Optimizer {
        let parameters = module.parameters.map(\.parameter)
        let factors = module.learningRateFactors
        var parts: [Part] = []
        for factor in Set(factors).sorted(by: >) {
            let places = factors.indices.filter { factors[$0] == factor }
            guard let optimizer = try make(places.map { parameters[$0] }) as? Base else {
                preconditionFailure("one registration makes optimizers of one type")
            }
            parts.append(Part(factor: factor, optimizer: optimizer, places: places))
        }
        return RatedOptimizer(parameters, parts)
    }
}

/// The optimizer of a module's parameters; a ``RatedOptimizer`` where the module's parts learn at different rates.
package func makeOptimizer(
    of module: any Module,
    _ make: ([Parameter]) throws -> any Optimizer
) throws -> any Optimizer {
    guard module.learningRateFactors.contains(where: { $0 != 1 }) else {
        return try make(module.parameters.map(\.parameter))
    }
    // Without parameters only its type is known.
    func parted<Base: Optimizer>(_ base: Base) throws -> any Optimizer {
        try RatedOptimizer<Base>.parted(module, make)
    }
    return try parted(make([]))
}
