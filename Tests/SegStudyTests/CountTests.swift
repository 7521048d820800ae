import Foundation
import SegConfiguration
import SegCore
import SegReport
import SegResults
import SegScoring
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("Metrics that count")
struct CountTests {
    @Test("Counts are added up over images and seeds in results, report and console; the table has whole numbers")
    func sums() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("study: small", with: "study: small\nseeds: [1, 2]")
            .replacing("bootstrapResamples: 200", with: "bootstrapResamples: 200, extra: [false-pixels, boundary-iou]")
        let registry = try ToldPlugins.registry()
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "small.yaml"), registry: registry)
        let outcome = try StudyRunner(study, registry: registry).run()
        let results = try StudyResults(contentsOf: folder.appending("out/results.json"))
        #expect(results.metrics?.map(\.isCount) == [true, nil])
        for seed in [1, 2, nil] as [UInt64?] {
            let summary = try #require(
                results.summaries.first { $0.arm == "multi-task" && $0.dataset == "eastern" && $0.seed == seed }
            )
            let values = outcome.cases.filter {
                $0.arm == "multi-task" && $0.dataset == "eastern" && (seed == nil || $0.seed == seed)
            }.compactMap { $0.metrics["false-pixels"] }
            let counted = try #require(summary.metrics["false-pixels"])
            #expect(values.count == (seed == nil ? 16 : 8) && counted.count == 8)
            #expect(counted.total == values.reduce(0, +))
            #expect(abs(counted.mean - values.reduce(0, +) / Double(values.count)) < 1e-9)
            #expect(summary.dice.total == nil && summary.metrics["boundary-iou"]?.total == nil)
        }
        let total = try #require(
            results.summary(arm: "multi-task", dataset: "eastern")?.metrics["false-pixels"]?.total
        )
        #expect(total > 0)
        #expect(consoleTable(results).contains(" \(Int(total))"))
        let check = PageCheck(try folder.text("out/report.html"))
        #expect(check.problem == nil && check.text.contains("\(Int(total))") && check.text.contains(" an image"))
        #expect(latexTable(results).contains("False pixels, px per image"))

        let lines = try folder.text("out/cases.csv").components(separatedBy: "\r\n")
        let column = try #require(lines[0].components(separatedBy: ",").firstIndex(of: "false-pixels"))
        for (row, line) in zip(outcome.cases, lines.dropFirst()) {
            #expect(Int(line.components(separatedBy: ",")[column]).map { Double($0) } == row.metrics["false-pixels"])
        }
    }

    @Test("What is no count is one line with the metric and the case", arguments: [0.5, -1])
    func faults(factor: Double) throws {
        let (prediction, reference) = (
            Mask(width: 2, height: 1, pixels: [1, 1]), Mask(width: 2, height: 1, pixels: [1, 0])
        )
        let record = SampleRecord(id: "case 7", imageFile: URL(filePath: "/nowhere/case.png"), pathology: .benign)
        let item = try MetricCase(
            prediction: prediction,
            reference: reference,
            record: record,
            emptyMasks: .undefinedWhenReferenceEmpty
        )
        #expect(try NamedMetric(FalsePixels(.init(factor: 3))).value(of: item) == 3)
        #expect(
            message { _ = try NamedMetric(FalsePixels(.init(factor: factor))).value(of: item) }
                == "metric `false-pixels`: it says that it counts, and its value of case 7 is \(factor); answer a whole number "
                + "that is not negative, or leave `isCount` out"
        )
    }

    @Test("The lesions of every study are counts, which their table adds up as before")
    func lesions() {
        let counts = StandardMetrics.all().filter(\.metric.isCount).map(\.column)
        #expect(counts == ["lesions_found", "lesions_missed", "lesions_invented"])
        #expect(MetricDescription.standard.allSatisfy { $0.isCount == nil })
    }
}
