import Foundation
import SegConfiguration
import SegCore
import SegData
import SegMetrics
import SegResults
import SegSettings
import SegStudy
import SegTraining
import TestSupport
import Testing

/// A stranger's metric with a setting and a unit, which does not apply to every case.
private struct ExcessArea: CaseMetric {
    struct Settings: PluginSettings {
        var factor = 1.0

        func validate() throws {
            if factor <= 0 { throw SegmentationError("factor", "is \(factor)", cure: "use a number above 0") }
        }
    }

    static let name = "excess-area"
    static let summary = "Predicted minus true area."
    let title = "Excess area"
    let unit: String? = "px"
    let direction = MetricDirection.lowerIsBetter
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func value(of masks: CaseMasks) -> Double? {
        guard masks.record.pathology?.hasLesion == true else { return nil }
        func area(_ mask: Mask) -> Int { mask.pixels.reduce(0) { $0 + Int($1) } }
        return settings.factor * Double(area(masks.prediction) - area(masks.truth))
    }
}

@Suite("Metrics of plugins")
struct ExtraMetricTests {
    private static func registry() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(metric: ExcessArea.self)
        return registry
    }

    private static func study(_ output: URL, extra: String, seeds: String = "[1]") throws -> StudyConfiguration {
        let yaml = SmallStudy.yaml(output: output.path, epochs: 4)
            .replacing("study: small", with: "study: small\nseeds: \(seeds)")
            .replacing("bootstrapResamples: 200", with: "bootstrapResamples: 200\(extra)")
        return try StudyConfiguration(
            ConfigurationDocument(text: yaml, name: "small.yaml"),
            registry: registry()
        )
    }

    private static let extra = ", extra: [boundary-iou, {excess-area: {factor: 2}}, relative-area-difference]"

    @Test("A metric of a plugin stands in cases.csv, results.json and report.html, with its comparison across seeds")
    func everywhere() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out"), extra: Self.extra, seeds: "[1, 2]")
        let outcome = try StudyRunner(study, registry: Self.registry()).run()
        let names = ["boundary-iou", "excess-area", "relative-area-difference"]

        let lines = try folder.text("out/cases.csv").components(separatedBy: "\r\n")
        let head = lines[0].components(separatedBy: ",")
        #expect(Array(head[CaseTable.fixedColumns.count..<CaseTable.fixedColumns.count + 3]) == names)
        let column = try #require(head.firstIndex(of: "excess-area"))
        for (row, line) in zip(outcome.cases, lines.dropFirst()) {
            let field = line.components(separatedBy: ",")[column]
            if row.pathology?.hasLesion == true {
                #expect(Double(field) == row.metrics?["excess-area"])
                // By the fractions, which are computed elsewhere, the difference of areas comes to the same share.
                let (truth, predicted) = (row.lesionFraction ?? .nan, row.predictedFraction ?? .nan)
                let relative = try #require(row.metrics?["relative-area-difference"])
                #expect(abs(relative - abs(predicted - truth) / truth) < 1e-9)
                let excess = try #require(row.metrics?["excess-area"])
                #expect((excess > 0) == (predicted > truth))
            } else {
                #expect(field.isEmpty && row.metrics?["excess-area"] == nil)
            }
        }

        let results = try StudyResults(contentsOf: folder.appending("out/results.json"))
        let summaries = try #require(results.extraMetrics)
        // Per metric: two arms on two data sets, of two seeds and over both.
        #expect(summaries.count == 3 * 2 * 2 * 3)
        let found = try #require(
            summaries.first {
                $0.name == "excess-area" && $0.arm == "segmentation-only" && $0.dataset == "eastern" && $0.seed == nil
            }
        )
        #expect(found.title == "Excess area" && found.unit == "px" && found.direction == .lowerIsBetter)
        func means(_ arm: String) -> [String: Double] {
            let rows = outcome.cases.filter { $0.arm == arm && $0.dataset == "eastern" }
            return Dictionary(grouping: rows.filter { $0.metrics?["excess-area"] != nil }, by: \.caseID).mapValues {
                $0.reduce(0) { $0 + ($1.metrics?["excess-area"] ?? .nan) } / Double($0.count)
            }
        }
        let (mine, other) = (means("segmentation-only"), means("multi-task"))
        #expect(found.values.count == mine.count)
        #expect(abs(found.values.mean - mine.values.reduce(0, +) / Double(mine.count)) < 1e-9)
        #expect(found.values.interval != nil && found.values.standardDeviationOverSeeds != nil)
        let comparison = try #require(found.comparison)
        let differences = mine.map { $0.value - (other[$0.key] ?? .nan) }
        #expect(comparison.reference == "multi-task" && comparison.pairs == differences.count)
        #expect(abs(comparison.meanDifference - differences.reduce(0, +) / Double(differences.count)) < 1e-9)
        #expect(comparison.acrossSeeds?.seeds == 2)
        #expect(summaries.allSatisfy { ($0.comparison != nil) == ($0.seed == nil && $0.arm != "multi-task") })

        let page = try folder.text("out/report.html")
        let check = PageCheck(page)
        #expect(check.problem == nil && check.links.contains("#metrics"))
        #expect(check.text.contains("Excess area, px by data set and arm; less is better."))
        #expect(check.text.contains("Boundary IoU by data set and arm; more is better."))

        // What was resolved reads back as the same, and the order of files' rows is not touched.
        let again = try StudyConfiguration(
            ConfigurationDocument(text: study.yaml, name: "config.yaml"),
            registry: Self.registry()
        )
        #expect(again.metrics == study.metrics)
        #expect(study.metrics.extra?.map(\.name) == names)
    }

    @Test("With other metrics or settings the models kept are tested again, not trained again")
    func identity() throws {
        let folder = try TemporaryFolder()
        let output = folder.appending("out")
        _ = try StudyRunner(Self.study(output, extra: ""), registry: Self.registry()).run()
        let (plain, trained) = (
            try folder.text("out/cases.csv"), try folder.text("out/cells/multi-task-1.training.json")
        )
        #expect(!plain.contains("excess-area"))
        #expect(try !folder.text("out/cells/multi-task-1.json").contains("\"extra\""))

        let first = try StudyRunner(Self.study(output, extra: Self.extra), registry: Self.registry()).run()
        let other = Self.extra.replacing("factor: 2", with: "factor: 4")
        let second = try StudyRunner(Self.study(output, extra: other), registry: Self.registry()).run()
        func excess(_ outcome: StudyRunner.Outcome) -> [Double] { outcome.cases.compactMap { $0.metrics?["excess-area"] } }
        #expect(!excess(first).isEmpty && excess(second) == excess(first).map { 2 * $0 })
        #expect(try folder.text("out/cells/multi-task-1.training.json") == trained)

        // The same metrics again: nothing is tested.
        let cell = output.appending(path: "cells/multi-task-1.json").path
        let made = try FileManager.default.attributesOfItem(atPath: cell)[.modificationDate] as? Date
        _ = try StudyRunner(Self.study(output, extra: other), registry: Self.registry()).run()
        #expect(try FileManager.default.attributesOfItem(atPath: cell)[.modificationDate] as? Date == made)

        _ = try StudyRunner(Self.study(output, extra: ""), registry: Self.registry()).run()
        #expect(try folder.text("out/cases.csv") == plain)
    }

    @Test(
        "A wrong entry under metrics.extra is one line with its place and a cure",
        arguments: [
            (", extra: [boundry-iou]", ["metrics.extra[0]", "no metric called `boundry-iou`", "boundary-iou"]),
            (", extra: [boundary-iou, boundary-iou]", ["metrics.extra[1]", "twice"]),
            (", extra: [3]", ["metrics.extra[0]", "no metric called `3`"]),
            (", extra: [[boundary-iou]]", ["metrics.extra[0]", "is not the name of a metric"]),
            (", extra: boundary-iou", ["metrics.extra", "a list"]),
            (", extra: [{boundary-iou: {ratio: 1}}]", ["metrics.extra[0].boundary-iou", "ratio"]),
            (", extra: [{excess-area: {factor: 0}}]", ["metrics.extra[0].excess-area.factor", "is 0"]),
        ]
    )
    func errors(extra: String, parts: [String]) throws {
        let text = message { _ = try Self.study(URL(filePath: "/nowhere"), extra: extra) }
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("\n"))
    }

    @Test("A metric whose name is a column of cases.csv is refused before any work")
    func column() throws {
        let folder = try TemporaryFolder()
        var registry = PluginRegistry.standard
        try registry.add(metric: ExcessArea.self, named: "dice")
        let yaml = SmallStudy.yaml(output: folder.appending("out").path)
            .replacing("bootstrapResamples: 200", with: "extra: [dice]")
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "small.yaml"), registry: registry)
        let refusal = message { try StudyRunner(study, registry: registry).validate() }
        #expect(refusal.contains("metrics.extra[0]") && refusal.contains("every cases.csv"))
    }

    @Test("The shipped metrics are those of SegMetrics, and empty masks follow the study")
    func shipped() throws {
        let truth = Mask(width: 8, height: 8, pixels: (0..<64).map { $0 / 8 < 4 && $0 % 8 < 4 ? 1 : 0 })
        let predicted = Mask(width: 8, height: 8, pixels: (0..<64).map { $0 / 8 < 4 && $0 % 8 < 6 ? 1 : 0 })
        let empty = Mask(emptyWithWidth: 8, height: 8)
        func value(_ metric: any CaseMetric, _ prediction: Mask, _ truth: Mask) throws -> Double {
            let made = CasePrediction(
                record: SampleRecord(id: "case", imageFile: URL(filePath: "/nowhere/case.png"), pathology: .benign),
                letterbox: Letterbox(sourceWidth: 8, sourceHeight: 8, size: 8),
                lesion: RunLengthMask(truth),
                probability: prediction.pixels.map(Float.init)
            )
            let masks = try CaseMasks(made, threshold: 0.5, emptyMasks: .undefinedWhenReferenceEmpty)
            #expect(masks.probability == prediction.pixels.map(Float.init))
            return try #require(try metric.value(of: masks))
        }
        let area = RelativeAreaDifference(NoSettings())
        #expect(try value(area, predicted, truth) == 0.5)
        #expect(try value(area, empty, truth) == 1)
        #expect(try value(area, predicted, empty).isNaN)
        let boundary = BoundaryIoU(BoundaryIoU.Settings())
        // Rims of one pixel: 12 of 4×4, 16 of 6×4, of which 4 are common in the top and the bottom row each, and 2 at the left.
        #expect(try value(boundary, predicted, truth) == 10.0 / 18.0)
        #expect(try value(boundary, empty, truth) == 0)
        #expect(try value(boundary, predicted, empty).isNaN)
    }
}
