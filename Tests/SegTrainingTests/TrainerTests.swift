import Foundation
import SegAugmentation
import SegCore
import SegData
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct TrainerTests {
    private func run(
        _ model: MultiTaskModel,
        _ settings: TrainingSettings,
        training: [PreparedSample]? = nil,
        validation: [PreparedSample]? = nil,
        seed: UInt64 = 5,
        observer: any TrainingObserver = SilentObserver()
    ) throws -> TrainingHistory {
        try Trainer(
            model: model,
            settings: settings,
            seed: seed,
            training: training ?? makeSamples(10, size: settings.imageSize, seed: 1),
            validation: validation ?? makeSamples(6, size: settings.imageSize, seed: 2),
            observer: observer
        ).run()
    }

    @Test func aModelLearnsBothTasks() throws {
        let model = try makeModel()
        var settings = quickSettings(epochs: 30)
        settings.augmentation = .none
        let history = try run(model, settings, training: makeSamples(16, seed: 1), validation: makeSamples(10, seed: 2))
        let first = try #require(history.epochs.first?.losses["total"])
        let last = try #require(history.epochs.last?.losses["total"])
        #expect(last < 0.5 * first)
        let best = try #require(history.best)
        #expect(try #require(best.validationDice) > 0.8)
        #expect(history.epochs.allSatisfy { $0.gradientNorm > 0 && $0.largestGradientNorm >= $0.gradientNorm })
        #expect(
            history.epochs.allSatisfy {
                Set($0.losses.keys) == ["segmentation", "classification", "brightness", "total"]
            }
        )
        // The model holds the weights of the best epoch, not of the last.
        let again = try ValidationScore(Evaluator.predict(model, makeSamples(10, seed: 2), batchSize: 3))
        #expect(try abs(#require(again.dice) - #require(best.validationDice)) < 1e-6)
        #expect(history.epochs.allSatisfy { ($0.validationDice ?? 0) <= best.validationDice ?? 0 })
    }

    @Test func theThreadCountChangesNoBit() throws {
        var settings = quickSettings(epochs: 2)
        settings.imageSize = 32
        settings.gradientClip = 1
        func weights(threads: Int) throws -> [String: [UInt32]] {
            let model = try makeModel(depth: 3)
            try WorkerPool.with(WorkerPool(threadCount: threads)) { _ = try run(model, settings) }
            return bits(model)
        }
        let one = try weights(threads: 1)
        #expect(try weights(threads: 2) == one)
        #expect(try weights(threads: 5) == one)
    }

    @Test func activationsCanBeKeptInHalfTheMemory() throws {
        var settings = quickSettings(epochs: 30)
        settings.augmentation = .none
        let training = try makeSamples(16, seed: 1)
        func train(_ precision: Precision) throws -> (losses: [Double], bits: [String: [UInt32]]) {
            settings.precision = precision
            let model = try makeModel()
            let history = try run(model, settings, training: training)
            return (history.epochs.compactMap { $0.losses["total"] }, bits(model))
        }
        let (plain, kept) = (try train(.float32), try train(.bf16Storage))
        #expect(kept.bits != plain.bits)
        #expect(try #require(kept.losses.last) < 0.5 * kept.losses[0])
        #expect(try train(.bf16Storage).bits == kept.bits)
    }

    @Test func theSeedDecidesTheOrder() throws {
        let (first, second) = (try makeModel(), try makeModel())
        _ = try run(first, quickSettings(epochs: 1), seed: 1)
        _ = try run(second, quickSettings(epochs: 1), seed: 2)
        #expect(bits(first) != bits(second))
    }

    @Test func termsArePreparedOnceWithEveryTrainingSample() throws {
        let model = try makeModel()
        let term = try #require(model.terms[0].term as? BrightnessTerm)
        let samples = try makeSamples(10, seed: 1)
        _ = try run(model, quickSettings(epochs: 2))
        #expect(term.preparedIdentifiers == [samples.map(\.record.id)])
    }

    @Test func patienceEndsTraining() throws {
        var settings = quickSettings(epochs: 20)
        settings.patience = 2
        // Nothing is learned, so the first epoch stays the best.
        settings.learningRate = 1e-30
        settings.selectionMetric = .auroc
        let history = try run(makeModel(withTerm: false), settings)
        #expect(history.isStoppedEarly)
        let best = try #require(history.bestEpoch)
        #expect(history.epochs.count == best + 2)
    }

    @Test func theLastEpochIsKeptWithoutValidation() throws {
        var settings = quickSettings(epochs: 2)
        settings.selectionMetric = .last
        let history = try run(makeModel(), settings, validation: [])
        #expect(history.bestEpoch == 2)
        #expect(history.epochs.allSatisfy { $0.validation == nil })
    }

    @Test func clippingIsCounted() throws {
        var settings = quickSettings(epochs: 1)
        settings.gradientClip = 1e-6
        let history = try run(makeModel(), settings)
        #expect(history.epochs[0].clippedSteps == 3)
        #expect(history.epochs[0].largestGradientNorm > 1e-6)
    }

    @Test func batchesThatSayNothingAreSkippedAndCounted() throws {
        let model = try makeModel(withTerm: false)
        let classifier = try MultiTaskModel(backbone: model.backbone, heads: [model.heads[1]])
        var samples = try makeSamples(4, seed: 1)
        for index in samples.indices { samples[index].record.pathology = nil }
        var settings = quickSettings(epochs: 1)
        settings.selectionMetric = .last
        #expect(
            message { _ = try run(classifier, settings, training: samples, validation: []) }
                .hasPrefix("training set: none of its 4 samples says anything about a task of the model; ")
        )
        settings.batchSize = 4
        let half = try run(classifier, settings, training: samples + makeSamples(4, seed: 1), validation: [])
        #expect(half.epochs[0].skippedSteps <= 1)
    }

    @Test func aHeadThatNothingTeachesIsAnErrorAfterTheFirstEpoch() throws {
        let model = try makeModel(withTerm: false)
        var samples = try makeSamples(4, seed: 1)
        for index in samples.indices { samples[index].record.pathology = nil }
        var settings = quickSettings(epochs: 2)
        settings.selectionMetric = .last
        #expect(
            message { _ = try run(model, settings, training: samples, validation: []) }
                == "heads.classification: none of the 4 training images has what the head learns from: it had no loss in "
                + "the first epoch; train on a data set that has it, or turn the head off"
        )
        let off = try MultiTaskModel(
            backbone: model.backbone,
            heads: [model.heads[0], WeightedHead(model.heads[1].head, weight: 0)]
        )
        #expect(try run(off, settings, training: samples, validation: []).epochs.count == 2)
    }

    @Test func theObserverHearsOfEverything() throws {
        let observer = Recorder()
        _ = try run(makeModel(), quickSettings(epochs: 2), observer: observer)
        #expect(
            observer.events == ["begin 2×3", "1.1", "1.2", "1.3", "epoch 1", "2.1", "2.2", "2.3", "epoch 2", "end"]
        )
    }

    private final class Recorder: TrainingObserver {
        var events: [String] = []
        func trainingDidBegin(_ plan: TrainingPlan) { events.append("begin \(plan.epochs)×\(plan.stepsPerEpoch)") }
        func stepDidEnd(_ step: StepReport) { events.append("\(step.epoch).\(step.step)") }
        func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) { events.append("epoch \(epoch.epoch)") }
        func trainingDidEnd(_ history: TrainingHistory) { events.append("end") }
        func trainingDidFail(_ error: any Error) { events.append("fail") }
    }

    @Test func whatCannotWorkIsSaidBeforeAnyWork() throws {
        let model = try makeModel()
        let settings = quickSettings()
        var auroc = settings
        auroc.selectionMetric = .auroc
        let benign = try makeSamples(4, seed: 2).filter { $0.record.pathology == .benign }
        #expect(
            message { _ = try run(model, settings, validation: []) }
                == "selectionMetric: `dice` needs a validation image with a lesion, and there is none; add such images "
                + "to the validation part, or choose another selectionMetric, such as `last`"
        )
        #expect(
            message { _ = try run(model, auroc, validation: benign) }
                .hasPrefix("selectionMetric: `auroc` needs benign and malignant validation images")
        )
        #expect(message { _ = try run(model, settings, training: []) }.hasPrefix("training set: it has no samples"))
        #expect(
            message { _ = try run(model, settings, training: makeSamples(2, size: 32)) }.contains("prepare all samples")
        )
        let odd = try makeSamples(2, size: 17)
        #expect(
            message { _ = try run(model, settings, training: odd, validation: odd) }
                == "imageSize: 17 px is not a multiple of 2 px, which the backbone `unet` needs; use 18, or a backbone "
                + "of less depth"
        )
        let large = try makeSamples(2, size: 32)
        #expect(
            message { _ = try run(model, settings, training: large, validation: large) }
                .hasPrefix("imageSize: the samples are prepared at 32 px instead of 16 px")
        )
        let segmenter = try MultiTaskModel(backbone: model.backbone, heads: [model.heads[0]])
        #expect(
            message { _ = try run(segmenter, auroc) }
                .hasPrefix("selectionMetric: `auroc` needs a model that predicts malignancy")
        )
    }
}
