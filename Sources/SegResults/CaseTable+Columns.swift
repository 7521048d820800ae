package import Foundation
import SegCore
package import SegScoring

extension CaseTable {
    /// Checks that metrics in addition to those of every study have names and columns that nothing else has.
    ///
    /// - Parameter subject: where the metric of an index is named, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming the metric.
    package static func requireOwnColumns(
        _ extra: [(name: String, metric: any CaseMetric)],
        subject: (_ index: Int) -> String
    ) throws {
        let fixed = fixedColumns + ["fold"]
        var taken: [String: String] = [:]
        for (index, (name, metric)) in extra.enumerated() {
            let column = NamedMetric(metric, named: name).column
            let problem: String? =
                if fixed.contains(column) {
                    "`\(column)` is a column that every cases.csv has"
                } else if let other = taken.updateValue(name, forKey: column) {
                    "`\(name)` and `\(other)` would both be the column `\(column)`"
                } else if name == ComparedMetric.auroc.rawValue {
                    "`\(name)` is what every study compares malignancy by"
                } else {
                    nil
                }
            guard let problem else { continue }
            throw SegmentationError(subject(index), problem, cure: "register the metric under another name")
        }
    }

    /// What a part of a model reports, as columns.
    package struct Reported: Hashable, Sendable {
        /// The name, also that of the column.
        package var name: String
        /// The part: `term `birads``.
        package var part: String
        /// Where the part is named, for messages.
        package var subject: String
        /// Whether a head says it: then a column `…_true` follows where the truth is known.
        package var isPrediction: Bool

        package init(_ name: String, of part: String, subject: String, isPrediction: Bool) {
            self.name = name
            self.part = part
            self.subject = subject
            self.isPrediction = isPrediction
        }

        /// The columns with what they hold, in words.
        fileprivate var columns: [(name: String, content: String)] {
            let own = (name, "`\(name)` of \(part)")
            return isPrediction ? [own, ("\(name)_true", "the truth of `\(name)` of \(part)")] : [own]
        }
    }

    /// Checks that what models report has columns that nothing else has. Of several arms, reports of one kind and name share
    /// a column.
    ///
    /// - Parameters:
    ///   - reported: what the parts of all models report.
    ///   - metrics: all metrics of the study.
    ///
    /// - Throws: ``SegmentationError`` with the part as its subject, which names both.
    package static func requireOwnColumns(_ reported: [Reported], metrics: [NamedMetric]) throws {
        var taken: [String: (content: String, report: Reported?)] = [:]
        for name in fixedColumns + ["fold"] { taken[name] = ("what every cases.csv has", nil) }
        for metric in metrics where !metric.isStandard {
            taken[metric.column] = ("the metric `\(metric.name)`", nil)
        }
        for report in reported {
            for (column, content) in report.columns {
                guard let other = taken[column] else {
                    taken[column] = (content, report)
                    continue
                }
                let isShared = other.report.map {
                    $0.isPrediction == report.isPrediction && $0.name == report.name
                }
                guard isShared != true else { continue }
                throw SegmentationError(
                    report.subject,
                    "\(content) and \(other.content) would both be the column `\(column)` of cases.csv",
                    cure: "report it under another name"
                        + (other.report == nil && !fixedColumns.contains(column) && column != "fold"
                            ? ", or register the metric under another" : "")
                )
            }
        }
    }

    /// Checks that metrics in addition to those of every study have columns that nothing in rows has.
    ///
    /// - Parameter subject: where the metric of a name is named, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming the metric.
    package static func requireOwnColumns(
        _ metrics: [NamedMetric],
        beside rows: [CaseResult],
        subject: (_ name: String) -> String
    ) throws {
        let features = Set(rows.flatMap(\.features.keys))
        let predictions = Set(rows.flatMap { $0.predictions ?? [] }.flatMap { [$0.name, "\($0.name)_true"] })
        for metric in metrics where !metric.isStandard && !features.union(predictions).isDisjoint(with: [metric.column])
        {
            throw SegmentationError(
                subject(metric.name),
                "`\(metric.column)` is a column of what the model reports",
                cure: "register the metric under another name"
            )
        }
    }

    /// Whether bytes are a table whose first columns, but for `fold`, are these.
    package static func isTable(_ bytes: Data, startingWith expected: [String]) -> Bool {
        let line = String(decoding: bytes.prefix(4096), as: UTF8.self).prefix { !$0.isNewline }
        let columns = line.split(separator: ",").filter { $0 != "fold" }
        return columns.count > expected.count && columns.starts(with: expected.map { Substring($0) })
    }
}
