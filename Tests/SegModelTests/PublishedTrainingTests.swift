import Foundation
import SegBackbones
import SegConfiguration
import SegCore
import SegData
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

/// Trainings on an encoder with published weights, of which stages are frozen and the rest learns at a rate of its own.
@Suite("Trainings on published weights")
struct PublishedTrainingTests {
    private let folder: TemporaryFolder
    private let weights: URL

    init() throws {
        folder = try TemporaryFolder()
        weights = folder.appending("weights.safetensors")
        try EncoderOracle.one("mobilenet-v2").write(to: weights)
    }

    private func model(frozenStages: Int = 0, factor: Double = 1, seed: UInt64 = 1) throws -> MultiTaskModel {
        let encoder: ConfigurationMembers = [
            "weights": .text(weights.path), "frozenStages": .integer(frozenStages),
            "learningRateFactor": .number(factor),
        ]
        let settings: ConfigurationMembers = [
            "encoder": .table(["name": .text("mobilenet-v2"), "settings": .table(encoder)])
        ]
        return try ModelConfiguration(
            .table([
                "backbone": .table(["name": .text("unet"), "settings": .table(settings)]),
                "heads": .table(["segmentation": .integer(1)]),
            ]),
            path: "model",
            registry: .standard
        ).makeModel(registry: .standard, seed: seed)
    }

    private static func samples(_ count: Int, seed: UInt64) throws -> [PreparedSample] {
        try (0..<count).map { index in
            var stream = RandomStream(seed: seed, "image", StreamKey(index))
            var (image, mask) = (GrayImage(width: 32, height: 32), Mask(emptyWithWidth: 32, height: 32))
            let left = 4 + 8 * (index % 3)
            for y in 0..<32 {
                for x in 0..<32 {
                    mask[x, y] = (8..<24).contains(y) && (left..<left + 10).contains(x)
                    image[x, y] = (mask[x, y] ? 0.7 : 0.3) + stream.uniform(in: -0.1...0.1)
                }
            }
            let record = SampleRecord(
                id: "\(seed)-\(index)",
                imageFile: URL(filePath: "/nowhere/\(index).png"),
                pathology: .benign
            )
            return PreparedSample(try Sample(record: record, image: image, lesion: mask), size: 32)
        }
    }

