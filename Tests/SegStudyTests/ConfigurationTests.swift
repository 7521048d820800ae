import Foundation
import SegConfiguration
import SegCore
import SegMetrics
import SegScoring
import SegSettings
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Studies from YAML")
struct ConfigurationTests {
    @Test("Every default is filled in, and arms take what they do not set from the study")
    func defaults() throws {
        let study = try SmallStudy.configuration(output: "out")
        #expect(study.seeds == [1])
        #expect(study.train.split == .holdOut(validationFraction: 0.4, seed: 1))
        #expect(
            study.metrics
                == MetricSettings(
                    emptyMasks: .undefinedWhenReferenceEmpty,
                    hausdorff: .monai,
                    surfaceDice: .monai,
                    surfaceTolerance: .standard,
                    bootstrapResamples: 200
                )
        )
        #expect(MetricSettings(emptyMasks: .bothEmptyScoresOne).bootstrapResamples == 10_000)
        #expect(SurfaceTolerance.standard.description == "2 px")
        #expect(study.reference == "multi-task")
        #expect(study.arms.map(\.name) == ["segmentation-only", "multi-task"])
        #expect(study.arms.map(\.title) == ["segmentation-only", "Multi-task"])
        #expect(study.arms[0].model.heads.map(\.name) == ["segmentation"])
        #expect(study.arms[1].model.heads.map(\.name) == ["classification", "segmentation"])
        #expect(study.arms.map(\.training.epochs) == [2, 2])
        #expect(study.arms[0].training.learningRate == 1e-3)
        #expect(study.arms[0].model.backbone.settings.members?["normalization"] == .text("batch"))
    }

    @Test("An arm's settings are laid over the study's, table by table")
    func merging() throws {
        let study = try SmallStudy.configuration(
            output: "out",
            extra: """
                  - name: wider
                    model:
                      backbone: {settings: {width: 4}}
                      heads: {classification: 0.2}
                    training: {epochs: 7, augmentation: {rotation: 3}}
                """
        )
        let arm = try #require(study.arms.last)
        #expect(arm.model.backbone.settings.members?["width"] == .integer(4))
        #expect(arm.model.backbone.settings.members?["depth"] == .integer(2))
        #expect(arm.model.heads.map(\.weight) == [0.2, 1])
        #expect(arm.training.epochs == 7)
        #expect(arm.training.batchSize == 4)
        let text = try arm.yaml
        #expect(text.contains("rotation: 3\n"))
        #expect(text.contains("horizontalFlip: 0.5\n"))
    }

    @Test("The resolved study reads back as itself, byte for byte")
    func resolvedRoundTrip() throws {
        let study = try SmallStudy.configuration(output: "runs/2024: a #1", extra: "question: 'yes'")
        let text = try study.yaml
        let again = try SmallStudy.read(text)
        #expect(try again.yaml == text)
        #expect(again.output == "runs/2024: a #1")
        #expect(again.question == "yes")
        #expect(again.arms.map(\.model) == study.arms.map(\.model))
        #expect(again.arms.map(\.training) == study.arms.map(\.training))
    }

    @Test(
        "An error is one line that names file, line and key, and the cure",
        arguments: [
            ("epochs: 2", "epohcs: 2", "small.yaml:15: training.epohcs: is not known; did you mean `epochs`?"),
            (
                "width: 2", "widht: 2",
                "small.yaml:11: model.backbone.settings.widht: is not known; did you mean `width`?"
            ),
            (
                "name: unet", "name: unte",
                "small.yaml:11: model.backbone.name: there is no backbone called `unte`; did you"
            ),
            (
                "segmentation: {weight: 1}", "segmantation: {}",
                "small.yaml:13: model.heads.segmantation: there is no task"
            ),
            (
                "dataset: phantom", "dataset: fantom",
                "small.yaml:4: train.dataset: there is no data set called `fantom`"
            ),
            (
                "count: 16", "count: many",
                "small.yaml:5: train.settings.count: is text where a whole number is expected"
            ),
            ("count: 16", "count: 016", "small.yaml:5: train.settings.count: is text where a whole number is expected"),
            ("count: 16", "count: 0", "small.yaml:5: train.settings.count: 0 is out of range; choose a value from 2"),
            ("name: segmentation-only", "name: multi-task", "small.yaml:21: arms[1].name: another arm is already"),
            ("study: small", "study: [a]", "small.yaml:1: study: is a list where text is expected; write text after"),
            ("study: small", "study: a/b", "small.yaml:1: study: `a/b` cannot be part of a file's name"),
            ("study: small", "sutdy: small", "small.yaml:1: sutdy: is not known; did you mean `study`?"),
            (
                "validationFraction: 0.4", "validationFraction: 1.4",
                "small.yaml:6: train.validationFraction: 1.4 is out of range; choose a value above 0 and"
            ),
            ("reference: multi-task", "reference: multitask", "small.yaml:17: reference: there is no arm called"),
            ("weight: 1}", "weight: -1}", "small.yaml:13: model.heads.segmentation.weight: is -1.0; use a weight"),
            ("title: Multi-task", "color: red", "small.yaml:22: arms[1].color: is not known"),
            ("study: small", "study: small\nstudy: big", "small.yaml:1: the same key appears twice: study"),
            ("train:", "train", "small.yaml:"),
            (
                "emptyMasks: undefinedWhenReferenceEmpty, ", "",
                "small.yaml:16: metrics.emptyMasks: is missing: a study must say how images with an empty true or predicted "
                    + "mask are scored; write `metrics: {emptyMasks: …}`; `undefinedWhenReferenceEmpty` is recommended: "
            ),
            (
                "metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}\n", "",
                "small.yaml: metrics.emptyMasks: is missing: a study must say how"
            ),
            (
                "undefinedWhenReferenceEmpty", "one",
                "small.yaml:16: metrics.emptyMasks: `one` is not one of the choices; use one of: undefinedWhenReferenceEmpty, "
                    + "undefinedWhenBothEmpty, bothEmptyScoresOne"
            ),
            (
                "bootstrapResamples: 200", "hausdorff: deepmind",
                "small.yaml:16: metrics.hausdorff: `deepmind` is not one of the choices; use one of: monai, medpy, "
                    + "surface-distance"
            ),
            (
                "bootstrapResamples: 200", "surfaceDice: medpy",
                "small.yaml:16: metrics.surfaceDice: `medpy` is not one of the choices; use one of: monai, surface-distance"
            ),
            (
                "bootstrapResamples: 200", "surfaceTolerance: 2 cm",
                "small.yaml:16: metrics.surfaceTolerance: `2 cm` is not a length above 0; write a number with its unit"
            ),
            ("bootstrapResamples: 200", "surfaceTolerance: -1", "small.yaml:16: metrics.surfaceTolerance: `-1` is no"),
            (
                "bootstrapResamples: 200", "bootstrapResamples: 20",
                "small.yaml:16: metrics.bootstrapResamples: 20 is out of range; choose a value from 100 to"
            ),
            (
                "bootstrapResamples: 200", "hausdorf: monai",
                "small.yaml:16: metrics.hausdorf: is not known; did you mean `hausdorff`?"
            ),
        ]
    )
    func errors(old: String, new: String, expected: String) throws {
        let yaml = SmallStudy.yaml(output: "out")
        let range = try #require(yaml.range(of: old))
        let text = message { _ = try SmallStudy.read(yaml.replacingCharacters(in: range, with: new)) }
        #expect(text.hasPrefix(expected))
        #expect(!text.contains("\n"))
    }

    @Test(
        "Conventions of metrics are read, and written as they are read",
        arguments: [
            ("3", "3 px"), ("1.5", "1.5 px"), ("0.5 mm", "0.5 mm"), ("0.5mm", "0.5 mm"), ("\"4px\"", "4 px"),
        ]
    )
    func metrics(written: String, resolved: String) throws {
        let yaml = SmallStudy.yaml(output: "out").replacing(
            "bootstrapResamples: 200",
            with: "hausdorff: surface-distance, surfaceDice: surface-distance, surfaceTolerance: \(written)"
        )
        let study = try SmallStudy.read(yaml)
        #expect(study.metrics.hausdorff == .surfaceDistance && study.metrics.surfaceDice == .surfaceDistance)
        #expect(study.metrics.surfaceTolerance.description == resolved)
        #expect(study.metrics.bootstrapResamples == 10_000)
        let text = try study.yaml
        #expect(text.contains("surfaceTolerance: \(resolved)\n"))
        #expect(try SmallStudy.read(text).metrics == study.metrics)
    }

    @Test("A folder's variables are replaced, and one that is not set is named")
    func variables() throws {
        let text = """
            study: real
            train:
              dataset: busi
              folder: ${NO_SUCH_DATA}/BUSI
            model: {backbone: unet, heads: {segmentation: 1}}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty}
            """
        let study = try SmallStudy.read(text)
        #expect(study.train.dataset.folder == "${NO_SUCH_DATA}/BUSI")
        #expect(study.arms.map(\.name) == ["model"])
        let unset = message { try StudyRunner(study, environment: [:]).validate() }
        #expect(unset.hasPrefix("train.folder: the environment variable NO_SUCH_DATA is not set; set it to"))
        let missing = message { try StudyRunner(study, environment: ["NO_SUCH_DATA": "/nowhere"]).validate() }
        #expect(missing.hasPrefix("train.folder: the folder /nowhere/BUSI does not exist; "))
    }

    @Test("The embedded study is the one in Examples, and all of those are valid")
    func embedded() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Examples/Studies/quick.yaml")
        #expect(try String(contentsOf: file, encoding: .utf8) == EmbeddedStudy.quick)
        let study = try SmallStudy.read(EmbeddedStudy.quick)
        #expect(study.arms.map(\.name) == ["segmentation-only", "multi-task", "consistency"])
        #expect(study.test.count == 3)
        let examples = root.appending(path: "Examples/Studies")
        let names = try FileManager.default.contentsOfDirectory(atPath: examples.path).filter { $0.hasSuffix(".yaml") }
        #expect(names.count > 10)
        // Settings to be included are no study, and the clinic's plugins are known in its own package.
        for name in names where name != "chosen-term.yaml" && name != "clinic.yaml" {
            let study = try StudyConfiguration(contentsOf: examples.appending(path: name), registry: .standard)
            #expect("\(study.study).yaml" == name && study.question?.isEmpty == false)
            guard name == "breast-to-busi.yaml" else { continue }
            #expect(study.arms.allSatisfy { $0.training.imageSize == 128 && $0.training.epochs == 60 })
        }
    }
}
