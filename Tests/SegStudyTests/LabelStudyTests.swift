import Foundation
import SegConfiguration
import SegCore
import SegImageIO
import SegInference
import SegPhantoms
import SegReport
import SegResults
import SegSettings
import SegStudy
import SegTensor
import TestSupport
import Testing

/// Reports how undecided the lesion's probability is at each pixel.
private final class UncertaintyHead: TaskHead {
    static let name = "uncertainty"
    static let summary = "How undecided the mask is"

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) {}

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs["uncertainty"] = outputs[.lesion]?.detached
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        guard let p = outputs.lesionProbability else { return [] }
        return [CaseReport("uncertainty", maps: p * (1 - p) * 4)]
    }

    func visit(_ visitor: inout ModuleVisitor) {}
}

@Suite("Studies with several labels")
struct LabelStudyTests {
    private static func yaml(
        _ output: URL,
        head: String = "labels: [lesion, other], exclusive: true",
        source: String = ", otherStructure: true",
        external: String = ", otherStructure: true"
    ) -> String {
        SmallStudy.yaml(output: output.path, epochs: 3)
            .replacing("segmentation: {weight: 1}", with: "segmentation: {weight: 1, settings: {\(head)}}")
            .replacing("count: 16}", with: "count: 16\(source)}")
            .replacing("count: 8, seed: 2}", with: "count: 8, seed: 2\(external)}")
            .replacing("imageSize: 16", with: "imageSize: 32")
    }

