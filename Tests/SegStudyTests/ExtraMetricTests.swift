import Foundation
import SegConfiguration
import SegCore
import SegData
import SegMetrics
import SegReport
import SegResults
import SegScoring
import SegSettings
import SegStudy
import SegTestKit
import SegTraining
import Synchronization
import TestSupport
import Testing

/// A stranger's metric with a setting and a unit, which has no value for every case.
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
    let emptyMasks = EmptyMaskHandling.answered("Empty masks have the area 0.")
    let decimals = 1
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func value(of item: MetricCase) -> Double? {
        guard item.record.pathology?.hasLesion == true else { return nil }
        return settings.factor * Double(item.prediction.area - item.reference.area)
    }
}

/// Does what its name says.
private struct Faulty: CaseMetric {
    enum Fault: String, NamedChoice { case throwing, undefined, infinite }

    struct Settings: PluginSettings { var fault = Fault.throwing }

    static let name = "faulty"
    static let summary = "Fails."
    let title = "Faulty"
    let direction = MetricDirection.higherIsBetter
    let emptyMasks = EmptyMaskHandling.undefined
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func value(of item: MetricCase) throws -> Double? {
        switch settings.fault {
        case .throwing: throw CocoaError(.fileNoSuchFile)
        case .undefined: return .nan
        case .infinite: return .infinity
        }
    }
}

/// Needs what nobody predicts, or no data set gives.
private struct Needy: CaseMetric {
    struct Settings: PluginSettings {
        var report = ""
        var classifies = false
    }

    static let name = "needy"
    static let summary = "Needs much."
    let title = "Needy"
    let direction = MetricDirection.higherIsBetter
    let emptyMasks = EmptyMaskHandling.undefined
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    var inputs: Set<MetricInput> {
        settings.classifies
            ? [.malignancy] : settings.report.isEmpty ? [.mask, .pixelSize] : [.report(settings.report)]
    }

    func value(of item: MetricCase) -> Double? { Double(item.malignancy ?? 0) }
}

/// Remembers how often it was asked.
private final class Forgetful: CaseMetric {
    static let name = "forgetful"
    static let summary = "Depends on what was asked before."
    let title = "Forgetful"
    let direction = MetricDirection.lowerIsBetter
    let emptyMasks = EmptyMaskHandling.undefined
    private let count = Mutex(0)

    init(_ settings: NoSettings) {}

    func value(of item: MetricCase) -> Double? {
        count.withLock { count in
            count += 1
            return Double(count)
        }
    }
}

/// Says nothing to readers, and reads the name of the label.
private struct Silent: CaseMetric {
    static let name = "silent"
    static let summary = "Says little."
    let title = " "
    let direction = MetricDirection.lowerIsBetter
    let emptyMasks = EmptyMaskHandling.answered("")

    init(_ settings: NoSettings) {}

    func value(of item: MetricCase) -> Double? {
        Double(item.counts.falsePositives + item.counts.falseNegatives) + (item.label == "other" ? 1 : 0)
    }
}

@Suite("Metrics of plugins")
struct ExtraMetricTests {
    private static func registry() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(metric: ExcessArea.self)
        try registry.add(metric: Faulty.self)
        try registry.add(metric: Needy.self)
        try registry.add(metric: ExcessArea.self, named: "birads")
        try registry.add(metric: HausdorffDistance.self, named: "hd95-of-medpy")
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

    private static let extra =
        ", extra: [boundary-iou, {excess-area: {factor: 2}}, relative-area-difference, {hd95-of-medpy: {definition: medpy}}]"

    private static let names = ["boundary-iou", "excess-area", "relative-area-difference", "hd95-of-medpy"]

    @Test("A metric of a plugin stands wherever one of every study stands, with its comparison across seeds")
    func everywhere() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out"), extra: Self.extra, seeds: "[1, 2]")
        let outcome = try StudyRunner(study, registry: Self.registry()).run()
        try columns(folder, outcome)
        let results = try StudyResults(contentsOf: folder.appending("out/results.json"))
        #expect(results.metrics?.map(\.name) == Self.names)
        try numbers(results, outcome)

