package import Foundation
import SegCore
import SegScoring

extension CaseTable {
    /// Whether bytes are a table of cases that this type wrote, of whatever arms and columns.
    package static func isTable(_ bytes: Data) -> Bool {
        isTable(bytes, startingWith: Array(fixedColumns.prefix(6)))
    }

    /// Who opens a table.
    public enum Reader: Hashable, Sendable {
        /// Programs such as R, pandas and Julia: every text as it is.
        case programs
        /// Spreadsheets, which take some texts for formulas, numbers or dates: those begin with an apostrophe.
        case spreadsheets
    }

    /// The content of `cases.csv`: RFC 4180, UTF-8, a header, lines ended by CR LF.
    ///
    /// A value that the arm does not compute is an empty field; a value that is undefined is `NaN`, infinities are
    /// `Inf` and `-Inf`, as R, pandas and Julia read them. Numbers have the fewest digits that read back unchanged.
    ///
    /// - Parameter reader: who opens the table; for a spreadsheet, see ``SpreadsheetText``. Numbers are the same.
    public func csv(for reader: Reader = .programs) -> String {
        func text(_ field: String) -> String { reader == .spreadsheets ? SpreadsheetText.guarded(field) : field }
        var columns = Self.fixedColumns
        if hasFolds { columns.insert("fold", at: 2) }
        let predictionColumns = predictionNames.flatMap { $0.hasTruth ? [$0.name, "\($0.name)_true"] : [$0.name] }
        let head = columns + metrics.map(\.column) + featureNames + predictionColumns
        var lines = Self.line(head.map(text))
        for row in rows {
            let fold = hasFolds ? [row.fold.map { String($0) } ?? ""] : []
            let run = [text(row.arm), String(row.seed)] + fold
            let fixed =
                run + [
                    text(row.dataset), text(row.caseID), text(row.group), row.pathology?.rawValue ?? "",
                ] + MetricDescription.standard.map { Self.field(row, $0) } + [
                    Self.field(row.malignancyProbability), Self.field(row.scaledMalignancyProbability),
                    Self.field(row.prior),
                    Self.field(row.lesionFraction), Self.field(row.predictedFraction),
                    Self.field(row.imageArea), row.category?.rawValue ?? "",
                    Self.field(row.expectedDice),
                ]
            let own = metrics.map { metric in
                counts.contains(metric.name)
                    ? Self.count(row.metrics[metric.name]) : Self.field(row.metrics[metric.name])
            }
            let features = featureNames.map { Self.field(row.features[$0]) }
            let predictions = predictionNames.flatMap { Self.fields(row, $0.name, $0.hasTruth, text) }
            lines += Self.line(fixed + own + features + predictions)
        }
        return lines
    }

    /// A metric of every study: counts without decimals, and NaN where a required one does not exist.
    private static func field(_ row: CaseResult, _ metric: MetricDescription) -> String {
        let value = row.metrics[metric.name] ?? (metric.isShown(in: .required) ? .nan : nil)
        return metric.decimals == 0 ? count(value) : field(value)
    }

    /// A whole number without decimals.
    private static func count(_ value: Double?) -> String {
        value.flatMap { Int(exactly: $0) }.map { String($0) } ?? field(value)
    }

    /// What a head says about the row's image and, if asked for, the truth.
    private static func fields(
        _ row: CaseResult,
        _ name: String,
        _ hasTruth: Bool,
        _ text: (String) -> String
    ) -> [String] {
        let value = row.predictions?.first { $0.name == name }
        let predicted = value?.label.map(text) ?? field(value?.number)
        return hasTruth ? [predicted, value?.trueLabel.map(text) ?? field(value?.trueNumber)] : [predicted]
    }

    private static func line(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",") + "\r\n"
    }

    /// A field in quotes where RFC 4180 asks for them, or where spaces at its ends might be trimmed.
    private static func quoted(_ field: String) -> String {
        let scalars = field.unicodeScalars
        let needsQuotes =
            scalars.contains { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }
            || scalars.first == " " || scalars.last == " "
        guard needsQuotes else { return field }
        var result = "\""
        for scalar in scalars {
            if scalar == "\"" { result += "\"" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    private static func field(_ value: Double?) -> String {
        guard let value else { return "" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
        return value.description
    }
}