    @Test("Dice of a label beside the lesion stands in all outputs", arguments: [true, false])
    func everywhere(_ isExclusive: Bool) throws {
        let folder = try TemporaryFolder()
        let head = "labels: [lesion, other], exclusive: \(isExclusive)"
        let study = try SmallStudy.read(Self.yaml(folder.appending("out"), head: head))
        let outcome = try StudyRunner(study).run()

        let lines = try folder.text("out/cases.csv").components(separatedBy: "\r\n")
        let columns = lines[0].components(separatedBy: ",")
        for name in ["dice", "iou", "hd95_px", "nsd"] { #expect(columns.contains("\(name).other"), "\(name)") }
        let column = try #require(columns.firstIndex(of: "dice.other"))
        var found = 0
        for (row, line) in zip(outcome.cases, lines.dropFirst()) {
            let value = try #require(row.metrics["dice.other"])
            #expect(value.isNaN || (0...1).contains(value))
            #expect(value.isNaN || Double(line.components(separatedBy: ",")[column]) == value)
            found += value.isNaN ? 0 : 1
        }
        #expect(found > 0)

        let results = try StudyResults(contentsOf: folder.appending("out/results.json"))
        let metric = try #require(results.metrics?.first { $0.name == "dice.other" })
        #expect(metric.label == "other" && metric.title == "Dice (other)")
        for dataset in results.datasets {
            let summary = try #require(results.summary(arm: "multi-task", dataset: dataset.name))
            #expect(summary.metrics["dice.other"]?.count ?? 0 > 0, "\(dataset.name)")
            #expect(summary.metrics["dice"] != nil)
        }
        #expect(try folder.text("out/report.html").contains("Dice (other)"))
        // The legend of the pictures names the label's contours.
        #expect(try folder.text("out/report.html").contains(">prediction of other<"))
        #expect(latexTable(results).contains("Dice (other)"))
        #expect(consoleTable(results).contains("Dice (other)"))

        // The model file says what it predicts: evaluation and prediction follow it.
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let trained = try TrainedModel(contentsOf: file, registry: .standard)
        let again = try ModelEvaluation(trained, on: study.test[0], metrics: study.metrics)
        let rows = outcome.cases.filter { $0.arm == "multi-task" && $0.dataset == "eastern" }
        #expect(
            again.cases.map { $0.metrics["dice.other"].map { "\($0)" } }
                == rows.map { $0.metrics["dice.other"].map { "\($0)" } }
        )
        let sample = try PhantomGenerator(center: .eastern, seed: 2, hasOtherStructure: true).sample(at: 1)
        let image = folder.appending("scan.png")
        try PNG.write(PNGImage(sample.image), to: image)
        let prediction = try ImagePredictor(trained).predict(image)
        try prediction.write(to: folder.appending("predictions"))
        let label = try PNG.read(folder.appending("predictions/scan-label-other.png")).mask
        #expect(label == prediction.labels.first?.mask)
        if isExclusive { #expect(!zip(label.pixels, prediction.mask.pixels).contains { $0 & $1 != 0 }) }
        #expect(try folder.text("predictions/scan.json").contains("\"other\""))
        try prediction.write(to: folder.appending("predictions"), maps: .npy)
        let probability = try Data(contentsOf: folder.appending("predictions/scan-probability-other.npy"))
        #expect(prediction.labelProbabilities.map(\.name) == ["other"])
        let pixels = prediction.labelProbabilities[0].map.pixels
        #expect(probability.suffix(4 * pixels.count) == pixels.withUnsafeBytes { Data($0) })
    }

    @Test("A head of another structure alone is not judged as the lesion")
    func otherAlone() throws {
        let folder = try TemporaryFolder()
        let yaml = Self.yaml(folder.appending("out"), head: "labels: [other]")
            .replacing("epochs: 3", with: "epochs: 1, selectionMetric: last")
        let study = try SmallStudy.read(yaml)
        let arm = try #require(study.arms.first { $0.name == "segmentation-only" })
        var alone = study
        (alone.arms, alone.reference) = ([arm], nil)
        let outcome = try StudyRunner(alone).run()
        #expect(!outcome.cases.isEmpty)
        for row in outcome.cases {
            #expect(row.metrics["dice"] == nil && row.metrics["iou"] == nil && row.predictedFraction == nil)
            #expect(row.metrics["dice.other"] != nil)
        }
        let summary = try #require(outcome.results.summary(arm: arm.name, dataset: outcome.results.datasets[0].name))
        #expect(summary.dice.count == 0 && summary.metrics["dice.other"] != nil)
    }

    @Test("An external set without the label has no value of it, and the lesion's as always")
    func externalWithout() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.read(Self.yaml(folder.appending("out"), external: ""))
        let outcome = try StudyRunner(study).run()
        let external = outcome.cases.filter { $0.dataset == "eastern" }
        #expect(
            !external.isEmpty && external.allSatisfy { $0.metrics["dice.other"] == nil && $0.metrics["dice"] != nil }
        )
        #expect(outcome.results.summary(arm: "multi-task", dataset: "eastern")?.metrics["dice.other"] == nil)
    }

    @Test(
        "Labels that the source does not have, or that exclude each other only in the head, are errors before any work",
        arguments: [
            ("labels: [lesion, duct]", ", otherStructure: true", "does not have the label `duct`"),
            ("labels: [lesion, other]", "", "does not have the label `other`"),
            ("exclusive: true", "", "is not set, and exclusive is"),
            ("labels: [lesion, background]", "", "the background is not a label"),
            ("labels: [lesion, lesion]", "", "`lesion` appears twice"),
            (
                "labels: [lesion, other], lesionLabels: [other]", ", otherStructure: true",
                "`other` is no part of the lesion"
            ),
            (
                "labels: [lesion, other], lesionLabels: []", ", otherStructure: true",
                "`lesion` is a part of the lesion"
            ),
        ]
    )
    func refused(_ head: String, _ source: String, _ problem: String) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: SegmentationError.self) {
            try StudyRunner(SmallStudy.read(Self.yaml(folder.appending("out"), head: head, source: source))).validate()
        }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test("A head's map comes out of predict and beside the overlays, and is no column")
    func maps() throws {
        let folder = try TemporaryFolder()
        var registry = PluginRegistry.standard
        try registry.add(head: UncertaintyHead.self)
        // Heads predict in the order of their names.
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("classification: {weight: 1}", with: "classification: {weight: 1}\n    uncertainty: {weight: 0}")
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "maps.yaml"), registry: registry)
        let outcome = try StudyRunner(study, registry: registry).run()
        #expect(outcome.cases.allSatisfy { $0.predictions == nil })
        let pictures = try #require(try StudyResults(contentsOf: folder.appending("out/results.json")).maps)
        // Three images of each of two sets under each of two arms.
        #expect(pictures.count == 12 && Set(pictures.map(\.rank)) == ["worst", "median", "best"])
        #expect(pictures.allSatisfy { $0.name == "uncertainty" && $0.black == 0 && $0.white == 1 })
        #expect(pictures.allSatisfy { $0.file.hasSuffix("-\($0.rank)-map-uncertainty.png") })
        #expect(Set(pictures.map { "out/\($0.file)" }).isSubset(of: folder.files))
        let check = PageCheck(try folder.text("out/report.html"))
        #expect(check.problem == nil && check.text.contains("0 black, 1 white"))
        #expect(check.alternatives.count { $0.hasPrefix("uncertainty of ") } == 12)

        let file = folder.appending("out/models/multi-task-1.safetensors")
        let trained = try TrainedModel(contentsOf: file, registry: registry)
        let image = folder.appending("scan.png")
        try PNG.write(PNGImage(try PhantomGenerator(center: .eastern, seed: 2).sample(at: 1).image), to: image)
        let prediction = try ImagePredictor(trained).predict(image)
        try prediction.write(to: folder.appending("predictions"))
        let map = try PNG.read(folder.appending("predictions/scan-map-uncertainty.png"))
        #expect(map.bitDepth == 16 && map.width == prediction.mask.width)
        let values = try #require(prediction.maps.first?.map)
        for index in stride(from: 0, to: values.pixels.count, by: 97) {
            #expect(abs(Float(map.samples[index]) / 65_535 - values.pixels[index]) < 1e-4)
        }
        let arrays = folder.appending("arrays")
        try prediction.write(to: arrays, maps: .npy)
        let files = [
            ("scan-map-uncertainty.npy", values.pixels), ("scan-probability.npy", prediction.probability.pixels),
        ]
        for (name, pixels) in files {
            let bytes = try Data(contentsOf: arrays.appending(path: name))
            let floats = bytes.suffix(4 * pixels.count).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(floats == pixels, "\(name)")
            let shape = "'shape': (\(prediction.mask.height), \(prediction.mask.width))"
            #expect(String(decoding: bytes.prefix(128), as: UTF8.self).contains(shape), "\(name)")
        }
        // Written once: again for the same image, never over another's.
        try prediction.write(to: folder.appending("predictions"))
    }

    @Test("Maps of an arm without a lesion mask are shown of three images, and made again when one is gone")
    func mapsAlone() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("epochs: 1,", with: "epochs: 1, selectionMetric: last,")
            .replacing(
                "segmentation: {weight: 1}",
                with: "segmentation: {weight: 1}\n    telling: {weight: 0, settings: {isMap: true}}"
            )
            .replacing("model: {heads: {classification: off}}", with: "model: {heads: {segmentation: off}}")
        let registry = try ToldPlugins.registry()
        var study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "maps.yaml"), registry: registry)
        (study.arms, study.reference) = ([study.arms[0]], nil)
        let outcome = try StudyRunner(study, registry: registry).run()
        #expect(outcome.cases.allSatisfy { $0.dice.isNaN && $0.predictedFraction == nil })
        let pictures = try #require(outcome.results.maps?.filter { $0.dataset == "eastern" })
        let names = outcome.cases.filter { $0.dataset == "eastern" }.map(\.caseID)
        #expect(pictures.map(\.caseID) == [names[0], names[3], names[7]])
        #expect(pictures.map(\.rank) == ["example", "example", "example"])
        #expect(pictures.allSatisfy { $0.title == "Echo of the scan" && $0.black == -0.5 && $0.white == 0.25 })
        let check = PageCheck(try folder.text("out/report.html"))
        #expect(check.problem == nil && check.text.contains("-0.5 black, 0.25 white"))
        #expect(!check.alternatives.contains { $0.contains("Dice") })

        let file = folder.appending("out/\(pictures[1].file)")
        let bytes = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
        _ = try StudyRunner(study, registry: registry).run()
        #expect(try Data(contentsOf: file) == bytes)
    }

    @Test("Without labels, no file of a study names them")
    func silent() throws {
        let study = try SmallStudy.read(SmallStudy.yaml(output: "out"))
        let yaml = try study.yaml
        for word in ["labels", "exclusive", "lesionLabels", "otherStructure", "channels"] {
            #expect(!yaml.contains(word), "\(word)")
        }
    }

    @Test("A model of three channels is trained, written, read and applied to colored and gray images")
    func colors() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("validationFraction: 0.4", with: "validationFraction: 0.4\n  channels: 3")
        let study = try SmallStudy.read(yaml)
        #expect(study.train.channels == 3)
        _ = try StudyRunner(study).run()
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let trained = try TrainedModel(contentsOf: file, registry: .standard)
        #expect(trained.description.channels == 3)
        _ = try ModelEvaluation(trained, on: study.test[0], metrics: study.metrics)

        let samples: [UInt16] = (0..<48 * 48).flatMap { (index: Int) -> [UInt16] in
            [UInt16(index % 251), UInt16(index % 113), UInt16(index % 7) * 30]
        }
        let reversed: [UInt16] = (0..<48 * 48).flatMap { (index: Int) -> [UInt16] in
            [samples[3 * index + 2], samples[3 * index + 1], samples[3 * index]]
        }
        let colored = PNGImage(width: 48, height: 48, channels: .rgb, bitDepth: 8, samples: samples)
        let swapped = PNGImage(
            width: 48,
            height: 48,
            channels: .rgb,
            bitDepth: 8,
            samples: reversed
        )
        let maps = try [colored, swapped].enumerated().map { (index: Int, image: PNGImage) in
            let file = folder.appending("\(index).png")
            try PNG.write(image, to: file)
            return try ImagePredictor(trained).predict(file).probability
        }
        #expect(maps[0] != maps[1])
        #expect(throws: SegmentationError.self) {
            try SmallStudy.read(yaml.replacing("channels: 3", with: "channels: 2"))
        }
    }
}
