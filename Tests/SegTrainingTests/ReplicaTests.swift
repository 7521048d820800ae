import Foundation
import SegAugmentation
import SegBIRADS
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegInterop
import SegLayers
import SegReplicas
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

/// Says that training is over after so many questions.
final class Questions: Sendable {
    private let left: Locked<Int>
    init(_ left: Int) { self.left = Locked(left) }
    var areOver: Bool {
        left.withLock { left in
            left -= 1
            return left < 0
        }
    }
}

/// What a training comes to, without what a clock says.
struct Trained: Equatable, Sendable {
    var bits: [String: [UInt32]]
    var epochs: [EpochHistory]
    var bestEpoch: Int?

    init(_ model: MultiTaskModel, _ history: TrainingHistory) {
        bits = SegTrainingTests.bits(model)
        bestEpoch = history.bestEpoch
        epochs = history.epochs.map { epoch in
            var epoch = epoch
            (epoch.seconds, epoch.imagesPerSecond, epoch.waits) = (0, 0, nil)
            return epoch
        }
    }
}

@Suite struct ReplicaTests {
    /// A way to train, with four replicas.
    struct Variant: CustomTestStringConvertible, Sendable {
        var name: String
        var normalization = NormalizationKind.batch
        var hasTerm = false
        var change: @Sendable (inout TrainingSettings) -> Void = { _ in }

        var testDescription: String { name }

        /// Seven batches an epoch, of which its last round takes three.
        var settings: TrainingSettings {
            var settings = quickSettings(epochs: 2)
            settings.batchSize = 2
            settings.replicas = 4
            change(&settings)
            return settings
        }

        func model(seed: UInt64 = 3) throws -> MultiTaskModel {
            var initializer = WeightInitializer(seed: seed)
            let backbone = try UNet(
                .init(depth: 2, width: 4, normalization: normalization),
                inputChannels: 1,
                initializer: &initializer
            )
            let pyramid = backbone.outline
            var term = BIRADSConsistency.Settings()
            term.warmUpEpochs = 0
            return try MultiTaskModel(
                backbone: backbone,
                heads: [
                    WeightedHead(try SegmentationHead(.init(), backbone: pyramid, initializer: &initializer)),
                    WeightedHead(
                        try ClassificationHead(.init(), backbone: pyramid, initializer: &initializer),
                        weight: 0.5
                    ),
                ],
                terms: hasTerm ? [WeightedTerm(try BIRADSConsistency(term), weight: 0.2)] : []
            )
        }

        func trained(
            _ group: TrainingGroup = .alone,
            in folder: URL? = nil,
            seed: UInt64 = 5,
            stoppingAfter questions: Int = .max,
            settings: TrainingSettings? = nil
        ) throws -> Trained {
            // Weights of their own: what counts is those of the first rank.
            let model = try model(seed: 3 + UInt64(group.rank))
            let left = Questions(questions)
            let trainer = try Trainer(
                model: model,
                settings: settings ?? self.settings,
                seed: seed,
                training: makeSamples(14, seed: 1, normals: true),
                validation: makeSamples(6, seed: 2),
                checkpointFolder: folder,
                group: group,
                isCancelled: { left.areOver }
            )
            return Trained(model, try trainer.run())
        }
    }

    static let batch = Variant(name: "batch normalization")
    static let variants = [
        Variant(name: "instance normalization", normalization: .instance),
        batch,
        Variant(name: "BI-RADS term", hasTerm: true),
        Variant(name: "accumulation", hasTerm: true) { ($0.accumulation, $0.batchSize) = (2, 1) },
        Variant(name: "balancing, averaging and clipping", hasTerm: true) {
            $0.balancing = NamedPlugin("pcgrad")
            ($0.averaging, $0.gradientClip, $0.sampling) = (0.9, 0.5, .lesion)
            $0.diagnostics.interference.every = 1
        },
        Variant(name: "half the memory, last epoch") { ($0.precision, $0.selectionMetric) = (.bf16Storage, .last) },
    ]

    private static func tensors(in folder: URL) throws -> [[SafetensorsTensor]] {
        try ["last.safetensors", "best.safetensors"].map { try Safetensors.read(folder.appending(path: $0)).tensors }
    }

