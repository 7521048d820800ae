import Foundation
import SegBatches
import SegCore
import SegData
import SegReplicas
import SegTensor

extension Trainer {
    /// Trains for some steps while the learning rate rises by a constant factor, to see where learning is fastest.
    ///
    /// The model is used up, and nothing is kept. Batches, augmentation and losses are those of the training; its schedule
    /// takes no part, and terms are where a training begins.
    ///
    /// - Parameters:
    ///   - rates: from the first step's to the last one's.
    ///   - steps: of the optimizer.
    ///   - onStep: called with the steps made.
    /// - Returns: what was tried until the loss diverged, the user stopped it, or all was done.
    ///
    /// - Throws: ``SegmentationError`` as ``run()`` does before the first step, and for a first loss that is not
    ///   finite.
    public func sweepLearningRates(
        over rates: ClosedRange<Double>,
        steps: Int,
        onStep: (_ done: Int) -> Void = { _ in }
    ) throws -> LearningRateSweep {
        guard group.isAlone else {
            throw SegmentationError(
                "learning rates",
                "\(group.count) processes are to try them together, which only one can",
                cure: "start one process"
            )
        }
        try validate()
        let (maker, sampler) = try source()
        try prepareTerms(maker)
        let perEpoch = sampler.stepsPerEpoch
        let epochs = (steps * settings.accumulation * settings.replicas + perEpoch - 1) / perEpoch + 1
        let batches = BatchPrefetcher(maker, sampler, epochs: epochs, epoch: 0, step: 0)
        defer { batches.stop() }
        var sweep = LearningRateSweep()
        var gathered = GatheredBatches()
        var losses: [Double] = []
        var number = 0
        while sweep.trials.count < steps, number < epochs * perEpoch {
            let round = Round(
                epoch: number / perEpoch,
                step: number % perEpoch,
                steps: perEpoch,
                replicas: settings.replicas
            )
            number += round.places.count
            // An image that cannot be read is not the rate's fault either.
            var ready = try round.places.compactMap { _ in try batches.next() }[...]
            guard !isCancelled() else {
                sweep.end = .cancelled
                break
            }
            let share = steps == 1 ? 0 : Double(sweep.trials.count) / Double(steps - 1)
            let rate = rates.lowerBound * pow(rates.upperBound / rates.lowerBound, share)
            do {
                let report = try self.round(round, rate, &gathered) { ready.removeFirst() }
                losses += (report?.steps ?? []).compactMap { $0 }.map { Double($0.loss) }
            } catch let error as SegmentationError where sweep.trials.isEmpty {
                // The rate is not to blame.
                throw error
            } catch is SegmentationError {
                sweep.end = .diverged
                break
            }
            guard gathered.batches == 0, !losses.isEmpty else { continue }
            let loss = losses.reduce(0, +) / Double(losses.count)
            losses = []
            guard sweep.add(rate: rate, loss: loss) else {
                sweep.end = .diverged
                break
            }
            onStep(sweep.trials.count)
        }
        guard !sweep.trials.isEmpty || sweep.end == .cancelled else {
            throw SegmentationError(
                "training set",
                "none of its samples says anything about a task of the model",
                cure: "train on samples that have what the heads need, such as a known pathology"
            )
        }
        return sweep
    }
}
