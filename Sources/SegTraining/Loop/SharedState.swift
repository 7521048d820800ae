import Foundation
import SegCore
import SegOptimization
import SegTensor

/// What one rank tells the others where a training begins or goes on, beside the numbers of ``values(of:)``.
struct SharedState: Codable {
    private var state: TrainingState
    private var optimizerSteps: [Int]
    private var balancing: [String: [Double]]?
    private var hasBest: Bool

    init(_ trainer: Trainer, _ state: TrainingState) throws {
        self.state = state
        optimizerSteps = Self.optimizerState(of: trainer).steps
        balancing = trainer.balancer.map { balancer in PluginContext.with(balancer.label) { balancer.balancing.state } }
        hasBest = trainer.best != nil
    }

    init(bytes: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) }

    var bytes: [UInt8] { get throws { Array(try JSONEncoder().encode(self)) } }

    private static func optimizerState(of trainer: Trainer) -> OptimizerState {
        PluginContext.with(trainer.optimizerLabel) { trainer.optimizer.state }
    }

    /// The model's parameters and buffers, the optimizer's slots, the running mean of the weights, and the best weights.
    static func values(of trainer: Trainer) -> [Float] {
        var values = modelValues(trainer.model)
        for slot in optimizerState(of: trainer).slots { values += slot.values.flatMap(\.self) }
        for (_, mean) in trainer.average?.values ?? [] { values += mean }
        if let best = trainer.best {
            let present = ModelSnapshot(trainer.model)
            best.restore(trainer.model)
            values += modelValues(trainer.model)
            present.restore(trainer.model)
        }
        return values
    }

    private static func modelValues(_ model: MultiTaskModel) -> [Float] {
        model.parameters.flatMap { $0.parameter.value.values() } + model.buffers.flatMap(\.buffer.values)
    }

    /// Makes a trainer of the same training stand where the other one does.
    func restore(_ trainer: Trainer, _ values: [Float]) throws -> TrainingState {
        var rest = values[...]
        func take(_ count: Int) -> [Float] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func restoreModel() {
            for (_, parameter) in trainer.model.parameters {
                parameter.value = Tensor(take(parameter.shape.count), shape: parameter.shape)
            }
            for (_, buffer) in trainer.model.buffers { buffer.values = take(buffer.values.count) }
        }
        restoreModel()
        var kept = Self.optimizerState(of: trainer)
        kept.steps = optimizerSteps
        for slot in kept.slots.indices {
            kept.slots[slot].values = kept.slots[slot].values.map { take($0.count) }
        }
        PluginContext.with(trainer.optimizerLabel) { trainer.optimizer.restore(kept) }
        if let balancing, let balancer = trainer.balancer {
            PluginContext.with(balancer.label) { balancer.balancing.restore(balancing) }
        }
        if let average = trainer.average { average.restore(average.values.map { take($0.values.count) }) }
        if hasBest {
            let present = ModelSnapshot(trainer.model)
            restoreModel()
            trainer.best = ModelSnapshot(trainer.model)
            present.restore(trainer.model)
        }
        return state
    }
}
