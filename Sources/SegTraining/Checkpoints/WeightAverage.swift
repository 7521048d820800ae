import SegCore
import SegTensor

/// A running mean of a model's parameters and buffers.
///
/// - Formula: `a ← d a + (1 − d) w`, `d = min(decay, (1 + n) / (10 + n))` after n steps, so that the first weights are soon
///   forgotten. What does not change, such as a frozen weight, is its own mean to the bit.
/// - Source: Polyak & Juditsky 1992; the start is that of TensorFlow's `ExponentialMovingAverage`.
final class WeightAverage {
    let decay: Double
    /// By path; parameters first.
    private(set) var values: [(path: String, values: [Float])]

    init(_ model: MultiTaskModel, decay: Double) {
        self.decay = decay
        values = Self.values(of: model)
    }

    private static func values(of model: MultiTaskModel) -> [(path: String, values: [Float])] {
        model.parameters.map { ($0.path, $0.parameter.value.values()) }
            + model.buffers.map { ($0.path, $0.buffer.values) }
    }

    /// Begins with what the model holds now, as after its terms have learned their statistics.
    func restart(_ model: MultiTaskModel) { values = Self.values(of: model) }

    /// - Parameter step: of the optimizer, counted from 1.
    func add(_ model: MultiTaskModel, step: Int) {
        let keep = Float(min(decay, Double(1 + step) / Double(10 + step)))
        for (index, (_, new)) in Self.values(of: model).enumerated() {
            // Rounding of the two products would let a weight drift that no step moves.
            for place in new.indices where values[index].values[place] != new[place] {
                values[index].values[place] = keep * values[index].values[place] + (1 - keep) * new[place]
            }
        }
    }

    /// Puts the mean into the model while `body` runs.
    func with<Result>(_ model: MultiTaskModel, _ body: () throws -> Result) rethrows -> Result {
        let present = ModelSnapshot(model)
        defer { present.restore(model) }
        let parameters = model.parameters.map(\.parameter)
        for (parameter, (_, mean)) in zip(parameters, values) {
            parameter.value = Tensor(mean, shape: parameter.shape)
        }
        for (target, (_, mean)) in zip(model.buffers, values.dropFirst(parameters.count)) {
            target.buffer.values = mean
        }
        return try body()
    }

    func restore(_ values: [[Float]]) {
        for index in self.values.indices { self.values[index].values = values[index] }
    }
}
