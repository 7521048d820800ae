import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Arms whose models are used in another way too")
struct InferredArmTests {
    private static func text(
        _ folder: TemporaryFolder,
        _ inference: String,
        train: String = "",
        seeds: String = "[1, 2]"
    )
        -> String
    {
        SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("title: Multi-task", with: "title: Multi-task\n    inference: \(inference)")
            .replacing("study: small", with: "study: small\nseeds: \(seeds)")
            .replacing("validationFraction: 0.4", with: "validationFraction: 0.4\(train)")
    }

    @Test("The row of an ensemble is what evaluating its models gives, beside the single models and compared with them")
    func seeds() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.read(
            Self.text(folder, "{ensemble: seeds, tta: flips, rules: chosen}")
        )
        let outcome = try StudyRunner(study).run()
        let results = outcome.results
        let name = "multi-task-seeds-flips-rules"
        #expect(results.arms.map(\.name) == ["segmentation-only", "multi-task", name])
        #expect(results.arms[2].derivedFrom == "multi-task")
        #expect(results.arms[2].title == "Multi-task, ensemble of 2 seeds, flips, rules chosen on validation")
        #expect(results.trainings.count == 4 && results.timing.trainings.count == 4)
        #expect(results.comparison(arm: name, dataset: "eastern")?.reference == "multi-task")

        let files = [1, 2].map { folder.appending("out/models/multi-task-\($0).safetensors") }
        let used = try TrainedEnsemble(contentsOf: files, augmentation: .flips, registry: .standard)
        let stored = try #require(used.models[0].description.rules)
        #expect(stored.candidates.count == 8 && stored.leastGain == 0.002)
        let evaluation = try ModelEvaluation(
            used,
            on: study.test[0],
            metrics: study.metrics
        )
        let rows = outcome.cases.filter { $0.arm == name && $0.dataset == "eastern" }
        #expect(rows.count == 8)
        let evaluated = Dictionary(uniqueKeysWithValues: evaluation.cases.map { ($0.caseID, $0) })
        for row in rows {
            let other = try #require(evaluated[row.caseID])
            #expect(row.metrics["dice"].map { "\($0)" } == other.metrics["dice"].map { "\($0)" })
            #expect(row.malignancyProbability == other.malignancyProbability)
            #expect(row.predictions?.map(\.name) == other.predictions?.map(\.name))
        }
        let own = try #require(results.summary(arm: name, dataset: "eastern"))
        #expect("\(own.dice.mean)" == "\(evaluation.summary.dice.mean)")
        #expect(try folder.text("out/report.html").contains("Multi-task, ensemble of 2 seeds, flips"))
        #expect(try folder.text("out/report.html").contains("Two arms were trained"))