        let page = try folder.text("out/report.html")
        let check = PageCheck(page)
        #expect(check.problem == nil)
        for part in [
            "Excess area, px: less is better. Empty masks have the area 0.", "Boundary IoU: more is better.",
            "HD95, px, as in medpy: less is better.", "Further metrics by data set and arm",
            "Dice, IoU, HD95, Boundary IoU, Excess area, Relative area difference and HD95: mean",
        ] {
            #expect(check.text.contains(part), "\(part)")
        }
        // A metric of the boundaries' family stands in the library's own table of boundaries, told apart from one of its name.
        let start = try #require(check.text.range(of: "Boundaries by data set and arm"))
        #expect(check.text[start.upperBound...].prefix(200).contains("HD95, px, as in medpy"))
        #expect(check.text[start.upperBound...].prefix(200).contains("NSDBoundary IoU"))
        let table = try folder.text("out/table.tex")
        for part in [
            "\\emph{Excess area, px}", "\\emph{Boundary IoU}", "Excess area is given as Dice is; less is better.",
        ] {
            #expect(table.contains(part), "\(part)")
        }
        #expect(consoleTable(results).contains("Boundary IoU  Excess area, px"))

        // What was resolved reads back as the same.
        let again = try StudyConfiguration(
            ConfigurationDocument(text: study.yaml, name: "config.yaml"),
            registry: Self.registry()
        )
        #expect(again.metrics == study.metrics)
        #expect(study.metrics.extra?.map(\.name) == Self.names)
    }

    private func columns(_ folder: TemporaryFolder, _ outcome: StudyRunner.Outcome) throws {
        let lines = try folder.text("out/cases.csv").components(separatedBy: "\r\n")
        let head = lines[0].components(separatedBy: ",")
        #expect(Array(head.dropFirst(CaseTable.fixedColumns.count).prefix(4)) == Self.names)
        let column = try #require(head.firstIndex(of: "excess-area"))
        for (row, line) in zip(outcome.cases, lines.dropFirst()) {
            let field = line.components(separatedBy: ",")[column]
            if row.pathology?.hasLesion == true {
                #expect(Double(field) == row.metrics["excess-area"])
                // By the fractions, which are computed elsewhere, the difference of areas comes to the same share.
                let (truth, predicted) = (row.lesionFraction ?? .nan, row.predictedFraction ?? .nan)
                let relative = try #require(row.metrics["relative-area-difference"])
                #expect(abs(relative - abs(predicted - truth) / truth) < 1e-9)
                let excess = try #require(row.metrics["excess-area"])
                #expect((excess > 0) == (predicted > truth))
            } else {
                #expect(field.isEmpty && row.metrics["excess-area"] == nil)
            }
        }
    }

    private func numbers(_ results: StudyResults, _ outcome: StudyRunner.Outcome) throws {
        let description = try #require(results.metrics?[1])
        #expect(
            description.title == "Excess area" && description.unit == "px" && description.direction == .lowerIsBetter
        )
        let summary = try #require(results.summary(arm: "segmentation-only", dataset: "eastern"))
        let found = try #require(summary.metrics["excess-area"])
        func means(_ arm: String) -> [String: Double] {
            let rows = outcome.cases.filter { $0.arm == arm && $0.dataset == "eastern" }
            let defined = rows.filter { $0.metrics["excess-area"] != nil }
            return Dictionary(grouping: defined, by: \.caseID).mapValues { (rows: [CaseResult]) -> Double in
                let values = rows.map { $0.metrics["excess-area"] ?? .nan }
                return values.reduce(0, +) / Double(values.count)
            }
        }
        let (mine, other) = (means("segmentation-only"), means("multi-task"))
        #expect(found.count == mine.count)
        let mean = mine.values.reduce(0, +) / Double(mine.count)
        #expect(abs(found.mean - mean) < 1e-9)
        #expect(found.interval != nil && found.standardDeviationOverSeeds != nil)
        let metric = ComparedMetric(rawValue: "excess-area")
        let comparison = try #require(results.comparison(arm: "segmentation-only", dataset: "eastern", metric: metric))
        let differences = mine.map { $0.value - (other[$0.key] ?? .nan) }
        #expect(comparison.reference == "multi-task" && comparison.pairs == differences.count)
        let expected = differences.reduce(0, +) / Double(differences.count)
        #expect(abs(comparison.meanDifference - expected) < 1e-9)
        #expect(comparison.acrossSeeds?.seeds == 2)
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
        #expect(try !folder.text("out/results.json").contains("\"metrics\""))

        let first = try StudyRunner(Self.study(output, extra: Self.extra), registry: Self.registry()).run()
        let other = Self.extra.replacing("factor: 2", with: "factor: 4")
        let second = try StudyRunner(Self.study(output, extra: other), registry: Self.registry()).run()
        func excess(_ outcome: StudyRunner.Outcome) -> [Double] {
            outcome.cases.compactMap { $0.metrics["excess-area"] }
        }
        #expect(!excess(first).isEmpty && excess(second) == excess(first).map { 2 * $0 })
        #expect(try folder.text("out/cells/multi-task-1.training.json") == trained)

        // The same metrics again: nothing is tested.
        let record = output.appending(path: "cells/multi-task-1.json").path
        let made = try FileManager.default.attributesOfItem(atPath: record)[.modificationDate] as? Date
        _ = try StudyRunner(Self.study(output, extra: other), registry: Self.registry()).run()
        #expect(try FileManager.default.attributesOfItem(atPath: record)[.modificationDate] as? Date == made)

        _ = try StudyRunner(Self.study(output, extra: ""), registry: Self.registry()).run()
        #expect(try folder.text("out/cases.csv") == plain)
    }

    @Test(
        "A wrong entry under metrics.extra is one line with its place and a cure",
        arguments: [
            (", extra: [boundry-iou]", ["metrics.extra[0]", "no metric called `boundry-iou`", "boundary-iou"]),
            (", extra: [boundary-iou, boundary-iou]", ["metrics.extra[1]", "twice"]),
            (", extra: [dice]", ["metrics.extra[0]", "`dice` is a metric of every study"]),
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

    @Test(
        "A metric that could have no value is refused before any work",
        arguments: [
            (", extra: [birads]", "metrics.extra[0]: `birads` is a column that every cases.csv has"),
            (
                ", extra: [boundary-iou, {needy: {report: size}}]",
                "metrics.extra[1]: `needy` needs the prediction `size`, which no arm predicts"
            ),
            (", extra: [{needy: {report: shape}}]", "`needy` needs the prediction `shape`, which no arm predicts"),
        ]
    )
    func refused(extra: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out"), extra: extra)
        let refusal = message { try StudyRunner(study, registry: Self.registry()).validate() }
        #expect(refusal.contains(problem), "\(refusal)")
        let fine = try Self.study(folder.appending("out"), extra: ", extra: [{needy: {classifies: true}}]")
        try StudyRunner(fine, registry: Self.registry()).validate()
    }

    @Test("Names and columns that are taken are refused in one line, in a study and for `segkit evaluate`")
    func columns() throws {
        struct Second: CaseMetric {
            static let name = "second"
            static let summary = "Has the column of another."
            static let column = "excess-area"
            let title = "Second"
            let direction = MetricDirection.higherIsBetter
            let emptyMasks = EmptyMaskHandling.undefined
            init(_ settings: NoSettings) {}
            func value(of item: MetricCase) -> Double? { 1 }
        }
        func problem(_ extra: [(name: String, metric: any CaseMetric)]) -> String {
            message { try CaseTable.requireOwnColumns(extra) { "--metric \(extra[$0].name)" } }
        }
        let area = ExcessArea(.init())
        #expect(
            problem([("excess-area", area), ("second", Second(.init()))])
                == "--metric second: `second` and `excess-area` would both be the column `excess-area`; register the metric "
                + "under another name"
        )
        #expect(problem([("fold", area)]).hasPrefix("--metric fold: `fold` is a column that every cases.csv has; "))
        #expect(problem([("auroc", area)]).hasPrefix("--metric auroc: `auroc` is what every study compares"))
        #expect(problem([("excess-area", area), ("third", Second(.init()))]) == "")
    }

    private static let square = Mask(width: 8, height: 8, pixels: (0..<64).map { $0 / 8 < 4 && $0 % 8 < 4 ? 1 : 0 })
    private static let oblong = Mask(width: 8, height: 8, pixels: (0..<64).map { $0 / 8 < 4 && $0 % 8 < 6 ? 1 : 0 })
    private static let empty = Mask(emptyWithWidth: 8, height: 8)

    private static func evaluated(
        _ metric: any CaseMetric,
        _ prediction: Mask?,
        _ reference: Mask,
        _ rule: EmptyMaskRule = .undefinedWhenReferenceEmpty
    ) throws -> Double? {
        let record = SampleRecord(id: "case 7", imageFile: URL(filePath: "/nowhere/case.png"), pathology: .benign)
        let item = try MetricCase(prediction: prediction, reference: reference, record: record, emptyMasks: rule)
        return try NamedMetric(metric).value(of: item)
    }

    @Test(
        "What a metric does wrong is one line with its name and the case",
        arguments: zip(["throwing", "undefined", "infinite"], ["it failed on case 7", "is nan", "is inf"])
    )
    func faults(name: String, part: String) throws {
        var settings = Faulty.Settings()
        settings.fault = try #require(Faulty.Fault(rawValue: name))
        let text = message { _ = try Self.evaluated(Faulty(settings), Self.square, Self.square) }
        #expect(text.contains("metric `faulty`") && text.contains("case 7") && text.contains(part), "\(text)")
        #expect(!text.contains("\n"))
        #expect(try Self.evaluated(Faulty(settings), nil, Self.square) == nil)
    }

    @Test("Metrics of labels have the label in their names, those of the lesion do not")
    func labels() throws {
        let settings = MetricSettings(
            emptyMasks: .bothEmptyScoresOne,
            extra: [
                ExtraMetric(name: "boundary-iou", settings: .null),
                ExtraMetric(name: "needy", settings: .table(["report": .text("shape")])),
            ]
        )
        let metrics = try settings.makeMetrics(Self.registry(), labels: ["lesion", "other"])
        let count =
            CaseTable.fixedColumns.firstIndex(of: "p_malignant")! - CaseTable.fixedColumns.firstIndex(of: "dice")!
        #expect(metrics.count == 2 * count + 3)
        let others = metrics.filter { $0.label == "other" }
        #expect(others.first?.name == "dice.other" && others.first?.title == "Dice (other)")
        #expect(others.contains { $0.name == "hausdorff95.other" && $0.column == "hd95_px.other" })
        #expect(others.contains { $0.name == "boundary-iou.other" } && !others.contains { $0.name == "needy.other" })
        #expect(others.allSatisfy { !$0.isStandard })
    }

    @Test("Empty masks count as the metric's handling says")
    func emptyMasks() throws {
        let (square, oblong, empty) = (Self.square, Self.oblong, Self.empty)
        let area = RelativeAreaDifference()
        #expect(try Self.evaluated(area, oblong, square) == 0.5)
        #expect(try Self.evaluated(area, empty, square) == 1)
        #expect(try Self.evaluated(area, oblong, empty)?.isNaN == true)
        let boundary = BoundaryIoU(BoundaryIoU.Settings())
        // Rims of one pixel: 12 of 4×4, 16 of 6×4, of which 4 are common in the top and the bottom row each, and 2 at the left.
        #expect(try Self.evaluated(boundary, oblong, square) == 10.0 / 18.0)
        #expect(try Self.evaluated(boundary, empty, square) == 0)
        #expect(try Self.evaluated(boundary, oblong, empty)?.isNaN == true)
        #expect(try Self.evaluated(boundary, empty, empty, .bothEmptyScoresOne) == 1)
        let hausdorff = HausdorffDistance(.init())
        #expect(try Self.evaluated(hausdorff, empty, square) == 128.0.squareRoot())
        #expect(try Self.evaluated(hausdorff, empty, empty, .bothEmptyScoresOne) == 0)
        #expect(try Self.evaluated(hausdorff, nil, square) == nil)
        #expect(try Self.evaluated(InventedLesions(), square, empty) == 1)
    }

    @Test("The calibration of a mask is torchmetrics' binary_calibration_error of its pixels, also without a lesion")
    func maskCalibration() throws {
        func error(_ probability: [Float], _ truth: [UInt8], bins: Int = 10) throws -> Double? {
            let item = try MetricCase(
                prediction: Mask(width: 4, height: 2, pixels: Array(repeating: 1, count: 8)),
                reference: Mask(width: 4, height: 2, pixels: truth),
                record: SampleRecord(id: "case 7", imageFile: URL(filePath: "/nowhere/case.png"), pathology: .benign),
                emptyMasks: .undefinedWhenReferenceEmpty,
                probability: { probability }
            )
            var settings = MaskCalibrationError.Settings()
            settings.bins = bins
            return try NamedMetric(MaskCalibrationError(settings)).value(of: item)
        }
        let probability: [Float] = [0.05, 0.15, 0.12, 0.92, 0.85, 0.42, 0, 1.000_000_1]
        let (truth, none): ([UInt8], [UInt8]) = ([0, 0, 1, 1, 1, 1, 0, 1], Array(repeating: 0, count: 8))
        // numpy: of the bins [k/10, (k+1)/10) and 1, n / 8 · |mean truth − mean probability|, summed.
        #expect(abs(try #require(try error(probability, truth)) - 0.198_75) < 1e-7)
        #expect(abs(try #require(try error(probability, truth, bins: 2)) - 0.186_25) < 1e-7)
        #expect(abs(try #require(try error(probability, none)) - 0.438_75) < 1e-7)
        #expect(try error([], truth) == nil)
    }

    @Test("What breaks a rule of metrics is found")
    func breaches() {
        func rules(_ failures: [ConformanceFailure]) -> Set<String> { Set(failures.map(\.rule)) }
        // Its sign makes a mask that is too small better than the true one.
        #expect(rules(checkCaseMetric(ExcessArea.self)) == ["direction-holds"])
        #expect(rules(checkCaseMetric(Faulty.self)) == ["value-is-finite"])
        #expect(rules(checkCaseMetric(RelativeAreaDifference.self, isSymmetric: true)) == ["is-symmetric"])
        #expect(
            rules(checkCaseMetric(Forgetful.self)).isSuperset(of: ["value-repeats", "order-does-not-matter"])
        )
        #expect(rules(checkCaseMetric(Silent.self)) == ["says-empty-masks", "has-title", "label-does-not-matter"])
    }

    @Test("The shipped metrics keep the rules of metrics")
    func conformance() {
        #expect(checkCaseMetric(DiceCoefficient.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(IntersectionOverUnion.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(HausdorffDistance.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(HausdorffDistanceInMillimeters.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(AverageSurfaceDistance.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(AverageSurfaceDistanceInMillimeters.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(SurfaceDice.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(FoundLesions.self).isEmpty)
        #expect(checkCaseMetric(MissedLesions.self).isEmpty)
        #expect(checkCaseMetric(InventedLesions.self).isEmpty)
        #expect(checkCaseMetric(BoundaryIoU.self, isSymmetric: true).isEmpty)
        #expect(checkCaseMetric(RelativeAreaDifference.self).isEmpty)
        // Probabilities that hedge are better calibrated than those of the true mask may be.
        #expect(Set(checkCaseMetric(MaskCalibrationError.self).map(\.rule)) == ["direction-holds"])
    }
}
