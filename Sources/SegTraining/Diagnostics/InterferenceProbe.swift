public import SegCore
import SegTensor

/// Measures on fixed batches how the gradients of a model's tasks agree; see ``GradientInterference``.
///
/// The model is left as it was found: running statistics are put back, gradients cleared, weights not touched. Layers
/// run as in training, so a batch normalization uses the statistics of the probe's batch. A layer that draws random
/// numbers from a state that it does not show as a buffer would draw on: the layers of this library have none.
///
/// - Complexity: one forward and one backward pass for each batch and task, and at the first measurement one forward
///   pass more for each batch. Memory: one gradient of the shared parameters for each task, twice.
/// - Determinism: sums run in a fixed order and in double precision; the same bits for any number of threads.
public final class InterferenceProbe {
    private let batches: [Batch]
    private var shared: SharedParameters?

    /// - Parameter batches: kept, and used in every measurement.
    public init(batches: [Batch]) { self.batches = batches }

    /// The interference with the model's weights as they are; `nil` if no parameter is shared by two heads.
    ///
    /// - Parameter progress: how far training is, for terms that are warmed up.
    public func measure(_ model: MultiTaskModel, _ progress: TrainingProgress) -> GradientInterference? {
        Profiler.span("interference probe") {
            let buffers = model.buffers.map { ($0.buffer, $0.buffer.values) }
            defer {
                for (buffer, values) in buffers { buffer.values = values }
            }
            let shared = self.shared ?? SharedParameters(model, batches.lazy.map { self.losses(model, $0, progress) })
            self.shared = shared
            guard !shared.stages.isEmpty else { return nil }
            let tasks =
                model.heads.filter { $0.weight > 0 }.map(\.name) + model.terms.filter { $0.weight > 0 }.map(\.name)
            var sums = InterferenceSums(tasks, stages: shared.stages.map(\.name))
            for batch in batches {
                sums.add(tasks.map { gradient(of: $0, model, batch, progress, shared) })
            }
            return sums.interference(sharedValues: shared.valueCount)
        }
    }

    private func losses(_ model: MultiTaskModel, _ batch: Batch, _ progress: TrainingProgress) -> LossBreakdown {
        model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
    }

    /// The gradient of one task alone, weight included; `nil` if the batch says nothing about the task.
    ///
    /// A backward pass uses the graph up, so each task gets a forward pass of its own.
    private func gradient(
        of task: String,
        _ model: MultiTaskModel,
        _ batch: Batch,
        _ progress: TrainingProgress,
        _ shared: SharedParameters
    ) -> StagedGradient? {
        let losses = losses(model, batch, progress)
        guard let index = losses.parts.firstIndex(where: { $0.name == task }) else { return nil }
        let parameters = model.parameters
        for (_, parameter) in parameters { parameter.clearGradient() }
        losses.contributions[index].backward()
        defer {
            for (_, parameter) in parameters { parameter.clearGradient() }
        }
        return shared.gradient
    }
}
