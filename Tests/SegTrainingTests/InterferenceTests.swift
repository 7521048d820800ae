import Foundation
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegLayers
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

/// A task whose loss is a multiple of another one's: the same direction, or the opposite one.
private final class EchoHead: TaskHead {
    struct Settings: PluginSettings {
        var factor: Float = 1
    }

    static let name = "echo"
    static let summary = "For tests: the segmentation loss again, times a factor"

    private let settings: Settings
    private let segmentation: SegmentationHead

    init(_ settings: Settings, segmentation: SegmentationHead) {
        self.settings = settings
        self.segmentation = segmentation
    }

    init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        self.settings = settings
        segmentation = try SegmentationHead(.init(), backbone: backbone, initializer: &initializer)
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        segmentation.loss(outputs, batch).map { $0 * settings.factor }
    }
}

@Suite("Interference of the tasks' gradients")
struct InterferenceTests {
    private let progress = TrainingProgress(epoch: 2, epochs: 3)

    private func batches(_ count: Int = 2) throws -> [Batch] {
        try (0..<count).map { Batch(try makeSamples(4, seed: UInt64($0) + 11)) }
    }

    private func echoModel(factor: Float) throws -> MultiTaskModel {
        var initializer = WeightInitializer(seed: 3)
        let backbone = try UNet(.init(depth: 2, width: 4), inputChannels: 1, initializer: &initializer)
        let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        return try MultiTaskModel(
            backbone: backbone,
            heads: [WeightedHead(head), WeightedHead(EchoHead(.init(factor: factor), segmentation: head))]
        )
    }

    /// Gradients of every parameter, as the sum of losses with these names leaves them.
    private func gradients(
        _ model: MultiTaskModel,
        _ batch: Batch,
        _ isChosen: (String) -> Bool
    ) -> [String: [Float]] {
        for (_, parameter) in model.parameters { parameter.clearGradient() }
        for name in model.heads.map(\.name) + model.terms.map(\.name) where isChosen(name) {
            let losses = model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
            for (part, contribution) in zip(losses.parts, losses.contributions) where part.name == name {
                contribution.backward()
            }
        }
        defer { for (_, parameter) in model.parameters { parameter.clearGradient() } }
        return Dictionary(
            uniqueKeysWithValues: model.parameters.map { path, parameter in
                (path, parameter.gradient?.values() ?? Array(repeating: 0, count: parameter.shape.count))
            }
        )
    }

    @Test("Equal losses have the cosine 1, negated ones −1, and magnitudes compare as they should")
    func knownAngles() throws {
        for (factor, cosine, similarity) in [(Float(1), 1.0, 1.0), (-1, -1, 1), (-3, -1, 0.6), (0.5, 1, 0.8)] {
            let model = try echoModel(factor: factor)
            let result = try #require(InterferenceProbe(batches: try batches()).measure(model, progress))
            let pair = try #require(result.pair("echo", "segmentation"))
            #expect(abs(try #require(pair.cosine) - cosine) < 1e-6)
            #expect(abs(try #require(pair.pooledCosine) - cosine) < 1e-6)
            #expect(abs(try #require(pair.magnitudeSimilarity) - similarity) < 1e-6)
            #expect(pair.conflictRate == (cosine < 0 ? 1 : 0))
            #expect(pair.batches == 2)
            #expect(pair.stageCosines.values.allSatisfy { abs($0 - cosine) < 1e-6 })
            // The heads share the segmentation's own layer too: the tape knows, names do not matter.
            #expect(pair.stageCosines.keys.contains("heads.segmentation.convolution"))
        }
    }

    @Test("The shared parameters are the encoder's, with a term and without")
    func sharedParameters() throws {
        for withTerm in [false, true] {
            let model = try makeModel(withTerm: withTerm)
            let result = try #require(InterferenceProbe(batches: try batches()).measure(model, progress))
            let pair = try #require(result.pair("segmentation", "classification"))
            #expect(Set(pair.stageCosines.keys) == ["backbone.encoder.0", "backbone.encoder.1"])
            let encoder = model.parameters.filter { $0.path.hasPrefix("backbone.encoder.") }
            #expect(result.sharedValues == encoder.reduce(0) { $0 + $1.parameter.shape.count })
            #expect(result.tasks.map(\.name) == ["segmentation", "classification"] + (withTerm ? ["brightness"] : []))
            #expect(result.pairs.count == (withTerm ? 3 : 1))
        }
    }

