import Foundation
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegInterop
import SegLayers
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct TrainingKindTests {
    private func trainer(
        _ settings: TrainingSettings,
        _ folder: URL? = nil,
        model: MultiTaskModel? = nil,
        stopsAfter steps: Int = .max
    ) throws -> (model: MultiTaskModel, run: () throws -> TrainingHistory) {
        let model = try model ?? makeModel()
        let counter = Counter(steps)
        let trainer = try Trainer(
            model: model,
            settings: settings,
            seed: 5,
            training: makeSamples(10, seed: 1, normals: true),
            validation: makeSamples(6, seed: 2),
            checkpointFolder: folder,
            isCancelled: { counter.isOver() }
        )
        return (model, trainer.run)
    }

    /// Says that training is over after so many questions.
    ///
    /// `@unchecked Sendable`: every access to the number holds the lock.
    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var left: Int
        init(_ left: Int) { self.left = left }
        func isOver() -> Bool {
            lock.withLock {
                left -= 1
                return left < 0
            }
        }
    }

    static let variants: [(name: String, change: @Sendable (inout TrainingSettings) -> Void)] = [
        ("sgd", { $0.optimizer = NamedPlugin("sgd", settings: .table(["momentum": .number(0.8)])) }),
        ("one-cycle", { $0.schedule = NamedPlugin("one-cycle") }),
        ("polynomial", { $0.schedule = NamedPlugin("polynomial") }),
        ("uncertainty", { $0.balancing = NamedPlugin("uncertainty") }),
        ("gradnorm", { $0.balancing = NamedPlugin("gradnorm") }),
        ("pcgrad", { $0.balancing = NamedPlugin("pcgrad") }),
        ("cagrad", { $0.balancing = NamedPlugin("cagrad") }),
        ("accumulation", { $0.accumulation = 2 }),
        ("averaging", { $0.averaging = 0.9 }),
        ("pathology", { $0.sampling = .pathology }),
        (
            "all together",
            {
                $0.optimizer = NamedPlugin("sgd")
                $0.balancing = NamedPlugin("gradnorm")
                $0.accumulation = 2
                $0.averaging = 0.95
                $0.sampling = .lesion
                $0.gradientClip = 1
            }
        ),
    ]

    /// Trained at one go, with other threads, and stopped twice on the way: the same bits each time, and others than plainly.
    @Test(arguments: variants.map(\.name))
    func aVariantTrainsTheSameHoweverItIsStopped(name: String) throws {
        let change = try #require(Self.variants.first { $0.name == name }).change
        var settings = quickSettings(epochs: 2)
        let (plain, runPlain) = try trainer(settings)
        _ = try runPlain()
        change(&settings)
        let (whole, run) = try trainer(settings)
        let history = try run()
        #expect(bits(whole) != bits(plain))
        #expect(history.epochs.allSatisfy { $0.losses["total"]?.isFinite == true })

        let (threaded, runThreaded) = try WorkerPool.with(WorkerPool(threadCount: 3)) { try trainer(settings) }
        _ = try WorkerPool.with(WorkerPool(threadCount: 3)) { try runThreaded() }
        #expect(bits(threaded) == bits(whole))

        try withTemporaryFolder { folder in
            for steps in [2, 3] {
                #expect(throws: TrainingCancelled.self) {
                    try trainer(settings, folder, stopsAfter: steps).run()
                }
            }
            let (resumed, finish) = try trainer(settings, folder, model: makeModel(seed: 99))
            let resumedHistory = try finish()
            #expect(bits(resumed) == bits(whole))
            #expect(resumedHistory.epochs.map(\.losses) == history.epochs.map(\.losses))
            #expect(resumedHistory.epochs.map(\.learned) == history.epochs.map(\.learned))
        }
    }

    /// Each task propagated on its own, and all added up, is what one sweep over their sum gives; running statistics count
    /// each batch once.
    @Test func tasksOnTheirOwnAddUpToTheirSum() throws {
        var settings = quickSettings(epochs: 1)
        settings.warmUpEpochs = 0
        settings.learningRate = 1e-3
        settings.optimizer = NamedPlugin("sgd", settings: .table(["momentum": .number(0), "nesterov": .bool(false)]))
        let (plain, run) = try trainer(settings)
        _ = try run()
        settings.balancing = NamedPlugin("cagrad", settings: .table(["c": .number(0)]))
        let (apart, runApart) = try trainer(settings)
        _ = try runApart()
        for (first, second) in zip(plain.parameters, apart.parameters) {
            let differences = zip(first.parameter.value.values(), second.parameter.value.values()).map { abs($0 - $1) }
            #expect((differences.max() ?? 0) < 2e-5, "\(first.path)")
        }
        for (first, second) in zip(plain.buffers, apart.buffers) {
            let differences = zip(first.buffer.values, second.buffer.values).map { abs($0 - $1) }
            #expect((differences.max() ?? 0) < 2e-4, "\(first.path)")
        }
    }

    /// Two batches of four make the step that one of eight makes, where nothing depends on the batch.
    @Test func accumulatedBatchesMakeOneStep() throws {
        func trained(batchSize: Int, accumulation: Int) throws -> [(path: String, values: [Float])] {
            var settings = quickSettings(epochs: 1)
            settings.batchSize = batchSize
            settings.accumulation = accumulation
            settings.warmUpEpochs = 0
            settings.schedule = NamedPlugin("constant")
            settings.selectionMetric = .last
            settings.optimizer = NamedPlugin("sgd")
            var initializer = WeightInitializer(seed: 3)
            let backbone = try UNet(
                .init(depth: 2, width: 4, normalization: .instance),
                inputChannels: 1,
                initializer: &initializer
            )
            let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
            let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
            _ = try Trainer(
                model: model,
                settings: settings,
                seed: 5,
                training: makeSamples(8, seed: 1),
                validation: []
            )
            .run()
            return model.parameters.map { ($0.path, $0.parameter.value.values()) }
        }
        for (one, two) in zip(try trained(batchSize: 8, accumulation: 1), try trained(batchSize: 4, accumulation: 2)) {
            let differences = zip(one.values, two.values).map { abs($0 - $1) }
            #expect((differences.max() ?? 0) < 1e-5, "\(one.path)")
        }
    }

    /// AdamW under default settings leaves the tensors and members that it always left, and no others.
    @Test func defaultsLeaveCheckpointsAsTheyWere() throws {
        try withTemporaryFolder { folder in
            let (model, run) = try trainer(quickSettings(epochs: 1), folder)
            _ = try run()
            let file = try Safetensors.read(folder.appending(path: "last.safetensors"))
            let paths = model.parameters.map(\.path)
            let expected =
                (paths + model.buffers.map(\.path)).map { "model." + $0 } + paths.map { "adamw.first." + $0 }
                + paths.map { "adamw.second." + $0 }
            #expect(Set(file.tensors.map(\.name)) == Set(expected))
            #expect(Set(file.metadata.keys) == ["state", "fingerprint", "optimizerSteps", "epoch", "formatVersion"])
            let fingerprint = try #require(file.metadata["fingerprint"])
            for key in [
                "optimizer", "schedule", "balancing", "accumulation", "replicas", "averaging", "sampling",
                "augmentationSteps",
            ] {
                #expect(!fingerprint.contains("settings.\(key)"), "\(key)")
            }
        }
    }

    /// What a plugin's balancing learns may overflow: the checkpoint names it, and keeps what was saved before.
    @Test func aStateThatIsNotFiniteIsNamed() throws {
        final class Unbounded: TaskBalancing {
            static let name = "unbounded"
            static let summary = "Learns without a bound"
            init(_ settings: NoSettings, tasks: [String]) {}
            func factors(_ step: BalancingStep) -> [TaskFactor] { step.tasks.map { _ in TaskFactor(1) } }
            var state: [String: [Double]] { ["scale": [1, .nan]] }
        }
        try withTemporaryFolder { folder in
            var registry = PluginRegistry()
            try registry.addStandardTraining()
            try registry.add(balancing: Unbounded.self)
            var settings = quickSettings(epochs: 1)
            settings.balancing = NamedPlugin("unbounded")
            let trainer = try Trainer(
                model: makeModel(),
                settings: settings,
                seed: 5,
                training: makeSamples(4, seed: 1),
                validation: makeSamples(2, seed: 2),
                checkpointFolder: folder,
                registry: registry
            )
            let text = message { _ = try trainer.run() }
            #expect(
                text
                    == "balancing `unbounded`: `scale` of its state is not finite: nan; keep finite numbers in `state`, for "
                    + "instance by a bound on what is learned"
            )
        }
    }

    @Test func learnedWeightsStandInTheHistory() throws {
        var settings = quickSettings(epochs: 2)
        settings.balancing = NamedPlugin("uncertainty")
        let learned = try trainer(settings).run().epochs.compactMap(\.learned)
        #expect(learned.count == 2)
        #expect(learned.allSatisfy { $0["balancing.segmentation"] != nil && $0["balancing.classification"] != nil })
        #expect(learned[0] != learned[1])
    }

    /// An optimizer that breaks is named.
    @Test func aPluginThatLeavesNoNumbersIsNamed() throws {
        final class Broken: Optimizer {
            static let name = "broken"
            static let summary = "For tests: divides by 0"
            let parameters: [Parameter]
            init(_ settings: NoSettings, parameters: [Parameter], weightDecay: Double) { self.parameters = parameters }
            func step(rate: Double, gradientScale: Double) {
                for parameter in parameters { parameter.value = parameter.value / 0 }
            }
        }
        struct Endless: LearningRateSchedule {
            static let name = "endless"
            static let summary = "For tests: no rate"
            init(_ settings: NoSettings) throws {}
            func rate(at step: Int, of plan: RatePlan) -> Double { 1 / Double(step - step) }
        }
        var registry = PluginRegistry()
        try registry.addStandardTraining()
        try registry.add(optimizer: Broken.self)
        try registry.add(schedule: Endless.self)
        func error(_ change: (inout TrainingSettings) -> Void) -> String {
            var settings = quickSettings(epochs: 1)
            change(&settings)
            return message {
                _ = try Trainer(
                    model: makeModel(),
                    settings: settings,
                    seed: 1,
                    training: makeSamples(4),
                    validation: makeSamples(4, seed: 2),
                    registry: registry
                ).run()
            }
        }
        #expect(
            error { $0.optimizer = NamedPlugin("broken") }
                .hasPrefix("optimizer `broken`: it leaves weights that are not numbers in epoch 1, step 1 of 1")
        )
        #expect(
            error { $0.schedule = NamedPlugin("endless") }
                .hasPrefix("schedule `endless`: its learning rate in epoch 1, step 1 of 1 is inf")
        )
    }
}