    private static func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
        var settings = TrainingSettings()
        (settings.epochs, settings.batchSize, settings.imageSize, settings.learningRate) = (2, 2, 32, 0.01)
        change(&settings)
        return settings
    }

    private static func train(
        _ model: MultiTaskModel,
        _ settings: TrainingSettings,
        in folder: URL? = nil,
        stopsAfter steps: Int = .max
    ) throws {
        let left = Steps(steps)
        _ = try Trainer(
            model: model,
            settings: settings,
            seed: 5,
            training: samples(4, seed: 1),
            validation: samples(2, seed: 2),
            checkpointFolder: folder,
            isCancelled: { left.areOver() }
        ).run()
    }

    /// How often training may still ask whether it is over.
    private final class Steps: Sendable {
        private let left: Locked<Int>

        init(_ count: Int) { left = Locked(count) }

        func areOver() -> Bool {
            left.withLock {
                $0 -= 1
                return $0 < 0
            }
        }
    }

    /// Parameters and buffers as bytes, by path.
    private static func bits(_ model: MultiTaskModel) -> [String: Data] {
        let parameters = model.parameters.map { ($0.path, $0.parameter.value.values()) }
        let buffers = model.buffers.map { ($0.path, $0.buffer.values) }
        return Dictionary(
            uniqueKeysWithValues: (parameters + buffers).map { ($0, $1.withUnsafeBytes { Data($0) }) }
        )
    }

    /// Of two frozen stages: stem and first block, then two blocks.
    private static func isFrozen(_ path: String) -> Bool {
        ["stem", "blocks.0", "blocks.1", "blocks.2"].contains { path.hasPrefix("backbone.mobilenet-v2.\($0).") }
    }

    /// What training cannot leave alone. Gains and offsets that the next normalization takes away have gradients near 0.
    private static func isMoved(_ path: String) -> Bool {
        path.hasSuffix("weight") || path.hasSuffix("runningMean") || path.hasSuffix("runningVariance")
    }

    static let ways: [(name: String, change: @Sendable (inout TrainingSettings) -> Void)] = [
        ("adamw", { _ in }),
        ("sgd", { $0.optimizer = NamedPlugin("sgd") }),
        // The mean of weights that stay is those weights, not what rounding makes of it.
        ("averaging", { $0.averaging = 0.9 }),
        ("all together", { ($0.averaging, $0.accumulation, $0.optimizer) = (0.9, 2, NamedPlugin("sgd")) }),
    ]

    @Test("leave frozen stages as they were published, to the bit, and train all else", arguments: ways.map(\.name))
    func frozen(_ name: String) throws {
        let change = try #require(Self.ways.first { $0.name == name }).change
        let model = try model(frozenStages: 2, factor: 0.1)
        let before = Self.bits(model)
        // The last epoch's weights: the first of an average may be those it began with.
        try Self.train(
            model,
            Self.settings {
                $0.selectionMetric = .last
                change(&$0)
            }
        )
        let after = Self.bits(model)
        #expect(before.keys.count(where: Self.isFrozen) > 40)
        for (path, values) in after {
            if Self.isFrozen(path) {
                #expect(values == before[path], "\(path)")
            } else if Self.isMoved(path) {
                #expect(values != before[path], "\(path)")
            }
        }
    }

    @Test("take steps whose size the factor scales, in the published part alone")
    func factor() throws {
        // One step of plain descent, so that what it moves is the rate times the gradient.
        let settings = Self.settings {
            ($0.epochs, $0.batchSize, $0.learningRate, $0.weightDecay, $0.warmUpEpochs) = (1, 4, 0.5, 0, 0)
            $0.optimizer = NamedPlugin("sgd", settings: .table(["momentum": .integer(0), "nesterov": .bool(false)]))
            $0.selectionMetric = .last
        }
        let (whole, tenth) = (try model(), try model(factor: 0.1))
        let start = whole.parameters.map { $0.parameter.value.values() }
        #expect(tenth.parameters.map { $0.parameter.value.values() } == start)
        try Self.train(whole, settings)
        try Self.train(tenth, settings)
        func moves(_ model: MultiTaskModel, _ index: Int) -> [Double] {
            zip(model.parameters[index].parameter.value.values(), start[index]).map { Double($0) - Double($1) }
        }
        var published = 0
        for (index, (path, _)) in whole.parameters.enumerated() {
            let (full, part) = (moves(whole, index), moves(tenth, index))
            guard path.hasPrefix("backbone.mobilenet-v2.") else {
                #expect(full == part && (!Self.isMoved(path) || full.contains { $0 != 0 }), "\(path)")
                continue
            }
            published += 1
            // A move is the difference of two 32-bit floats: of those that are far smaller than the values little is left.
            let largest = start[index].reduce(1e-3) { max($0, Double(abs($1))) }
            let error = zip(full, part).reduce(0) { max($0, abs(0.1 * $1.0 - $1.1)) }
            #expect(error <= 2e-7 * largest + 1e-5 * full.reduce(0) { max($0, abs($1)) }, "\(path)")
            if Self.isMoved(path) { #expect(full.contains { $0 != 0 }, "\(path)") }
        }
        #expect(published > 100)
    }

    @Test("go on where they were stopped, to the same bits")
    func resumption() throws {
        let settings = Self.settings { $0.averaging = 0.9 }
        let whole = try model(frozenStages: 2, factor: 0.1)
        try Self.train(whole, settings)
        let checkpoints = folder.appending("checkpoints")
        #expect(throws: TrainingCancelled.self) {
            try Self.train(model(frozenStages: 2, factor: 0.1), settings, in: checkpoints, stopsAfter: 3)
        }
        // What it would begin with is overwritten by the checkpoint, but for nothing: another seed shows that all is saved.
        let resumed = try model(frozenStages: 2, factor: 0.1, seed: 9)
        try Self.train(resumed, settings, in: checkpoints)
        #expect(Self.bits(resumed) == Self.bits(whole))
    }
}
