import SegCore
import SegTensor

/// Propagates the losses of a step as a ``TaskBalancing`` wants it.
final class TaskBalancer {
    let balancing: any TaskBalancing
    let label: String
    private let tasks: [String]

    /// `nil` where the losses are summed as they are: for fixed weights, and for fewer than two tasks.
    init?(_ model: MultiTaskModel, named name: String, _ make: ([String]) throws -> any TaskBalancing) rethrows {
        tasks = model.heads.filter { $0.weight > 0 }.map(\.name) + model.terms.filter { $0.weight > 0 }.map(\.name)
        label = "balancing `\(name)`"
        balancing = try make(tasks)
        guard tasks.count > 1, !type(of: balancing).keepsWeights else { return nil }
    }

    /// Leaves gradients on the model's parameters, beside what they hold.
    ///
    /// - Parameters:
    ///   - losses: of this step, their graph not swept yet.
    ///   - again: the same forward pass once more: a backward pass uses the graph up.
    ///
    /// - Throws: ``SegmentationError`` naming the balancing if its factors are not finite.
    func backward(
        _ losses: LossBreakdown,
        _ model: MultiTaskModel,
        stream: RandomStream,
        again: () -> LossBreakdown
    ) throws {
        let places = losses.parts.indices.filter { losses.parts[$0].weight > 0 }
        guard !places.isEmpty else { return losses.total.backward() }
        var step = BalancingStep(
            tasks: places.compactMap { tasks.firstIndex(of: losses.parts[$0].name) },
            losses: places.map { Double(losses.parts[$0].contribution) },
            stream: stream
        )
        guard balancing.readsGradients else {
            let factors = try factors(step)
            let terms = zip(places, factors).map { losses.contributions[$0] * Float($1.own) }
            return terms.dropFirst().reduce(terms[0]) { $0 + $1 }.backward()
        }
        let parameters = model.parameters.map(\.parameter)
        let held = parameters.map(\.gradient)
        for parameter in parameters { parameter.clearGradient() }
        // Of this batch and nothing else: what earlier batches said would be lost where a training is resumed.
        var gradients = TaskGradients(parameters, shared: SharedParameters(model, [losses]))
        for (number, place) in places.enumerated() {
            (number == 0 ? losses : again()).contributions[place].backward()
            gradients.take()
        }
        step.products = gradients.products
        let factors = try factors(step)
        for (parameter, gradient) in zip(parameters, held) {
            if let gradient { parameter.tensor.backward(from: gradient) }
        }
        gradients.put(factors)
    }

    private func factors(_ step: BalancingStep) throws -> [TaskFactor] {
        let factors = PluginContext.with(label) {
            let factors = balancing.factors(step)
            requireOperands(
                factors.count == step.tasks.count,
                "returns \(factors.count) factors for \(step.tasks.count) tasks",
                cure: "return one for each",
                operation: "factors"
            )
            return factors
        }
        guard factors.allSatisfy({ Float($0.shared).isFinite && Float($0.own).isFinite }) else {
            throw SegmentationError(
                label,
                "its factors are \(factors.map(\.shared)) for losses of \(step.losses)",
                cure: "lower learningRate or the rate of its settings, or choose another balancing"
            )
        }
        return factors
    }
}