    @Test("Figures follow from the gradients, which add up to that of the whole loss")
    func figures() throws {
        let model = try makeModel()
        let batch = try batches(1)[0]
        let names = ["segmentation", "classification", "brightness"]
        let parts = names.map { name in gradients(model, batch) { $0 == name } }
        for (_, parameter) in model.parameters { parameter.clearGradient() }
        model.losses(model.outputs(for: batch.images, phase: .training), batch, progress).total.backward()
        for (path, parameter) in model.parameters {
            let whole = try #require(parameter.gradient, "\(path)").values()
            let sum = whole.indices.map { index in parts.reduce(0) { $0 + ($1[path]?[index] ?? 0) } }
            let scale = max(whole.map(abs).max() ?? 0, 1e-3)
            #expect(zip(whole, sum).allSatisfy { abs($0 - $1) < 1e-5 * scale }, "\(path)")
            parameter.clearGradient()
        }

        let result = try #require(InterferenceProbe(batches: [batch]).measure(model, progress))
        let encoder = model.parameters.map(\.path).filter { $0.hasPrefix("backbone.encoder.") }
        let vectors = parts.map { part in encoder.flatMap { part[$0] ?? [] }.map(Double.init) }
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        func norm(_ a: [Double]) -> Double { product(a, a).squareRoot() }
        for (i, first) in names.enumerated() {
            #expect(abs(try #require(result.task(first)?.norm) / norm(vectors[i]) - 1) < 1e-6)
            let others = names.indices.filter { $0 != i }.map { vectors[$0] }
            let sum = zip(others[0], others[1]).map { $0 + $1 }
            let expected = product(vectors[i], sum) / (norm(vectors[i]) * norm(sum))
            #expect(abs(try #require(result.task(first)?.cosineWithOthers) - expected) < 1e-6)
            for (j, second) in names.enumerated() where j > i {
                let pair = try #require(result.pair(first, second))
                let (a, b) = (norm(vectors[i]), norm(vectors[j]))
                let cosine = product(vectors[i], vectors[j]) / (a * b)
                #expect(abs(try #require(pair.cosine) - cosine) < 1e-6)
                #expect(abs(try #require(pair.magnitudeSimilarity) - 2 * a * b / (a * a + b * b)) < 1e-6)
                #expect(pair.conflictRate == (cosine < 0 ? 1 : 0))
            }
        }
    }

    @Test("One task's gradient agrees with differences of its loss")
    func finiteDifferences() throws {
        let model = try makeModel()
        let batch = try batches(1)[0]
        func loss(_ name: String) throws -> Double {
            let losses = model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
            return Double(try #require(losses.parts.first { $0.name == name }).contribution)
        }
        let encoder = model.parameters.filter { $0.path.hasPrefix("backbone.encoder.") }
        for name in ["segmentation", "classification", "brightness"] {
            // The steepest value of all: the others' slopes drown in the rounding of the loss.
            let all = gradients(model, batch) { $0 == name }
            func steepest(_ path: String) -> Float { all[path]?.map(abs).max() ?? 0 }
            let (path, parameter) = try #require(encoder.max { steepest($0.path) < steepest($1.path) })
            let gradient = try #require(all[path])
            let place = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
            let value = parameter.value.values()
            func moved(_ step: Float) throws -> Double {
                var values = value
                values[place] += step
                parameter.value = Tensor(values, shape: parameter.shape)
                defer { parameter.value = Tensor(value, shape: parameter.shape) }
                return try loss(name)
            }
            let slope = try (moved(2e-3) - moved(-2e-3)) / 4e-3
            #expect(abs(slope / Double(gradient[place]) - 1) < 0.03, "\(name), \(path)")
        }
    }

    @Test("A measurement leaves weights, running statistics and gradients as they were, and repeats bit for bit")
    func leavesNoTrace() throws {
        let model = try makeModel()
        let before = bits(model)
        let probe = InterferenceProbe(batches: try batches())
        let first = probe.measure(model, progress)
        #expect(bits(model) == before)
        #expect(model.parameters.allSatisfy { $0.parameter.gradient == nil })
        #expect(probe.measure(model, progress) == first)
    }

    @Test("With one task, one weighted head, or a term before its warm-up there is nothing to compare")
    func nothingToCompare() throws {
        var initializer = WeightInitializer(seed: 3)
        let backbone = try UNet(.init(depth: 2, width: 4), inputChannels: 1, initializer: &initializer)
        let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        let other = try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        let probe = InterferenceProbe(batches: try batches(1))
        let single = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
        #expect(probe.measure(single, progress) == nil)
        let unweighted = try MultiTaskModel(
            backbone: backbone,
            heads: [WeightedHead(head), WeightedHead(other, weight: 0)]
        )
        #expect(InterferenceProbe(batches: try batches(1)).measure(unweighted, progress) == nil)
        let start = TrainingProgress(epoch: 0, epochs: 3)
        let cold = try #require(InterferenceProbe(batches: try batches(1)).measure(try makeModel(), start))
        let pair = try #require(cold.pair("segmentation", "brightness"))
        #expect(pair.cosine == nil && pair.conflictRate == nil && pair.stageCosines.isEmpty && pair.batches == 0)
        #expect(cold.pair("segmentation", "classification")?.batches == 1)
        #expect(cold.task("segmentation")?.cosineWithOthers == cold.pair("segmentation", "classification")?.cosine)
    }

    private func train(
        _ model: MultiTaskModel,
        every: Int,
        folder: URL? = nil,
        cancelAfter questions: Int = .max
    ) throws -> TrainingHistory {
        var settings = quickSettings(epochs: 4)
        settings.diagnostics.interference = InterferenceSettings(every: every, batches: 2)
        // The trainer asks on the thread that trains, which is this one.
        nonisolated(unsafe) var left = questions
        return try Trainer(
            model: model,
            settings: settings,
            seed: 5,
            training: try makeSamples(10, seed: 1),
            validation: try makeSamples(6, seed: 2),
            checkpointFolder: folder,
            isCancelled: {
                left -= 1
                return left < 0
            }
        ).run()
    }

    @Test("Training gives the same bits with and without diagnostics, and they come when due")
    func trainingDoesNotNotice() throws {
        let (plain, watched) = (try makeModel(), try makeModel())
        let without = try train(plain, every: 0)
        let with = try train(watched, every: 3)
        #expect(bits(plain) == bits(watched))
        #expect(without.epochs.map(\.losses) == with.epochs.map(\.losses))
        #expect(without.epochs.map(\.validation) == with.epochs.map(\.validation))
        #expect(without.epochs.allSatisfy { $0.interference == nil })
        #expect(with.epochs.map { $0.interference != nil } == [true, false, true, true])
    }

    @Test("A stopped training resumes to the same diagnostics", arguments: [1, 4, 7, 12])
    func resumes(questions: Int) throws {
        let straight = try train(try makeModel(), every: 1)
        try withTemporaryFolder { folder in
            #expect(throws: TrainingCancelled.self) {
                try train(try makeModel(), every: 1, folder: folder, cancelAfter: questions)
            }
            let resumed = try train(try makeModel(seed: 99), every: 1, folder: folder)
            #expect(resumed.epochs.map(\.interference) == straight.epochs.map(\.interference))
            #expect(resumed.epochs.map(\.learned) == straight.epochs.map(\.learned))
            #expect(resumed.epochs.map(\.validationLosses) == straight.epochs.map(\.validationLosses))
            #expect(resumed.epochs.allSatisfy { $0.interference != nil })
        }
    }

