import Foundation
import SegConfiguration
import SegCore
import SegData
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Cross-validation")
struct CrossValidationTests {
    private static func study(_ output: String, seeds: [UInt64] = [1]) throws -> StudyConfiguration {
        let text = SmallStudy.yaml(output: output, epochs: 1)
            .replacing("validationFraction: 0.4", with: "folds: 3\n  validationFraction: 0.4")
        var study = try SmallStudy.read(text)
        study.seeds = seeds
        return study
    }

    /// The study with two seeds.
    private static let finished = Result { try FinishedStudy { try study($0, seeds: [1, 2]) } }

    @Test("Every source case is tested exactly once a seed, by a model that neither trained nor was chosen on it")
    func folds() throws {
        let folder = try TemporaryFolder()
        let finished = try Self.finished.get()
        _ = try finished.restore(in: folder)
        let outcome = finished.outcome
        let results = outcome.results
        #expect(results.folds == 3)
        #expect(results.datasets.map(\.name) == ["northern cross-validated", "eastern"])
        #expect(results.datasets.map(\.role) == [.test, .external])
        #expect(results.datasets[0].evaluated.total == 16)
        #expect(results.trainings.map(\.fold).prefix(6) == [1, 1, 2, 2, 3, 3])
        #expect(
            results.split.parts.map(\.name).prefix(3) == ["fold 1, training", "fold 1, validation", "fold 1, test"]
        )

        let split = try SplitFile(contentsOf: folder.appending("out/split.json"))
        #expect(split.parts.map(\.name) == ["fold 1", "fold 2", "fold 3"])
        for part in split.parts {
            #expect(Set(part.validation).isDisjoint(with: part.test))
            #expect(!part.validation.isEmpty && !part.test.isEmpty)
        }
        for seed in [UInt64(1), 2] {
            let own = outcome.cases.filter {
                $0.arm == "multi-task" && $0.seed == seed && $0.dataset == "northern cross-validated"
            }
            #expect(own.count == 16 && Set(own.map(\.caseID)).count == 16)
            for row in own {
                let fold = try #require(row.fold)
                #expect(split.parts[fold - 1].test.contains(row.caseID))
            }
        }
        #expect(try folder.text("out/cases.csv").hasPrefix("arm,seed,fold,dataset,case,"))
        #expect(try folder.text("out/training.csv").hasPrefix("arm,seed,fold,epoch,"))
        #expect(folder.files.contains("out/models/multi-task-fold2-1.safetensors"))
        #expect(results.notes.contains { $0.text.contains("was tested on once for each seed") })
        #expect(results.methods.thresholdRule.contains("every held-out fold and every external set"))
        #expect(try folder.text("out/report.html").contains("once for each of three folds"))
    }

    @Test("A case's values are averaged over the folds and seeds that tested it")
    func averages() throws {
        let outcome = try Self.finished.get().outcome
        for (dataset, runs) in [("northern cross-validated", 2), ("eastern", 6)] {
            let rows = outcome.cases.filter { $0.arm == "multi-task" && $0.dataset == dataset }
            let byCase = Dictionary(grouping: rows, by: \.caseID)
            #expect(byCase.values.allSatisfy { $0.count == runs })
            let means = byCase.values.map { $0.map(\.dice).reduce(0, +) / Double(runs) }.filter { !$0.isNaN }
            let summary = try #require(outcome.results.summary(arm: "multi-task", dataset: dataset))
            #expect(summary.seed == nil && summary.cases == byCase.count)
            #expect(abs(summary.dice.mean - means.reduce(0, +) / Double(means.count)) < 1e-12)
            let first = try #require(
                outcome.results.summaries.first { $0.arm == "multi-task" && $0.dataset == dataset }
            )
            #expect(first.seed == 1 && first.cases == byCase.count)
        }
        let comparison = outcome.results.comparison(arm: "segmentation-only", dataset: "northern cross-validated")
        #expect(comparison.map { $0.pairs > 8 } == true)
    }

    @Test("Folds are divided as in the nested splits, and validation is cut out of the rest by group")
    func division() throws {
        let records = (0..<40).map { index in
            SampleRecord(
                id: "image\(index)",
                group: "patient \(index / 2)",
                imageFile: URL(fileURLWithPath: "/none/\(index).png"),
                pathology: index % 4 < 2 ? .benign : .malignant
            )
        }
        let splits = try Split.crossValidation(records, folds: 4, validationFraction: 0.25, seed: 3)
        let nested = try Split.nested(records, outer: 4, inner: 2, seed: 3)
        #expect(splits.map(\.test) == nested.map { $0[0].test })
        #expect(splits.flatMap(\.test).sorted() == Array(records.indices))
        for split in splits {
            let parts = [split.train, split.validation, split.test].map { Set($0.map { records[$0].group }) }
            #expect(parts[0].isDisjoint(with: parts[1]) && parts[0].isDisjoint(with: parts[2]))
            #expect(parts[1].isDisjoint(with: parts[2]))
            #expect(split.validation.count == 8 && split.train.count == 22)
            let malignant = split.validation.count { records[$0].pathology == .malignant }
            #expect(malignant == 4)
        }
        #expect(
            try Split.crossValidation(records.reversed(), folds: 4, validationFraction: 0.25, seed: 3).map {
                Set($0.testIDs)
            }
                == splits.map { Set($0.testIDs) }
        )
    }

    @Test("Folds read back from the resolved study, and what cannot be divided is named")
    func configuration() throws {
        let study = try Self.study("out")
        #expect(study.train.split == .crossValidation(folds: 3, validationFraction: 0.4, seed: 1))
        #expect(try SmallStudy.read(study.yaml).train.split == study.train.split)
        let yaml = SmallStudy.yaml(output: "out")
        func error(_ keys: String) -> String {
            message {
                try StudyRunner(SmallStudy.read(yaml.replacing("validationFraction: 0.4", with: keys))).validate()
            }
        }
        #expect(error("folds: 1").hasPrefix("small.yaml:6: train.folds: is 1; use 2 folds or more"))
        #expect(
            error("folds: 3\n  split: {folds: 3}").hasPrefix(
                "small.yaml:6: train.folds: cannot be combined with `split`"
            )
        )
        #expect(error("folds: 40").contains("cannot be divided into 40 parts"))
    }

    @Test("One fold is trained alone, and a fold that the study does not have is named")
    func single() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out").path)
        let outcome = try Self.finished.get().outcome
        let model = folder.appending("model.safetensors")
        let record = try StudyRunner(study).train(arm: "multi-task", fold: 2, seed: nil, to: model)
        #expect(record.fold == 2)
        let known = outcome.results.trainings.first { $0.arm == "multi-task" && $0.fold == 2 && $0.seed == 1 }
        #expect(known == record)
        let wrong = message { _ = try StudyRunner(study).train(arm: "multi-task", fold: 4, seed: nil, to: model) }
        #expect(wrong == "small: the study has no fold 4; choose a fold from 1 to 3")
    }
}
