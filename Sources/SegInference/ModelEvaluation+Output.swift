public import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegMetrics
import SegPages
public import SegResults
import SegScoring

/// What is printed and written of an evaluation.
extension ModelEvaluation {
    /// The content of `cases.csv`.
    public var csv: String { csv(for: .programs) }

    /// The content of `cases.csv` for programs or for spreadsheets.
    public func csv(for reader: CaseTable.Reader) -> String {
        let standard = Set(MetricDescription.standard.map(\.name))
        let own = descriptions.filter { !standard.contains($0.name) }
        return CaseTable(cases, arms: [summary.arm], datasets: [summary.dataset], features: [], metrics: own)
            .csv(for: reader)
    }

    /// The summary as JSON: the same members as one of `summaries` in `results.json`, and `findings`, what the check of the
    /// data set found, as there in `datasets`.
    public func summaryData() throws -> Data {
        try StudyResults.encoded(FoundSummary(summary: summary, findings: findings))
    }

    private struct FoundSummary: Codable {
        var summary: EvaluationSummary
        var findings: [DatasetDescription.Finding]

        private enum Key: String, CodingKey { case findings }

        init(summary: EvaluationSummary, findings: [DatasetDescription.Finding]) {
            (self.summary, self.findings) = (summary, findings)
        }

        init(from decoder: any Decoder) throws {
            summary = try EvaluationSummary(from: decoder)
            findings =
                try decoder.container(keyedBy: Key.self).decodeIfPresent(
                    [DatasetDescription.Finding].self,
                    forKey: .findings
                ) ?? []
        }

        func encode(to encoder: any Encoder) throws {
            try summary.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(findings, forKey: .findings)
        }
    }

    /// Checks, before any work, that the table and the summary can be written, and take the place of nothing but what an
    /// evaluation wrote before.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func requireRoom(cases: URL?, summary: URL?) throws {
        if let cases {
            try OutputPlace.require(cases, for: "a table of cases") { file in
                (try? FileReading.contents(of: file)).map { CaseTable.isTable($0) } ?? false
            }
        }
        guard let summary else { return }
        guard summary.standardizedFileURL != cases?.standardizedFileURL else {
            throw SegmentationError(summary.path, "table and summary would be one file", cure: "give them two names")
        }
        try OutputPlace.require(summary, for: "a summary of an evaluation") { file in
            guard let data = try? FileReading.contents(of: file) else { return false }
            return (try? StudyResults.decoded(FoundSummary.self, from: data)) != nil
        }
    }

    /// The summary for a terminal, at most 110 columns wide where names are short: masks, then malignancy.
    public var table: String {
        let policy = "\(summary.emptyCases) under the empty-mask policy \(metrics.emptyMasks.rawValue)"
        var text = "\(summary.arm) on \(summary.dataset): \(NumberFormat.plural(summary.cases, "image")), \(policy)\n"
        text += "\n" + maskGrid.text()
        if let detection = summary.detection {
            text += "  Lesions  \(detection.found) of \(detection.lesions) found"
            if let sensitivity = detection.sensitivity { text += " (\(NumberFormat.fixed(100 * sensitivity, 1)) %)" }
            text +=
                ", \(detection.lesions - detection.found) missed, \(detection.invented) false "
                + "(\(NumberFormat.fixed(detection.inventedPerImage, 2)) an image)\n"
        }
        if let alarms = summary.falseAlarms {
            let interval = NumberFormat.interval(alarms.interval.map { (low: 100 * $0.low, high: 100 * $0.high) }, 1)
            text +=
                "  False alarms on \(alarms.alarms) of \(NumberFormat.plural(alarms.tests, "normal image")) "
                + "(\(NumberFormat.fixed(100 * alarms.rate, 1)) %), 95 % CI \(interval)\n"
        }
        if let share = cases.shareUnlike {
            text +=
                "  Unlike the training set: \(NumberFormat.fixed(100 * share, 1)) % of the images (5 % of the validation part are)\n"
        }
        if let malignancy = summary.malignancy { text += "\n" + malignancyText(malignancy) }
        return text
    }

    /// One line a metric.
    private var maskGrid: TextGrid {
        var grid = TextGrid(columns: [
            .init("Masks", .left), .init("mean ± sd", .right), .init("median", .right),
            .init("95 % CI of the mean", .left), .init("n", .right), .init("", .left),
        ])
        for metric in descriptions where metric.isShown(in: .summaries) {
            guard let values = summary.metrics[metric.name] else { continue }
            // One data set alone has room for another digit of a length.
            let digits = metric.unit == nil ? metric.decimals : metric.decimals + 1
            grid.addRow([
                "  " + metric.heading, NumberFormat.meanAndDeviation(values.mean, values.standardDeviation, digits),
                NumberFormat.fixed(values.median, digits), NumberFormat.interval(values.interval?.bounds, digits),
                NumberFormat.count(values.count), metric.definition ?? "",
            ])
        }
        return grid
    }

    private func malignancyText(_ malignancy: MalignancySummary) -> String {
        let chance = Double(malignancy.malignant) / Double(malignancy.cases)
        let threshold = malignancy.threshold.map {
            "at the threshold \(NumberFormat.fixed($0)), chosen on the source's validation part"
        }
        func scaled(_ value: Double?) -> String {
            guard let value, let temperature else { return "no temperature was fitted" }
            return "\(NumberFormat.fixed(value)) after scaling by the temperature \(NumberFormat.fixed(temperature))"
        }
        let rows: [(name: String, value: Double?, remark: String)] = [
            ("AUROC", malignancy.auroc, "95 % CI \(NumberFormat.interval(malignancy.aurocInterval?.bounds))"),
            ("AUPRC", malignancy.auprc, "chance is \(NumberFormat.fixed(chance))"),
            ("Sensitivity", malignancy.sensitivity, threshold ?? ""),
            ("Specificity", malignancy.specificity, threshold ?? ""),
            ("Sensitivity", malignancy.sensitivityAt90Specificity, "at a specificity of 90 % on this data set"),
            ("ECE", malignancy.calibrationError, scaled(malignancy.scaledCalibrationError)),
            ("Brier score", malignancy.brierScore, scaled(malignancy.scaledBrierScore)),
        ]
        var grid = TextGrid(columns: [.init("Malignancy", .left), .init("", .right), .init("", .left)])
        for row in rows { grid.addRow(["  " + row.name, NumberFormat.fixed(row.value), row.remark]) }
        let lesions = NumberFormat.plural(malignancy.cases, "lesion")
        let title = "\(lesions) of known pathology, \(malignancy.malignant) malignant"
        return grid.text() + "  \(title)\n"
    }
}
