import Foundation
import SegConfiguration
import SegCore
import SegImageIO
import SegInference
import SegMetrics
import SegPhantoms
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Running a study")
struct RunnerTests {
    @Test("A study leaves results, tables, pictures, models and a report, and a second run keeps what is finished")
    func endToEnd() throws {
        let folder = try TemporaryFolder()
        let output = folder.appending("out")
        let study = try SmallStudy.configuration(output: output.path)
        let outcome = try StudyRunner(study).run()

        #expect(outcome.results.datasets.map(\.name) == ["northern", "eastern"])
        #expect(outcome.results.datasets.map(\.role) == [.source, .external])
        #expect(outcome.results.datasets.map(\.evaluated.total) == [7, 8])
        #expect(outcome.results.trainings.map(\.epochs.count) == [2, 2])
        #expect(outcome.cases.count == 2 * (7 + 8))
        #expect(outcome.cases.filter { $0.arm == "segmentation-only" }.allSatisfy { $0.malignancyProbability == nil })
        #expect(outcome.cases.filter { $0.arm == "multi-task" }.allSatisfy { $0.malignancyProbability != nil })
        #expect(outcome.results.comparison(arm: "segmentation-only", dataset: "eastern") != nil)
        #expect(try Data(contentsOf: output.appending(path: "results.json")) == outcome.results.jsonData())
        let files = folder.files
        for file in [
            "out/config.yaml", "out/cases.csv", "out/training.csv", "out/report.html",
            "out/models/multi-task-1.safetensors", "out/table.tex",
            "out/tensorboard/multi-task-1/events.out.tfevents.0.segkit",
            "out/overlays/eastern/segmentation-only-1-worst.png", "out/overlays/eastern/image-worst.png",
            "out/overlays/eastern/truth-best.png",
        ] {
            #expect(files.contains(file))
        }
        #expect(!files.contains { $0.contains("partial") })

        let record = output.appending(path: "cells/multi-task-1.json")
        let made = try FileManager.default.attributesOfItem(atPath: record.path)[.modificationDate] as? Date
        var again = try StudyRunner(study).run()
        #expect(try FileManager.default.attributesOfItem(atPath: record.path)[.modificationDate] as? Date == made)
        again.results.timing = outcome.results.timing
        #expect(try again.results.jsonData() == outcome.results.jsonData())

        // A record of an evaluation before this one lacks values: it is tested again, not trained again.
        let tested = try folder.text("out/cells/multi-task-1.json")
        let older = tested.replacing(#/"evaluation":[0-9]+/#, with: #""evaluation":1"#)
        #expect(older != tested)
        try Data(older.utf8).write(to: record)
        let trained = try folder.text("out/cells/multi-task-1.training.json")
        _ = try StudyRunner(study).run()
        #expect(try folder.text("out/cells/multi-task-1.json") == tested)
        #expect(try folder.text("out/cells/multi-task-1.training.json") == trained)

        // What arms are compared with is asked of results: nothing is trained again.
        var turned = study
        turned.reference = "segmentation-only"
        let compared = try StudyRunner(turned).run()
        #expect(compared.results.referenceArm == "segmentation-only")
        #expect(compared.results.comparison(arm: "multi-task", dataset: "eastern") != nil)
        #expect(try folder.text("out/cells/multi-task-1.training.json") == trained)

        let other = try SmallStudy.configuration(output: output.path, epochs: 3)
        let refusal = message { _ = try StudyRunner(other).run() }
        #expect(refusal.contains("differs in `arms[0].training.epochs`"))
    }

    @Test("A study that was stopped goes on to the same results as one that was not")
    func resumption() throws {
        let folder = try TemporaryFolder()
        let whole = try FinishedStudy.twoEpochs.get()
        let study = try SmallStudy.configuration(output: folder.appending("parts").path)
        let calls = Countdown(40)
        #expect(throws: TrainingCancelled.self) { try StudyRunner(study, isCancelled: { calls.next() }).run() }
        #expect(!folder.files.contains("parts/results.json"))
        _ = try StudyRunner(study).run()
        #expect(try folder.text("parts/cases.csv") == whole.text("cases.csv"))
        #expect(try folder.text("parts/training.csv") == whole.text("training.csv"))
    }

    @Test("config.yaml runs again unchanged to the same results")
    func resolvedConfiguration() throws {
        let folder = try TemporaryFolder()
        _ = try FinishedStudy.twoEpochs.get().restore(in: folder, as: "first")
        var study = try StudyConfiguration(
            contentsOf: folder.appending("first/config.yaml"),
            registry: .standard
        )
        study.output = folder.appending("second").path
        _ = try StudyRunner(study).run()
        #expect(try folder.text("second/cases.csv") == folder.text("first/cases.csv"))
    }

    @Test("What cannot work is refused before anything is written")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path)
        let size = message {
            try StudyRunner(SmallStudy.read(yaml.replacing("imageSize: 16", with: "imageSize: 17"))).validate()
        }
        #expect(
            size
                == "arms[0].training.imageSize: is 17, which is not a multiple of 2, which the backbone `unet` needs; use 18"
        )
        let twice = message {
            try StudyRunner(SmallStudy.read(yaml.replacing("center: eastern", with: "center: northern"))).validate()
        }
        #expect(twice.hasPrefix("test[0]: another data set of the study is already called northern; give it a `name:`"))
        try Data("x".utf8).write(to: folder.appending("out"))
        let file = message { try StudyRunner(SmallStudy.read(yaml)).validate() }
        #expect(file.hasSuffix("out: this is a file; name a folder for the study's output"))
        try FileManager.default.createDirectory(at: folder.appending("full"), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: folder.appending("full/precious"))
        let full = message {
            try StudyRunner(SmallStudy.configuration(output: folder.appending("full").path)).validate()
        }
        #expect(full.contains("the folder is not empty and does not contain a study"))
        #expect(folder.files == ["full/precious", "out"])
    }

    @Test("A damaged image and a missing mask are named, and no output folder appears")
    func damagedData() throws {
        let folder = try TemporaryFolder()
        let data = folder.appending("data")
        try PhantomDataset(center: .northern.atResolution(0.4), count: 8, seed: 1).write(to: data)
        let text = SmallStudy.yaml(output: folder.appending("out").path)
            .replacing(
                "dataset: phantom\n  settings: {resolution: 0.4, center: northern, count: 16}",
                with: "dataset: phantom-folder\n  folder: \(data.path)"
            )
        let image = data.appending(path: "images/northern-00003.png")
        try Data(try Data(contentsOf: image).prefix(2000)).write(to: image)
        let damaged = message { _ = try StudyRunner(SmallStudy.read(text)).run() }
        #expect(damaged.hasPrefix(image.path))
        try FileManager.default.removeItem(at: data.appending(path: "masks/northern-00005.png"))
        let missing = message { _ = try StudyRunner(SmallStudy.read(text)).run() }
        #expect(missing.contains("northern-00005.png"))
        #expect(!FileManager.default.fileExists(atPath: folder.appending("out").path))
    }

    @Test("An arm with the BI-RADS term reports features, prior and what it learned")
    func consistency() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.configuration(
            output: folder.appending("out").path,
            extra: """
                  - name: consistency
                    model: {terms: {birads: {weight: 0.5, settings: {warmUpEpochs: 1}}}}
                """
        )
        let outcome = try StudyRunner(study).run()
        let names = ["circularity", "elliptic-normalized-circumference", "depth-to-width", "margin-sharpness"]
        #expect(outcome.results.features.map(\.name) == names)
        #expect(outcome.results.features[1].sign == 1)
        #expect(outcome.results.features.allSatisfy { $0.benign.count > 0 && $0.malignant.count > 0 })
        let training = try #require(outcome.results.trainings.last)
        #expect(training.prior.map { Set($0.weights.keys) } == Set(names))
        #expect(training.epochs.allSatisfy { $0.losses["birads"] != nil })
        let rows = outcome.cases.filter { $0.arm == "consistency" }
        #expect(rows.allSatisfy { $0.prior != nil && Set($0.features.keys).isSuperset(of: names) })
        #expect(
            try folder.text("out/cases.csv").contains(
                "lesion_fraction,predicted_fraction,image_mm2,birads,expected_dice,circularity,elliptic-normalized"
            )
        )
    }

    @Test("Several seeds are summarized each and together")
    func seeds() throws {
        let folder = try TemporaryFolder()
        var study = try SmallStudy.configuration(output: folder.appending("out").path, epochs: 1)
        study.seeds = [1, 2]
        let outcome = try StudyRunner(study).run()
        let results = outcome.results
        let summaries = results.summaries.filter { $0.arm == "multi-task" && $0.dataset == "eastern" }
        #expect(summaries.map(\.seed) == [1, 2, nil])
        let mean = (summaries[0].dice.mean + summaries[1].dice.mean) / 2
        #expect(abs(summaries[2].dice.mean - mean) < 1e-12)
        #expect(summaries.allSatisfy { $0.hausdorff95?.count == $0.dice.count && $0.surfaceDistance != nil })
        for summary in summaries {
            let rows = outcome.cases.filter {
                $0.arm == "multi-task" && $0.dataset == "eastern" && (summary.seed == nil || $0.seed == summary.seed)
            }
            #expect(summary.detection == DetectionSummary(rows.compactMap(\.detection)))
            #expect(summary.detection?.lesions == rows.count { ($0.lesionFraction ?? 0) > 0 })
        }
        // A lesion is found where its Dice is not 0: phantoms have one lesion at most.
        #expect(outcome.cases.allSatisfy { $0.dice.isNaN || ($0.detection?.found == 1) == ($0.dice > 0) })
        // Pixels of phantoms are square, so that one factor turns all lengths of an image into mm.
        for row in outcome.cases {
            guard let distance = row.hausdorff95, let mean = row.surfaceDistance, mean > 0 else { continue }
            let factor = try #require(row.hausdorff95InMillimeters) / distance
            let other = try #require(row.surfaceDistanceInMillimeters) / mean
            #expect(factor > 0 && factor < 1 && abs(other - factor) < 1e-9)
        }

        // The same comparisons from the rows of cases.csv.
        #expect(Set(results.comparisons.map(\.metric)).isSuperset(of: [.dice, .hausdorff95]))
        for comparison in results.comparisons where comparison.metric == .dice || comparison.metric == .hausdorff95 {
            func value(_ row: CaseResult) -> Double {
                comparison.metric == .dice ? row.dice : row.hausdorff95 ?? .nan
            }
            func rows(_ arm: String, _ seed: UInt64) -> [CaseResult] {
                outcome.cases.filter { $0.arm == arm && $0.dataset == comparison.dataset && $0.seed == seed }
            }
            let defined = rows(comparison.arm, 1).indices.filter { index in
                [1, 2].allSatisfy { seed in
                    [comparison.arm, comparison.reference].allSatisfy { !value(rows($0, seed)[index]).isNaN }
                }
            }
            let groups = defined.map { rows(comparison.arm, 1)[$0].group }
            func replicates(_ arm: String) throws -> SeedReplicates {
                try SeedReplicates([1, 2].map { seed in defined.map { value(rows(arm, seed)[$0]) } })
            }
            let (mine, other) = (try replicates(comparison.arm), try replicates(comparison.reference))
            let methods = try seedAndCaseTest(mine, other, groups: groups)
            let across = try #require(comparison.acrossSeeds)
            #expect(across.seeds == 2 && comparison.pairs == defined.count)
            #expect(across.pValue == methods.pValue || (across.pValue.isNaN && methods.pValue.isNaN))
            #expect(across.adjustedPValue >= across.pValue || across.pValue.isNaN)
            // Where less is better, the effect is positive with less.
            let sign = comparison.metric == .dice ? 1.0 : -1
            let effect = try wilcoxonSignedRank(
                mine.caseMeans,
                other.caseMeans,
                options: .init(roundingDecimals: 12)
            ).rankBiserialCorrelation
            #expect(abs((comparison.effectSize ?? 0) - (effect.isNaN ? 0 : sign * effect)) < 1e-9)
            let models =
                Set(groups).count < groups.count
                ? try pairedPermutationTest(
                    mine.caseMeans,
                    other.caseMeans,
                    groups: groups,
                    options: .init(statistic: .signedRankSum, seed: 1)
                ).pValue : try wilcoxonSignedRank(mine.caseMeans, other.caseMeans).pValue
            #expect(abs(comparison.pValue - models) < 1e-9 || (comparison.pValue.isNaN && models.isNaN))
        }
    }

    @Test("A model file holds all that evaluation and prediction need")
    func using() throws {
        let folder = try TemporaryFolder()
        let finished = try FinishedStudy.twoEpochs.get()
        let (study, outcome) = (try finished.restore(in: folder), finished.outcome)
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let trained = try TrainedModel(contentsOf: file, registry: .standard)
        let evaluation = try ModelEvaluation(
            trained,
            on: study.test[0],
            metrics: study.metrics
        )
        // As text: a Dice that does not exist is NaN, which equals nothing.
        let rows = evaluation.csv.split(separator: "\r\n").dropFirst()
        let tested = try folder.text("out/cases.csv").split(separator: "\r\n").filter {
            $0.hasPrefix("multi-task,1,eastern,")
        }
        #expect(Array(rows) == tested)
        #expect(rows.count == 8)

        let sample = try PhantomGenerator(center: .eastern, seed: 2).sample(at: 0)
        let image = folder.appending("scan.png")
        try PNG.write(PNGImage(sample.image), to: image)
        let prediction = try ImagePredictor(trained).predict(image)
        #expect(prediction.mask.width == sample.image.width)
        try prediction.write(to: folder.appending("predictions"))
        #expect(
            folder.files.filter { $0.hasPrefix("predictions/") }.map { $0.dropFirst(12) } == [
                "scan-mask.png", "scan-overlay.png", "scan.json",
            ]
        )
        #expect(try PNG.read(folder.appending("predictions/scan-mask.png")).mask == prediction.mask)

        let model = folder.appending("model.safetensors")
        let record = try StudyRunner(study).train(arm: "multi-task", seed: nil, to: model)
        #expect(record.epochs == outcome.results.trainings[1].epochs)
        #expect(try Data(contentsOf: model) == Data(contentsOf: file))
        #expect(!FileManager.default.fileExists(atPath: model.path + ".checkpoint"))
    }
}

/// Says yes from the n-th question on.
///
/// `@unchecked Sendable`: every access to the number holds the lock.
final class Countdown: @unchecked Sendable {
    private let lock = NSLock()
    private var left: Int

    init(_ count: Int) { left = count }

    func next() -> Bool {
        lock.withLock {
            left -= 1
            return left < 0
        }
    }
}
