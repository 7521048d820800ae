package import Foundation
import SegCore
package import SegScoring

extension CaseTable {
    /// Checks that metrics beside those of every study have names and columns that nothing else has.
    ///
    /// - Parameter subject: where the metric of an index is named, for messages.
    ///
    /// Throws: ``SegmentationError`` naming the metric.
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

    /// Whether bytes are a table whose first columns, but for `fold`, are these.
    package static func isTable(_ bytes: Data, startingWith expected: [String]) -> Bool {
        let line = String(decoding: bytes.prefix(4096), as: UTF8.self).prefix { !$0.isNewline }
        let columns = line.split(separator: ",").filter { $0 != "fold" }
        return columns.count > expected.count && columns.starts(with: expected.map { Substring($0) })
    }
}
