import Foundation
import SegBatches
import SegCore
import SegData
import SegReplicas
import SegTensor

extension Trainer {
    /// Runs the steps of an epoch that are left.
    func trainEpoch(_ state: inout TrainingState, _ sampler: BatchSampler, _ batches: BatchPrefetcher) throws {
        let plan = RatePlan(settings, stepsPerEpoch: sampler.stepsPerEpoch)
        let clock = ContinuousClock()
        var gathered = GatheredBatches()
        while state.step < sampler.stepsPerEpoch {
            // Between the rounds of one step gradients would be lost.
            let isStopping = gathered.rounds == 0 && isCancelled()
            guard !isStopping || !group.isAlone else { throw try cancelled(state) }
            let start = clock.now
            let waitsBefore = batches.waits
            let round = Round(
                epoch: state.completedEpochs,
                step: state.step,
                steps: sampler.stepsPerEpoch,
                replicas: settings.replicas
            )
            let rate = try rate(round.last, plan)
            let report = try self.round(round, rate, &gathered, isCancelled: isStopping) {
                let next = try Profiler.span("waiting for data") { try batches.next() }
                guard let batch = next else { preconditionFailure("the batches ended before their epoch") }
                return batch
            }
            guard let report else { throw try cancelled(state) }
            state.epoch.waits = (state.epoch.waits ?? BatchWaits()) + (batches.waits - waitsBefore)
            state.step += round.places.count
            state.epoch.images += report.images
            state.epoch.learningRate = rate
            state.epoch.seconds += (clock.now - start) / .seconds(1)
            let last = report.steps.lastIndex { $0 != nil }
            for (index, step) in report.steps.enumerated() {
                if let step {
                    state.epoch.add(
                        step,
                        // Only what the optimizer steps along is clipped, and each step once.
                        isClipped: gathered.rounds == 0 && index == last && settings.gradientClip > 0
                            && step.gradientNorm > settings.gradientClip
                    )
                    observer.stepDidEnd(step)
                } else {
                    state.epoch.skippedSteps += 1
                }
            }
        }
    }

    /// Saves what was done, and says so.
    func cancelled(_ state: TrainingState) throws -> TrainingCancelled {
        if let checkpoint { try save(state, checkpoint) }
        return TrainingCancelled(epoch: state.completedEpochs + 1, checkpoint: checkpoint?.last)
    }

    /// Validates, keeps the weights if they are the best, and saves.
    ///
    /// - Parameter probe: measures interference, in the epochs whose turn it is.
    func endEpoch(_ state: inout TrainingState, _ probe: InterferenceProbe?) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let number = state.completedEpochs + 1
        let progress = TrainingProgress(epoch: Double(number), epochs: settings.epochs)
        var score: ValidationScore?
        var validationLosses = LossMeans()
        var terms = TermWatch(model)
        var isStopped = false
        if !validation.isEmpty {
            do {
                score = try Profiler.span("validation") {
                    try withKeptWeights {
                        var tally = ValidationScore.Tally()
                        try Evaluator.forEachPart(of: validation, batchSize: settings.batchSize) { part in
                            let predictions = try Evaluator.predict(
                                model,
                                part,
                                batchSize: settings.batchSize,
                                isCancelled: isCancelled,
                                onBatch: {
                                    validationLosses.add(model.losses($0, $1, progress), images: $1.count)
                                    terms.add($0, $1)
                                }
                            )
                            try tally.add(predictions)
                        }
                        return try tally.score
                    }
                }
            } catch is TrainingCancelled {
                isStopped = true
            }
        }
        // All steps of the epoch are done; the resumed run begins with its validation.
        guard try !group.hear(isStopped).contains(true) else { throw try cancelled(state) }
        let isMeasured = settings.diagnostics.interference.measures(epoch: number, of: settings.epochs)
        let interference = isMeasured ? probe?.measure(model, progress) : nil
        let seconds = state.epoch.seconds + (clock.now - start) / .seconds(1)
        var record = state.epoch.history(epoch: number, validation: score, seconds: seconds)
        record.validationLosses = validationLosses.means
        record.learned = learnedValues()
        (record.diagnoses, record.warnings) = terms.diagnosis(progress)
        record.interference = interference
        guard record.losses["total"] != nil else {
            throw SegmentationError(
                "training set",
                "none of its \(training.count) samples says anything about a task of the model",
                cure: "train on samples that have what the heads need, such as a known pathology"
            )
        }
        if state.history.epochs.isEmpty { try requireTaughtHeads(record) }
        let isBest = isBetter(score, than: state.history)
        state.history.epochs.append(record)
        if isBest { state.history.bestEpoch = number }
        state.completedEpochs = number
        state.step = 0
        state.epoch = EpochAccumulator()
        let waited = number - (state.history.bestEpoch ?? number)
        state.history.isStoppedEarly =
            settings.patience > 0 && waited >= settings.patience && number < settings.epochs
        state.isFinished = number == settings.epochs || state.history.isStoppedEarly
        if isBest { best = withKeptWeights { ModelSnapshot(model) } }
        if let checkpoint {
            try save(state, checkpoint)
            if isBest {
                try withKeptWeights { try checkpoint.saveBest(model, epoch: number, configuration: configuration) }
            }
        }
        observer.epochDidEnd(record, state.history)
    }
}
