import SegAugmentation
import SegCore
import SegData
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct ModelTests {
    private let progress = TrainingProgress(epoch: 2, epochs: 10)

    @Test func pathsSayWhereAParameterIs() throws {
        let model = try makeModel()
        let paths = model.parameters.map(\.path)
        #expect(paths.contains("heads.segmentation.convolution.weight"))
        #expect(paths.contains("heads.classification.linear.bias"))
        #expect(paths.contains("terms.brightness.slope"))
        #expect(paths.contains { $0.hasPrefix("backbone.") })
        #expect(model.buffers.map(\.path).contains("terms.brightness.mean"))
    }

    @Test func theTotalIsTheWeightedSumOfTheParts() throws {
        let model = try makeModel()
        let batch = Batch(try makeSamples(4))
        let losses = model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
        #expect(losses.parts.map(\.name) == ["segmentation", "classification", "brightness"])
        #expect(losses.parts.map(\.weight) == [1, 0.5, 0.2])
        #expect(abs(losses.total.item - losses.parts.reduce(0) { $0 + $1.contribution }) < 1e-6)
        losses.total.backward()
        #expect(model.parameters.allSatisfy { $0.parameter.gradient != nil })
    }

    @Test func aPartOfWeightZeroIsShownButNotTrained() throws {
        let full = try makeModel()
        let model = try MultiTaskModel(
            backbone: full.backbone,
            heads: [full.heads[0], WeightedHead(full.heads[1].head, weight: 0)],
            terms: full.terms
        )
        let batch = Batch(try makeSamples(4))
        let losses = model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
        #expect(losses.parts[1].value > 0)
        #expect(losses.parts[1].contribution == 0)
        let onlySegmentation = try MultiTaskModel(backbone: full.backbone, heads: model.heads)
        onlySegmentation.losses(onlySegmentation.outputs(for: batch.images, phase: .training), batch, progress)
            .total.backward()
        let classifier = full.parameters.filter { $0.path.hasPrefix("heads.classification") }
        #expect(classifier.allSatisfy { $0.parameter.gradient == nil })
    }

    @Test func aBatchThatSaysNothingHasNoLoss() throws {
        let full = try makeModel()
        let model = try MultiTaskModel(backbone: full.backbone, heads: [full.heads[1]])
        var samples = try makeSamples(2)
        for index in samples.indices { samples[index].record.pathology = nil }
        let batch = Batch(samples)
        let losses = model.losses(model.outputs(for: batch.images, phase: .training), batch, progress)
        #expect(losses.isEmpty)
        #expect(losses.total.item == 0)
    }

    @Test func whatCannotBeAModelIsRefused() throws {
        let model = try makeModel()
        #expect(
            message { _ = try MultiTaskModel(backbone: model.backbone, heads: []) }
                == "heads: the model has no task head; give it one, such as `segmentation`"
        )
        #expect(
            message { _ = try MultiTaskModel(backbone: model.backbone, heads: model.heads + [model.heads[0]]) }
                == "heads.segmentation: the name is taken; use each head and term once"
        )
        for weight in [-1, Float.nan, .infinity] {
            #expect(
                message {
                    _ = try MultiTaskModel(
                        backbone: model.backbone,
                        heads: [WeightedHead(model.heads[0].head, weight: weight)]
                    )
                }.hasPrefix("heads.segmentation.weight: \(weight == -1 ? "-1" : "\(weight)") is out of range; ")
            )
        }
    }
}

@Suite struct SettingsTests {
    @Test func theDefaultsAreValidAndSurviveTheirConfiguration() throws {
        try TrainingSettings().validate()
        let configuration = try ConfigurationValue(encoding: TrainingSettings())
        #expect(try TrainingSettings(configuration, subject: "training") == TrainingSettings())
    }

    @Test func aConfigurationOverlaysTheDefaults() throws {
        let settings = try TrainingSettings(
            .table([
                "epochs": .integer(7), "selectionMetric": .text("auroc"),
                "augmentation": .table(["rotation": .integer(0)]),
            ]),
            subject: "training"
        )
        #expect(settings.epochs == 7)
        #expect(settings.selectionMetric == .auroc)
        #expect(settings.augmentation.rotation == 0)
        #expect(settings.augmentation.scaling == TrainingSettings().augmentation.scaling)
        #expect(settings.batchSize == 8)
    }

    @Test(arguments: [
        ("epochs", ConfigurationValue.integer(0), "training.epochs: 0 is out of range; choose a value from 1 to"),
        ("learningRate", .integer(0), "training.learningRate: 0 is out of range; choose a value above 0, at most 10"),
        ("learningRate", .number(-1e-3), "training.learningRate: -0.001 is out of range"),
        (
            "finalLearningRate", .number(0.5),
            "training.finalLearningRate: 0.5 is out of range; choose a value from 0 to"
        ),
        ("warmUpEpochs", .integer(61), "training.warmUpEpochs: 61 is out of range; choose a value from 0 to 60"),
        ("gradientClip", .integer(-1), "training.gradientClip: -1 is out of range; choose a finite value from 0"),
        ("patience", .integer(-2), "training.patience: -2 is out of range"),
        ("epoch", .integer(3), "training.epoch: is not known; did you mean `epochs`?"),
        ("selectionMetric", .text("f1"), "training.selectionMetric: `f1` is not one of dice, auroc, mean, last; "),
        ("precision", .text("bf16"), "training.precision: `bf16` is not one of float32, bf16-storage; "),
        ("batchSize", .text("many"), "training.batchSize: is text where a whole number is expected"),
        ("augmentation", .table(["rotation": .integer(500)]), "training.augmentation.rotation: 500 is out of range"),
        (
            "augmentation", .table(["elastik": .table([:])]),
            "training.augmentation.elastik: is not known; did you mean `elastic`?"
        ),
        (
            "augmentation", .table(["elastic": .table(["amplitud": .number(0.1)])]),
            "training.augmentation.elastic.amplitud: is not known; did you mean `amplitude`?"
        ),
        (
            "augmentation", .table(["elastic": .table(["amplitude": .integer(2)])]),
            "training.augmentation.elastic.amplitude: 2 is out of range; choose a value from 0 to 0.48"
        ),
        (
            "augmentation", .table(["clahe": .table(["tiles": .number(2.5)])]),
            "training.augmentation.clahe.tiles: is 2.5"
        ),
        (
            "augmentation", .table(["blur": .bool(true)]),
            "training.augmentation.blur: is true or false where a table is expected"
        ),
    ])
    func aWrongValueIsNamed(key: String, value: ConfigurationValue, expected: String) {
        let text = message { _ = try TrainingSettings(.table([key: value]), subject: "training") }
        #expect(text.hasPrefix(expected), "\(text)")
    }
}
