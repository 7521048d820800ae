import Foundation
import SegAugmentation
import SegBIRADS
import SegCore
import SegData
import SegTensor
import SegTraining
import Synchronization
import TestSupport
import Testing

@Suite("Training on samples that are read when they are needed")
struct StreamedTrainingTests {
    /// Scans that are made whenever they are asked for, and after a while fail.
    private struct Scans: DatasetAdapter {
        let name = "scans"
        var scans: [Sample]
        var reads = Reads()

        final class Reads: Sendable {
            let count = Atomic<Int>(0)
            let most = Atomic<Int>(.max)
        }

        func records() throws -> [SampleRecord] { scans.map(\.record) }

        func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
            let (_, count) = reads.count.add(1, ordering: .relaxed)
            guard count <= reads.most.load(ordering: .relaxed), let scan = scans.first(where: { $0.record == record })
            else { throw SegmentationError("\(record.id).png", "is gone", cure: "restore it") }
            return scan
        }

        func stream(memory: Int = 0) throws -> [StreamedSample] {
            try SampleStore.stream(adapter: self, size: 16, decoder: NoFiles(), cache: nil, memory: memory)
        }
    }

    private struct NoFiles: ImageDecoder {
        func grayImage(at path: String) throws -> GrayImage { throw SegmentationError(path, "is no file", cure: "") }
        func mask(at path: String, rule: MaskRule) throws -> Mask {
            throw SegmentationError(path, "is no file", cure: "")
        }
    }

    private static func settings() -> TrainingSettings {
        var settings = quickSettings(epochs: 2)
        settings.augmentation.histogramMatching.probability = 0.5
        settings.augmentation.fourierMixing.probability = 0.5
        settings.sampling = .lesion
        settings.selectionMetric = .dice
        settings.diagnostics.interference.every = 1
        return settings
    }

    private func model() throws -> MultiTaskModel {
        let plain = try makeModel()
        return try MultiTaskModel(
            backbone: plain.backbone,
            heads: plain.heads,
            terms: [WeightedTerm(try BIRADSConsistency(.init()), weight: 0.2)] + plain.terms
        )
    }

    @Test(
        "Weights, history and checkpoints are those of samples in memory, to the bit; a run may change from one to the other"
    )
    func sameBits() throws {
        let training = Scans(scans: try makeScans(18, normals: true))
        let validation = Scans(scans: try makeScans(10, seed: 2))
        let folder = try TemporaryFolder()
        func train(_ name: String, memory: Int, stopsAfter steps: Int? = nil) throws -> (
            history: TrainingHistory?, [String: [UInt32]]
        ) {
            let model = try model()
            let stops = Stops(steps ?? .max)
            let trainer = try Trainer(
                model: model,
                settings: Self.settings(),
                seed: 5,
                training: training.stream(memory: memory),
                validation: validation.stream(memory: memory),
                checkpointFolder: folder.appending(name),
                isCancelled: { stops.isOver }
            )
            do { return (try trainer.run(), bits(model)) } catch is TrainingCancelled { return (nil, bits(model)) }
        }
        let kept = try train("kept", memory: 1 << 30)
        let before = training.reads.count.load(ordering: .relaxed)
        let streamed = try train("streamed", memory: 0)
        // It did read again, and more often than once.
        #expect(training.reads.count.load(ordering: .relaxed) > before + 3 * 18)
        #expect(streamed.1 == kept.1)
        let (one, other) = (try #require(kept.history), try #require(streamed.history))
        #expect(one.epochs.map(\.losses) == other.epochs.map(\.losses))
        #expect(one.epochs.map(\.validationDice) == other.epochs.map(\.validationDice))
        #expect(one.epochs.map(\.interference) == other.epochs.map(\.interference))
        // Begun in memory, and gone on with from files.
        #expect(try train("changed", memory: 1 << 30, stopsAfter: 4).history == nil)
        let resumed = try train("changed", memory: 500)
        #expect(resumed.1 == kept.1)
        #expect(try #require(resumed.history).epochs.count == 2)
    }

    private final class Stops: Sendable {
        private let left: Atomic<Int>
        init(_ count: Int) { left = Atomic(count) }
        var isOver: Bool { left.subtract(1, ordering: .relaxed).newValue < 0 }
    }

    @Test(
        "A sample that cannot be read any more ends the training with its name, wherever that is",
        arguments: [29, 40, 50, 60, 70, 90]
    )
    func failures(reads: Int) throws {
        let training = Scans(scans: try makeScans(18, normals: true))
        let samples = try training.stream()
        let validation = try Scans(scans: makeScans(10, seed: 2), reads: training.reads).stream()
        #expect(training.reads.count.load(ordering: .relaxed) == 28)
        training.reads.most.store(reads - 1, ordering: .relaxed)
        let trainer = try Trainer(
            model: model(),
            settings: Self.settings(),
            seed: 5,
            training: samples,
            validation: validation
        )
        let told = message { _ = try trainer.run() }
        #expect(told.contains("case") && told.contains(".png: is gone; restore it"), "\(told)")
    }

    @Test("Batches of a sweep of learning rates are read as those of a training are")
    func sweep() throws {
        let training = Scans(scans: try makeScans(18, normals: true))
        func rates(memory: Int) throws -> [Double] {
            let trainer = try Trainer(
                model: makeModel(),
                settings: quickSettings(),
                seed: 1,
                training: training.stream(memory: memory),
                validation: Scans(scans: try makeScans(6, seed: 2)).stream(memory: memory)
            )
            return try trainer.sweepLearningRates(over: 1e-4...1e-2, steps: 7).trials.map(\.loss)
        }
        #expect(try rates(memory: 0) == rates(memory: 1 << 30))
    }
}
