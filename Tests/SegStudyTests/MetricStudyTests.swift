import Foundation
import SegConfiguration
import SegCore
import SegMetrics
import SegResults
import SegStudy
import TestSupport
import Testing

@Suite("Conventions of metrics in a study")
struct MetricStudyTests {
    /// Enough images and epochs that boundaries come near the truth and a temperature has an optimum.
    private static func study(_ output: URL, _ metrics: String = "") throws -> StudyConfiguration {
        try SmallStudy.read(
            SmallStudy.yaml(output: output.path, epochs: 12).replacing("count: 16", with: "count: 60")
                .replacing("validationFraction: 0.4", with: "validationFraction: 0.6")
                .replacing("count: 8,", with: "count: 30,").replacing("width: 2", with: "width: 4")
                .replacing("batchSize: 4", with: "batchSize: 4, learningRate: 0.01")
                .replacing("bootstrapResamples: 200", with: "bootstrapResamples: 200\(metrics)")
        )
    }

    @Test("With other metrics the models kept are tested again; with other intervals they are not")
    func identity() throws {
        let folder = try TemporaryFolder()
        let output = folder.appending("out")
        let first = try StudyRunner(Self.study(output)).run()
        let record = "out/cells/multi-task-1.json"
        func trained() throws -> [String] {
            try ["out/cells/multi-task-1.training.json", "out/models/multi-task-1.safetensors"].map { path in
                "\(try FileManager.default.attributesOfItem(atPath: folder.appending(path).path)[.modificationDate] as Any)"
            }
        }
        let (before, tested) = (try trained(), try folder.text(record))
        #expect(first.results.methods.hausdorff == .monai)
        #expect(first.results.methods.boundaries?.contains("MONAI's definition") == true)
        #expect(first.results.methods.boundaries?.contains("tolerance of 2 px") == true)

        let study = try Self.study(output, ", hausdorff: medpy, surfaceTolerance: 0.5 mm")
        let second = try StudyRunner(study).run()
        #expect(try trained() == before)
        #expect(second.results.methods.hausdorff == .medpy)
        #expect(second.results.methods.boundaries?.contains("medpy's definition") == true)
        #expect(second.results.methods.boundaries?.contains("tolerance of 0.5 mm") == true)
        #expect(try folder.text("out/config.yaml").contains("hausdorff: medpy\n"))
        // A fresh folder comes to the same.
        let fresh = folder.appending("fresh")
        _ = try StudyRunner(Self.study(fresh, ", hausdorff: medpy, surfaceTolerance: 0.5 mm")).run()
        #expect(try folder.text("out/cases.csv") == folder.text("fresh/cases.csv"))
        func values(_ outcome: StudyRunner.Outcome, _ value: (CaseResult) -> Double?) -> [Double] {
            outcome.cases.compactMap(value).filter { !$0.isNaN }
        }
        #expect(values(first) { $0.hausdorff95 } != values(second) { $0.hausdorff95 })
        #expect(values(first) { $0.surfaceDice } != values(second) { $0.surfaceDice })
        #expect(values(first) { $0.surfaceDistance } == values(second) { $0.surfaceDistance })

        _ = try StudyRunner(Self.study(output)).run()
        #expect(try folder.text(record) == tested)
        let file = folder.appending(record).path
        let made = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
        var wider = try Self.study(output)
        wider.metrics.bootstrapResamples = 300
        _ = try StudyRunner(wider).run()
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date == made)
    }

    @Test("Surface Dice, sensitivity at 90 % specificity and scaled calibration are those of the rows of cases.csv")
    func summaries() throws {
        let folder = try TemporaryFolder()
        var study = try Self.study(folder.appending("out"))
        study.seeds = [1, 2]
        let outcome = try StudyRunner(study).run()
        let temperatures = outcome.results.trainings.filter { $0.arm == "multi-task" }.map(\.malignancyTemperature)
        #expect(temperatures.count == 2 && temperatures.allSatisfy { $0 != nil })
        for row in outcome.cases where row.arm == "multi-task" {
            let probability = try #require(row.malignancyProbability)
            let temperature = try #require(temperatures[Int(row.seed) - 1])
            let logit = log(probability / (1 - probability))
            let scaled = try #require(row.scaledMalignancyProbability)
            #expect(abs(scaled - 1 / (1 + exp(-logit / temperature))) < 1e-5)
        }
        #expect(outcome.cases.allSatisfy { $0.arm == "multi-task" || $0.scaledMalignancyProbability == nil })
        for dataset in ["northern", "eastern"] {
            let all = outcome.cases.filter { $0.arm == "multi-task" && $0.dataset == dataset }
            let bySeed = [1, 2].map { seed in all.filter { $0.seed == seed && $0.pathology?.hasLesion == true } }
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            let labels = bySeed.map { $0.map { $0.pathology == .malignant } }
            let sensitivities = zip(bySeed, labels).map { Self.sensitivity($0.compactMap(\.malignancyProbability), $1) }
            let briers = zip(bySeed, labels).map { rows, labels in
                mean(
                    zip(rows, labels).map { row, label in
                        let error = (row.scaledMalignancyProbability ?? .nan) - (label ? 1 : 0)
                        return error * error
                    }
                )
            }
            let errors = try zip(bySeed, labels).map { rows, labels in
                try expectedCalibrationError(
                    probabilities: rows.compactMap(\.scaledMalignancyProbability),
                    labels: labels,
                    binning: .equalWidthClosedLeft(10)
                )
            }
            let summary = try #require(outcome.results.summary(arm: "multi-task", dataset: dataset))
            let malignancy = try #require(summary.malignancy)
            #expect(abs((malignancy.sensitivityAt90Specificity ?? .nan) - mean(sensitivities)) < 1e-12)
            #expect(abs((malignancy.scaledBrierScore ?? .nan) - mean(briers)) < 1e-12)
            #expect(abs((malignancy.scaledCalibrationError ?? .nan) - mean(errors)) < 1e-12)
            #expect(malignancy.scaledBrierScore != malignancy.brierScore)

            let scores = Dictionary(grouping: all, by: \.caseID).values.map { mean($0.map { $0.surfaceDice ?? .nan }) }
            let defined = scores.filter { !$0.isNaN }
            #expect(summary.surfaceDice?.count == defined.count)
            #expect(abs((summary.surfaceDice?.mean ?? .nan) - mean(defined)) < 1e-12)
            #expect(summary.surfaceDice?.interval != nil)
        }
        #expect(outcome.results.methods.calibration?.contains("validation part of northern alone") == true)
        let header = try #require(try folder.text("out/cases.csv").split(separator: "\r\n").first)
        #expect(header.contains(",assd_mm,nsd,") && header.contains(",p_malignant,p_malignant_scaled,"))
    }

    /// The greatest share of malignant lesions at or above a threshold that leaves nine in ten benign ones below it.
    private static func sensitivity(_ scores: [Double], _ labels: [Bool]) -> Double {
        let (positives, negatives) = (labels.count { $0 }, labels.count { !$0 })
        var best = 0
        for threshold in scores {
            let called = zip(scores, labels).filter { $0.0 >= threshold }
            let falseAlarms = called.count { !$0.1 }
            // 10 · false alarms ≤ negatives, in integers.
            if 10 * falseAlarms <= negatives { best = max(best, called.count { $0.1 }) }
        }
        return Double(best) / Double(positives)
    }

    @Test("Without a temperature there is no scaled calibration, and a remark says why")
    func separated() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("count: 16", with: "count: 8")
        let outcome = try StudyRunner(SmallStudy.read(yaml)).run()
        let training = try #require(outcome.results.trainings.first { $0.arm == "multi-task" })
        try #require(training.malignancyTemperature == nil)
        let malignancy = outcome.results.summary(arm: "multi-task", dataset: "eastern")?.malignancy
        #expect(malignancy?.brierScore != nil && malignancy?.scaledBrierScore == nil)
        #expect(malignancy?.calibrationError != nil && malignancy?.scaledCalibrationError == nil)
        let remarks = outcome.results.notes.filter { $0.text.hasPrefix("No temperature could be fitted") }
        #expect(remarks.count == 1)
        #expect(remarks.first?.text.contains("1 of 1 trainings of multi-task") == true)
    }
}