    @Test("Every epoch has validation losses by task and what the terms have learned")
    func curves() throws {
        let model = try makeModel()
        let history = try train(model, every: 0)
        let names: Set = ["segmentation", "classification", "brightness", "total"]
        for epoch in history.epochs {
            let losses = try #require(epoch.validationLosses)
            #expect(Set(losses.keys) == names)
            let parts = losses.filter { $0.key != "total" }.values.reduce(0, +)
            #expect(abs(parts - (losses["total"] ?? 0)) < 1e-5)
            #expect(epoch.learned?.keys.sorted() == ["brightness.slope"])
        }
        // The weights kept are those of the best epoch, and so is what they had learned and lost.
        let slope = try #require(model.learnedValues.first?.value)
        #expect(history.best?.learned?["brightness.slope"] == Double(slope))
        var (sum, images) = (0.0, 0)
        for start in stride(from: 0, to: 6, by: 4) {
            let batch = Batch(try makeSamples(6, seed: 2)[start..<min(start + 4, 6)])
            let losses = withoutGradients {
                model.losses(
                    model.outputs(for: batch.images, phase: .inference),
                    batch,
                    TrainingProgress(epoch: Double(history.bestEpoch ?? 0), epochs: 4)
                )
            }
            let part = try #require(losses.parts.first { $0.name == "segmentation" })
            sum += Double(part.contribution) * Double(batch.count)
            images += batch.count
        }
        #expect(history.best?.validationLosses?["segmentation"] == sum / Double(images))
    }

    @Test("Settings out of range are named")
    func settings() throws {
        var settings = quickSettings()
        settings.diagnostics.interference.batches = 0
        #expect(throws: SegmentationError.self) { try settings.validate() }
        let value = ConfigurationValue.table([
            "diagnostics": .table(["interference": .table(["every": .integer(5)])])
        ])
        let read = try TrainingSettings(value, subject: "training")
        #expect(read.diagnostics.interference == InterferenceSettings(every: 5, batches: 4))
        let wrong = ConfigurationValue.table([
            "diagnostics": .table(["interference": .table(["evry": .integer(5)])])
        ])
        let error = #expect(throws: SegmentationError.self) { try TrainingSettings(wrong, subject: "training") }
        #expect(error?.description.contains("training.diagnostics.interference.evry") == true)
        #expect(error?.description.contains("did you mean `every`?") == true)
    }
}