        // Run again, everything is kept; without the ensemble, the models are only tested otherwise.
        let messages = Messages()
        let again = try StudyRunner(study, observer: messages).run()
        // As text: an undefined number is NaN, which equals nothing.
        #expect(
            again.cases.map { "\($0.arm) \($0.caseID) \($0.dice)" }
                == outcome.cases.map { "\($0.arm) \($0.caseID) \($0.dice)" }
        )
        let flips = try SmallStudy.read(Self.text(folder, "{tta: flips, rules: chosen}"))
        let single = try StudyRunner(flips, observer: messages).run()
        #expect(single.results.arms.map(\.name).last == "multi-task-flips-rules")
        #expect(messages.all.count { $0.contains("finished before, kept") } == 8)
    }

    @Test("Tiles and passes with dropout are judged as evaluating the model with them does")
    func tilesAndDropout() throws {
        let folder = try TemporaryFolder()
        // Every tile is a pass of its own: smaller images have fewer.
        let text = Self.text(folder, "{tile: own, dropoutPasses: 3, dropoutSeed: 5}", seeds: "[1]")
            .replacing("resolution: 0.4", with: "resolution: 0.2")
            .replacing(
                "title: Multi-task",
                with:
                    "title: Multi-task\n    model: {backbone: {name: residual-unet, settings: {width: 2, depth: 2, dropout: 0.3}}}"
            )
        let study = try SmallStudy.read(text)
        let outcome = try StudyRunner(study).run()
        let name = "multi-task-tiles-dropout"
        #expect(outcome.results.arms.last?.name == name)
        let title = "Multi-task, tiles at the images' own resolution, 3 dropout passes"
        #expect(outcome.results.arms.last?.title == title)
        let file = folder.appending("out/models/multi-task-1.safetensors")
        func evaluated(_ tiling: Tiling, seed: UInt64) throws -> [String: CaseResult] {
            let used = try TrainedEnsemble(
                contentsOf: [file],
                tiling: tiling,
                dropout: DropoutSampling(passes: 3, seed: seed),
                registry: .standard
            )
            let cases = try ModelEvaluation(used, on: study.test[0], metrics: study.metrics).cases
            return Dictionary(uniqueKeysWithValues: cases.map { ($0.caseID, $0) })
        }
        let rows = outcome.cases.filter { $0.arm == name && $0.dataset == "eastern" }
        func line(_ row: CaseResult?) -> String {
            row.map { "\($0.dice) \($0.malignancyProbability ?? -1) \($0.predictions?.map(\.number) ?? [])" } ?? "none"
        }
        let (same, otherSeed, whole) = (
            try evaluated(.own, seed: 5), try evaluated(.own, seed: 6), try evaluated(.none, seed: 5)
        )
        #expect(rows.count == 8)
        #expect(rows.allSatisfy { line($0) == line(same[$0.caseID]) })
        #expect(rows.contains { line($0) != line(otherSeed[$0.caseID]) })
        // Tiles are of the mask alone.
        #expect(rows.allSatisfy { $0.malignancyProbability == whole[$0.caseID]?.malignancyProbability })
        #expect(rows.contains { line($0) != line(whole[$0.caseID]) })
    }

    @Test("The models of all folds are tested on external sets alone")
    func folds() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.read(Self.text(folder, "{ensemble: folds}", train: "\n  folds: 2", seeds: "[1]"))
        let results = try StudyRunner(study).run().results
        let rows = results.summaries.filter { $0.arm == "multi-task-folds" }
        #expect(rows.map(\.dataset) == ["eastern"] && rows[0].cases == 8)
        #expect(results.arms.last?.title == "Multi-task, ensemble of 2 folds")
    }

    @Test("A study that says nothing of it has the files of before")
    func silent() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.configuration(output: folder.appending("out").path, epochs: 1)
        #expect(try !study.yaml.contains("inference"))
        #expect(study.arms.allSatisfy { $0.inference == nil })
        _ = try StudyRunner(study).train(arm: "multi-task", seed: 1, to: folder.appending("model.safetensors"))
        let model = try TrainedModel(contentsOf: folder.appending("model.safetensors"), registry: .standard)
        #expect(model.description.rules == nil && model.description.profile == nil)
        let text = String(
            decoding: try Data(contentsOf: folder.appending("model.safetensors")).prefix(4000),
            as: UTF8.self
        )
        #expect(!text.contains("rules") && !text.contains("profile"))
    }

    @Test(
        "What cannot be is an error before any training",
        arguments: [
            ("{ensemble: seeds}", "", "[1]", "arms[1].inference.ensemble", "the study has one seed"),
            ("{ensemble: folds}", "", "[1]", "arms[1].inference.ensemble", "the source is divided once"),
            ("{ensemble: all}", "", "[1]", "arms[1].inference.ensemble", "`all` is not one of the choices"),
            ("{rules: best}", "", "[1]", "arms[1].inference.rules", "is `best`"),
            ("{rules: {leastArea: -1}}", "", "[1]", "arms[1].inference.rules.leastArea", "whole number, 0 or more"),
            ("{tta: flop}", "", "[1]", "arms[1].inference.tta", "`flop` is not one of the choices"),
            ("{tile: native}", "", "[1]", "arms[1].inference.tile", "is native"),
            ("{tile: 16}", "", "[1]", "arms[1].inference.tile", "is not more than the arm's imageSize"),
            ("{dropoutPasses: 1}", "", "[1]", "arms[1].inference.dropoutPasses", "1 is out of range"),
            ("{dropoutPasses: 4}", "", "[1]", "arms[1].inference.dropoutPasses", "does not contain any"),
            ("{views: 2}", "", "[1]", "arms[1].inference.views", "is not known"),
        ]
    )
    func impossible(inference: String, train: String, seeds: String, subject: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: SegmentationError.self) {
            try StudyRunner(SmallStudy.read(Self.text(folder, inference, train: train, seeds: seeds))).validate()
        }
        #expect(
            error?.description.contains(subject) == true && error?.description.contains(problem) == true,
            "\(error!)"
        )
        #expect(!FileManager.default.fileExists(atPath: folder.appending("out").path))
    }

    @Test("An arm inherits it, changes a key of it or switches it off; the resolved file reads back as the same")
    func inheritance() throws {
        let text = SmallStudy.yaml(output: "/nowhere/out")
            .replacing(
                "reference: multi-task",
                with: "reference: multi-task\ninference: {tta: flips, rules: {largest: true}}"
            )
            .replacing(
                "title: Multi-task",
                with: "title: Multi-task\n    inference: {rules: {fillHoles: true}}\n  - {name: plain, inference: off}"
            )
        let study = try SmallStudy.read(text)
        #expect(study.arms[0].inference?.augmentation == .flips)
        #expect(study.arms[0].inference?.rules == .stated(MaskRules(largest: true)))
        #expect(study.arms[1].inference?.rules == .stated(MaskRules(fillHoles: true, largest: true)))
        #expect(study.arms[2].inference == nil)
        let again = try SmallStudy.read(study.yaml)
        #expect(again.arms.map(\.inference) == study.arms.map(\.inference))
    }
}
