import Foundation
import SegCore
import SegData
import SegTensor

extension Trainer {
    /// Runs the steps of an epoch that are left.
    func trainEpoch(_ state: inout TrainingState, _ sampler: BatchSampler, _ batches: BatchPrefetcher) throws {
        let schedule = LearningRateSchedule(settings, stepsPerEpoch: sampler.stepsPerEpoch)
        let clock = ContinuousClock()
        while state.step < sampler.stepsPerEpoch {
            guard !isCancelled() else { throw try cancelled(state) }
            let start = clock.now
            let waitsBefore = batches.waits
            let next = Profiler.span("waiting for data") { batches.next() }
            guard let batch = next else { preconditionFailure("the batches ended before their epoch") }
            state.epoch.waits = (state.epoch.waits ?? BatchWaits()) + (batches.waits - waitsBefore)
            let rate = schedule.rate(at: state.completedEpochs * sampler.stepsPerEpoch + state.step)
            let place = StepPlace(epoch: state.completedEpochs, step: state.step, steps: sampler.stepsPerEpoch)
            let report = try step(batch, rate, place)
            state.step += 1
            state.epoch.images += batch.count
            state.epoch.learningRate = rate
            state.epoch.seconds += (clock.now - start) / .seconds(1)
            if let report {
                state.epoch.add(
                    report,
                    isClipped: settings.gradientClip > 0 && report.gradientNorm > settings.gradientClip
                )
                observer.stepDidEnd(report)
            } else {
                state.epoch.skippedSteps += 1
            }
        }
    }

    /// Where a step stands, counted from 0.
    struct StepPlace {
        var epoch: Int
        var step: Int
        var steps: Int

        var name: String { "epoch \(epoch + 1), step \(step + 1) of \(steps)" }
    }

    /// One step; `nil` if the batch says nothing about any task.
    private func step(_ batch: Batch, _ rate: Double, _ place: StepPlace) throws -> StepReport? {
        let progress = TrainingProgress(
            epoch: Double(place.epoch) + Double(place.step) / Double(place.steps),
            epochs: settings.epochs
        )
        // Named by epoch and step, so that a resumed training drops the same.
        let phase = Phase.training(RandomStream(seed: seed, "network", .init(place.epoch), .init(place.step)))
        let losses = Precision.with(settings.precision) {
            let outputs = model.outputs(for: batch.images, phase: phase)
            withoutGradients { for term in model.terms { term.term.observe(outputs, batch) } }
            return model.losses(outputs, batch, progress)
        }
        guard !losses.isEmpty else { return nil }
        let loss = losses.total.item
        guard loss.isFinite, losses.parts.allSatisfy(\.value.isFinite) else {
            let culprits = losses.parts.filter { !$0.value.isFinite }.map { "\($0.name) is \($0.value)" }
            let what = culprits.isEmpty ? "the loss is \(loss)" : "the loss of \(culprits.joined(separator: ", "))"
            throw diverged(what, batch, place)
        }
        losses.total.backward()
        let norm = optimizer.gradientNorm
        guard norm.isFinite else {
            for parameter in optimizer.parameters { parameter.clearGradient() }
            throw diverged("the gradient's norm is \(norm)", batch, place)
        }
        optimizer.step(rate: rate, norm: norm)
        return StepReport(
            epoch: place.epoch + 1,
            step: place.step + 1,
            imageCount: batch.count,
            loss: loss,
            parts: losses.parts,
            gradientNorm: norm,
            learningRate: rate
        )
    }

    private func diverged(_ what: String, _ batch: Batch, _ place: StepPlace) -> SegmentationError {
        let damaged = batch.identifiers.indices.filter { batch.images.sliced(0, $0..<$0 + 1).hasNonFiniteValues }
        if !damaged.isEmpty {
            let names = damaged.map { batch.identifiers[$0] }.joined(separator: ", ")
            return SegmentationError(
                place.name,
                "\(what), and the images of \(names) hold values that are not numbers",
                cure: "correct or leave out these samples"
            )
        }
        let kept = checkpoint.map { ", and \($0.last.path) holds the last good state" } ?? ""
        let clip =
            settings.gradientClip > 0 ? "lower gradientClip (\(settings.gradientClip) now)" : "set gradientClip to 1"
        return SegmentationError(
            place.name,
            "\(what) on the samples \(batch.identifiers.joined(separator: ", "))\(kept)",
            cure: "lower learningRate (\(settings.learningRate) now) or \(clip)"
        )
    }

    /// Saves what was done, and says so.
    func cancelled(_ state: TrainingState) throws -> TrainingCancelled {
        if let checkpoint { try checkpoint.save(model, optimizer, state, fingerprint()) }
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
        if !validation.isEmpty {
            do {
                score = try Profiler.span("validation") {
                    try ValidationScore(
                        Evaluator.predict(
                            model,
                            validation,
                            batchSize: settings.batchSize,
                            isCancelled: isCancelled,
                            onBatch: {
                                validationLosses.add(model.losses($0, $1, progress), images: $1.count)
                                terms.add($0, $1)
                            }
                        )
                    )
                }
            } catch is TrainingCancelled {
                // All steps of the epoch are done; the resumed run begins with its validation.
                throw try cancelled(state)
            }
        }
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
        if isBest { best = ModelSnapshot(model) }
        if let checkpoint {
            try checkpoint.save(model, optimizer, state, fingerprint())
            if isBest { try checkpoint.saveBest(model, epoch: number, configuration: configuration) }
        }
        observer.epochDidEnd(record, state.history)
    }
}
