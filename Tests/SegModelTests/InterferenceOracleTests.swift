import SegBackbones
import SegCore
import SegHeads
import SegLayers
import SegTensor
import SegTraining
import TestSupport
import Testing

/// Malignancy should agree with the mean of the predicted mask: a third task for the generator's network.
private final class MeanMaskTerm: ConsistencyTerm {
    static let name = "mean-mask"
    static let summary = "For tests: malignancy agrees with the mean of the predicted mask"

    init(_ settings: NoSettings = .init()) {}

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        return (malignancy - mask.mean(over: [1, 2, 3])).squared().mean()
    }
}

@Suite("Interference of gradients as PyTorch's autograd has it")
struct InterferenceOracleTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        struct Task: Decodable, Sendable {
            let name: String
            let norm: Double
            let cosineWithOthers: Double
        }

        struct Pair: Decodable, Sendable {
            let first: String
            let second: String
            let cosine: Double
            let conflictRate: Double
            let magnitudeSimilarity: Double
            let pooledCosine: Double
            let stageCosines: [String: Double]
        }

        let depth: Int
        let width: Int
        let normalization: NormalizationKind
        let height: Int
        let imageWidth: Int
        let batches: Int
        let weights: [String: Float]
        let scales: [String: [Double]]
        let sharedValues: Int
        let tasks: [Task]
        let pairs: [Pair]

        var testDescription: String { "depth \(depth), \(normalization)" }
    }

    @Test(arguments: try oracle("interference", of: Case.self))
    func agreesWithAutograd(_ oracle: Case) throws {
        var initializer = WeightInitializer(seed: 0)
        let settings = UNet.Settings(depth: oracle.depth, width: oracle.width, normalization: oracle.normalization)
        let backbone = try UNet(settings, initializer: &initializer)
        func weight(_ name: String) throws -> Float { try #require(oracle.weights[name]) }
        let model = try MultiTaskModel(
            backbone: backbone,
            heads: [
                WeightedHead(
                    try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer),
                    weight: try weight("segmentation")
                ),
                WeightedHead(
                    try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer),
                    weight: try weight("classification")
                ),
            ],
            terms: [WeightedTerm(MeanMaskTerm(), weight: try weight("mean-mask"))]
        )
        try #require(Set(model.parameters.map(\.path)) == Set(oracle.scales.keys))
        for (path, parameter) in model.parameters {
            let scale = try #require(oracle.scales[path])
            parameter.value = mixedTensor(path, parameter.shape, center: scale[0], scale: scale[1])
        }
        let shape: Shape = [3, 1, oracle.height, oracle.imageWidth]
        let batches = (0..<oracle.batches).map { index in
            Batch(
                images: mixedTensor("images \(index)", shape),
                masks: Tensor(
                    mixedNumbers("masks \(index)", count: shape.count).map { $0 > 0.3 ? 1 : 0 },
                    shape: shape
                ),
                pathologies: [.malignant, .benign, .malignant],
                identifiers: ["a", "b", "c"],
                intensities: .zeros(shape),
                coverage: .ones(shape)
            )
        }
        let progress = TrainingProgress(epoch: 1, epochs: 1)
        let result = try #require(InterferenceProbe(batches: batches).measure(model, progress))
        #expect(result.sharedValues == oracle.sharedValues)
        #expect(result.tasks.map(\.name) == oracle.tasks.map(\.name))
        for expected in oracle.tasks {
            let task = try #require(result.task(expected.name))
            #expect(abs(try #require(task.norm) / expected.norm - 1) < 1e-4)
            #expect(abs(try #require(task.cosineWithOthers) - expected.cosineWithOthers) < 1e-4)
            #expect(task.batches == oracle.batches)
        }
        #expect(result.pairs.count == oracle.pairs.count)
        for expected in oracle.pairs {
            let pair = try #require(result.pair(expected.first, expected.second))
            #expect(abs(try #require(pair.cosine) - expected.cosine) < 1e-4)
            #expect(abs(try #require(pair.pooledCosine) - expected.pooledCosine) < 1e-4)
            #expect(abs(try #require(pair.magnitudeSimilarity) - expected.magnitudeSimilarity) < 1e-4)
            #expect(pair.conflictRate == expected.conflictRate)
            #expect(Set(pair.stageCosines.keys) == Set(expected.stageCosines.keys))
            for (stage, cosine) in expected.stageCosines {
                #expect(abs(try #require(pair.stageCosines[stage]) - cosine) < 1e-4, "\(stage)")
            }
        }
    }
}
