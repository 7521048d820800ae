import SegConfiguration
import SegCore
import SegHeads
import SegLosses
import SegSettings
import SegTensor
import SegTestKit
import TestSupport
import Testing

@Suite("Heads on any features")
struct HeadTests {
    private static let outline = PyramidOutline(
        denseChannels: 4,
        bottleneckChannels: 5,
        levelChannels: [4, 3],
        stageChannels: [2, 5],
        sizeMultiple: 2
    )

    private static var features: FeaturePyramid {
        FeaturePyramid(
            dense: mixedTensor("dense", [2, 4, 8, 8]),
            bottleneck: mixedTensor("bottleneck", [2, 5, 4, 4]),
            levels: [mixedTensor("dense", [2, 4, 8, 8]), mixedTensor("level", [2, 3, 4, 4])],
            stages: [mixedTensor("stage", [2, 2, 8, 8]), mixedTensor("bottleneck", [2, 5, 4, 4])]
        )
    }

    private static var batch: Batch {
        let shape: Shape = [2, 1, 8, 8]
        return Batch(
            images: .zeros(shape),
            masks: mixedTensor("masks", shape).mask { $0 > 0 },
            pathologies: [.malignant, .benign],
            identifiers: ["a", "b"],
            intensities: .zeros(shape),
            coverage: .ones(shape)
        )
    }

    @Test("deep supervision keeps the public rules", arguments: [(0, 0), (1, 0), (0, 1), (2, 1)])
    func deepSupervision(_ levels: Int, _ predictsFrom: Int) {
        var settings = DeepSupervisionHead.Settings()
        settings.levels = levels
        settings.predictsFrom = predictsFrom
        #expect(checkTaskHead(DeepSupervisionHead.self, settings: settings) == [])
    }

    @Test("deep supervision is the weighted sum of each level's loss at its resolution")
    func weights() throws {
        var settings = DeepSupervisionHead.Settings()
        settings.decay = 0.25
        var initializer = WeightInitializer(seed: 1)
        let head = try DeepSupervisionHead(settings, backbone: Self.outline, initializer: &initializer)
        var outputs = Outputs()
        head.predict(Self.features, phase: .training, into: &outputs)
        let fine = try #require(outputs["lesion of level 0"])
        let coarse = try #require(outputs["lesion of level 1"])
        #expect(fine.shape == [2, 1, 8, 8] && coarse.shape == [2, 1, 4, 4])
        #expect(outputs[.lesion]?.values() == fine.values())
        let masks = Self.batch.masks
        let expected =
            0.8 * maskLoss(fine, masks, emptyTargets: .smoothed)
            + 0.2 * maskLoss(coarse, masks.averagePooled(window: 2), emptyTargets: .smoothed)
        #expect(abs(try #require(head.loss(outputs, Self.batch)).item - expected.item) < 1e-6)
        // At inference the prediction alone is there.
        var prediction = Outputs()
        head.predict(Self.features, phase: .inference, into: &prediction)
        #expect(prediction.keys == [.lesion])
        #expect(prediction[.lesion]?.values() == fine.values())
        let alone = try #require(head.loss(prediction, Self.batch)).item
        #expect(abs(alone - maskLoss(fine, masks, emptyTargets: .smoothed).item) < 1e-6)
    }

    @Test("levels that the backbone does not have are named")
    func missingLevels() {
        var initializer = WeightInitializer(seed: 1)
        var deep = DeepSupervisionHead.Settings()
        deep.predictsFrom = 2
        #expect(throws: SegmentationError.self) {
            try DeepSupervisionHead(deep, backbone: Self.outline, initializer: &initializer)
        }
        var classification = ClassificationHead.Settings()
        classification.features = .stage
        classification.featureIndex = 2
        #expect(throws: SegmentationError.self) {
            try ClassificationHead(classification, backbone: Self.outline, initializer: &initializer)
        }
    }

    @Test("levels that the backbone does not have are named with their place in a study")
    func places() {
        func refusal(_ head: String, _ settings: ConfigurationMembers) -> String {
            do {
                let heads: ConfigurationMembers = [head: .table(["settings": .table(settings)])]
                _ = try ModelConfiguration(
                    .table(["backbone": .text("unet"), "heads": .table(heads)]),
                    path: "model",
                    registry: .standard
                ).makeModel(registry: .standard, seed: 1)
                return "made"
            } catch { return "\(error)" }
        }
        #expect(
            refusal("classification", ["features": .text("stage"), "featureIndex": .integer(5)])
                == "model.heads.classification.settings.featureIndex: is 5, and the backbone has 5 stages; use an index from 0 to 4"
        )
        #expect(
            refusal("classification", ["features": .text("level"), "featureIndex": .integer(-1)])
                == "model.heads.classification.settings.featureIndex: is -1, and the backbone has 4 levels; use an index from 0 to 3"
        )
        #expect(
            refusal("deep-supervision", ["predictsFrom": .integer(7)]).hasPrefix(
                "model.heads.deep-supervision.settings.predictsFrom: is 7, and 4 levels are supervised"
            )
        )
    }

    @Test(
        "classification from any features keeps the public rules",
        arguments: [
            (FeatureSource.bottleneck, 0, PoolingKind.attention), (.level, 1, .average), (.level, 0, .attention),
            (.stage, 1, .average), (.bottleneck, 0, .lesion), (.level, 0, .lesion),
        ]
    )
    func classification(_ source: FeatureSource, _ index: Int, _ pooling: PoolingKind) {
        var settings = ClassificationHead.Settings()
        (settings.features, settings.featureIndex, settings.pooling) = (source, index, pooling)
        #expect(checkTaskHead(ClassificationHead.self, settings: settings) == [])
    }

    @Test("pooling over the predicted lesion is a mean with its probabilities as weights")
    func lesionPooling() throws {
        var initializer = WeightInitializer(seed: 1)
        let pooling = try FeaturePooling(
            .lesion,
            of: .level,
            index: 1,
            backbone: Self.outline,
            initializer: &initializer
        )
        var outputs = Outputs()
        outputs[.lesion] = mixedTensor("logits", [2, 1, 8, 8], scale: 4)
        let weights = (try #require(outputs.lesionProbability) + 1e-3).averagePooled(window: 2)
        let level = Self.features.levels[1]
        let expected = (level * weights).sum(over: [2, 3]) / weights.sum(over: [2, 3])
        let found = pooling(Self.features, outputs)
        #expect(found.shape == [2, 3])
        #expect(deviation(found.values(), expected.values().map(Double.init)) < 1e-5)
    }

    @Test("attention is a softmax over the pixels")
    func attentionPooling() throws {
        var initializer = WeightInitializer(seed: 1)
        let pooling = try FeaturePooling(
            .attention,
            of: .stage,
            index: 0,
            backbone: Self.outline,
            initializer: &initializer
        )
        let (weight, bias) = (pooling.parameters[0].parameter.value, pooling.parameters[1].parameter.value)
        let stage = Self.features.stages[0]
        let scores = stage.convolved(with: weight, bias: bias).reshaped(to: [2, 64]).softmax()
        let expected = (stage * scores.reshaped(to: [2, 1, 8, 8])).sum(over: [2, 3])
        let found = pooling(Self.features, Outputs())
        #expect(deviation(found.values(), expected.values().map(Double.init)) < 1e-5)
    }
}