    @Test("Weights, history and checkpoints are the same for one, two and four ranks", arguments: variants)
    func ranks(_ variant: Variant) throws {
        try withTemporaryFolder { folder in
            let alone = folder.appending(path: "1")
            let expected = try variant.trained(in: alone)
            #expect(expected.epochs.allSatisfy { $0.losses["total"]?.isFinite == true })
            let kept = try Self.tensors(in: alone)
            for count in [2, 4] {
                let place = folder.appending(path: "\(count)")
                let results = onRanks(count) { try variant.trained($0, in: place) }
                #expect(results.count == count)
                for result in results { #expect(try result.get() == expected) }
                #expect(try Self.tensors(in: place) == kept)
            }
        }
    }

    /// Where nothing is kept from batch to batch, both add up the same gradients in the same order.
    @Test func withoutBuffersReplicasAreAccumulation() throws {
        let variant = Self.variants[0]
        let replicas = try variant.trained()
        var settings = variant.settings
        (settings.accumulation, settings.replicas) = (4, 1)
        let accumulated = try variant.trained(settings: settings)
        #expect(replicas.bits == accumulated.bits)
        #expect(replicas.epochs.map(\.losses) == accumulated.epochs.map(\.losses))
        #expect(replicas.epochs.map(\.validation) == accumulated.epochs.map(\.validation))
        settings.accumulation = 1
        #expect(try variant.trained(settings: settings).bits != replicas.bits)
    }

    /// The only round of an epoch, against each of its batches on its own.
    @Test func runningStatisticsAreTheMeanOfTheBatches() throws {
        var settings = Self.batch.settings
        (settings.epochs, settings.batchSize, settings.replicas) = (1, 5, 3)
        (settings.augmentation, settings.selectionMetric, settings.warmUpEpochs) = (.none, .last, 0)
        let samples = try makeSamples(14, seed: 1)
        let model = try Self.batch.model()
        _ = try Trainer(model: model, settings: settings, seed: 5, training: samples, validation: []).run()
        let maker = BatchMaker(
            samples: samples.map { StreamedSample($0) },
            augmentation: AugmentationPipeline(steps: []),
            seed: 5
        )
        let statistics = try BatchSampler(count: 14, batchSize: 5, seed: 5).batches(epoch: 0).map { indices in
            let fresh = try Self.batch.model()
            _ = fresh.outputs(for: try maker.batch(indices, epoch: 0).images, phase: .training)
            return fresh.buffers.map(\.buffer.values)
        }
        #expect(statistics.count == 3)
        for (index, (path, buffer)) in model.buffers.enumerated() {
            for (place, value) in buffer.values.enumerated() {
                let mean = statistics.reduce(0) { $0 + Double($1[index][place]) } / 3
                #expect(abs(Double(value) - mean) < 1e-6, "\(path)")
            }
        }
    }

    /// Stopped by a signal to one rank, gone on with by two, stopped again in the validation, and ended by one.
    @Test(arguments: [0, 1, 4, 5]) func aStoppedTrainingGoesOnWithAnyNumberOfRanks(questions: Int) throws {
        let variant = Self.variants[3]
        let expected = try variant.trained()
        try withTemporaryFolder { folder in
            for (count, stopped, questions) in [(4, 2, questions), (2, 1, 3), (2, 0, 2)] {
                let results = onRanks(count) { group in
                    try variant.trained(group, in: folder, stoppingAfter: group.rank == stopped ? questions : .max)
                }
                #expect(results.count == count)
                for result in results { #expect(throws: TrainingCancelled.self) { try result.get() } }
            }
            let ended = try variant.trained(in: folder)
            #expect(ended == expected)
            // A finished training is only read, and told to the others.
            for result in onRanks(2, { try variant.trained($0, in: folder) }) { #expect(try result.get() == expected) }
        }
    }

    @Test func anErrorOfOneRankEndsAllAndLeavesTheCheckpoint() throws {
        /// Is not a number from some epoch on.
        final class BadTerm: ConsistencyTerm {
            static let name = "bad"
            static let summary = "For tests: diverges"
            var start = 1e9
            init(_ settings: NoSettings = .init()) {}
            func visit(_ visitor: inout ModuleVisitor) {}
            func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
                Tensor(progress.epoch > start ? .nan : 0)
            }
        }
        @Sendable func trained(_ group: TrainingGroup, _ folder: URL?, badFrom start: Double) throws -> Trained {
            let plain = try Self.batch.model()
            let term = BadTerm()
            term.start = start
            let model = try MultiTaskModel(backbone: plain.backbone, heads: plain.heads, terms: [WeightedTerm(term)])
            let trainer = try Trainer(
                model: model,
                settings: Self.batch.settings,
                seed: 5,
                training: makeSamples(14, seed: 1),
                validation: makeSamples(6, seed: 2),
                checkpointFolder: folder,
                group: group
            )
            return Trained(model, try trainer.run())
        }
        try withTemporaryFolder { folder in
            let results = onRanks(2) { try trained($0, folder, badFrom: $0.rank == 1 ? 1 : 1e9) }
            let texts = results.map { result in message { _ = try result.get() } }
            #expect(texts[0].hasPrefix("rank 1: epoch 2, step 2 of 7: the loss of bad is nan on the samples case1-"))
            #expect(texts[0] == "rank 1: \(texts[1])")
            let (resumed, straight) = (
                try trained(.alone, folder, badFrom: 1e9), try trained(.alone, nil, badFrom: 1e9)
            )
            #expect(resumed == straight)
        }
    }

    /// As where a process is killed: in the first exchange, at the start of the first epoch, and within the second.
    @Test(arguments: [0, 6, 17]) func aLostRankEndsAllAndLeavesTheCheckpoint(exchanges: Int) throws {
        try withTemporaryFolder { folder in
            let results = onRanks(4, losing: (3, exchanges)) { try Self.batch.trained($0, in: folder) }
            #expect(results.count == 4)
            for result in results { #expect(throws: LostRank.self) { try result.get() } }
            #expect(
                FileManager.default.fileExists(atPath: folder.appending(path: "last.safetensors").path)
                    || exchanges == 0
            )
            let (resumed, straight) = (try Self.batch.trained(in: folder), try Self.batch.trained())
            #expect(resumed == straight)
        }
    }

    @Test func whatCannotBeSharedIsRefusedOnAllRanks() throws {
        func texts(_ count: Int, _ body: @escaping @Sendable (TrainingGroup) throws -> Trained) -> Set<String> {
            let results = onRanks(count, body)
            return Set(results.map { result in message { _ = try result.get() } })
        }
        #expect(
            texts(3) { try Self.batch.trained($0) } == [
                "replicas: 3 processes cannot share the 4 of a step; set replicas to 3 or a multiple of it, or start as many "
                    + "processes as divide it: 1, 2, 4"
            ]
        )
        var plain = Self.batch.settings
        plain.replicas = 1
        let one = plain
        #expect(
            texts(2) { try Self.batch.trained($0, settings: one) } == [
                "replicas: 2 processes cannot share the 1 of a step; set replicas to 2 or a multiple of it, or start as many "
                    + "processes as divide it: 1"
            ]
        )
        #expect(
            texts(2) { try Self.batch.trained($0, seed: $0.rank == 0 ? 5 : 6) } == [
                "rank 1: it trains something else than rank 0: seed was 5 and is 6; start all processes with the same "
                    + "command, program and data"
            ]
        )
        if let other = InstructionSet.available.first(where: { $0 != .current }) {
            let found = texts(2) { group in
                try InstructionSet.with(group.rank == 0 ? .current : other) { try Self.batch.trained(group) }
            }
            #expect(found.count == 1)
            #expect(found.first?.contains("rank 1: it computes with \(other.rawValue) and rank 0 with ") == true)
        }
    }

    @Test(arguments: ["gradnorm", "uncertainty"]) func balancingsThatLearnAreRefused(name: String) throws {
        var settings = Self.batch.settings
        settings.balancing = NamedPlugin(name)
        #expect(
            message { _ = try Self.batch.trained(settings: settings) }
                == "balancing `\(name)`: it learns from one batch after the other, and replicas (4) are computed side by "
                + "side; set accumulation instead, or choose a balancing that learns nothing, such as `pcgrad`"
        )
    }

    @Test func theMeanOfWhatIsTheSameIsTheSame() {
        let values: [Float] = [0.1, -0.0, 3.4e38, .leastNonzeroMagnitude, -7.7]
        #expect(meanInOrder(Array(repeating: values, count: 7)).map(\.bitPattern) == values.map(\.bitPattern))
        #expect(meanInOrder([[1, 2], [2, 4], [6, 0]]) == [3, 2])
        #expect(meanInOrder([]) == [])
    }

    @Test func launchersAreRecognized() {
        func launched(_ environment: [String: String]) -> [Int]? {
            LaunchedProcesses(environment: environment).map { [$0.rank, $0.count] }
        }
        #expect(launched(["OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4"]) == [3, 4])
        #expect(launched(["PMI_RANK": "0", "PMI_SIZE": "2"]) == [0, 2])
        #expect(launched(["PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "8"]) == [1, 8])
        #expect(launched(["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"]) == nil)
        // A job's script has these; it is one process.
        #expect(launched(["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == nil)
        #expect(launched([:]) == nil)
    }
}
