import Foundation
public import SegCore

/// Rows of text under named columns: a sheet of a workbook or a text table.
public struct Table: Sendable {
    /// One row that is not empty.
    public struct Row: Sendable {
        /// Number of the row in its file, from 1, for error messages.
        public let number: Int
        /// Values by column, surrounding white space trimmed; empty cells are left out.
        public let values: [String: String]

        /// The value in a column; `nil` where the cell is empty.
        public subscript(column: String) -> String? { values[column] }
    }

    /// What errors are about: the file's path.
    public let name: String
    /// Names of the columns, in order.
    public let columns: [String]
    /// All rows that are not empty, in order.
    public let rows: [Row]

    /// A table whose first row names the columns; columns without a name are ignored if they are empty.
    ///
    /// Throws: ``SegmentationError`` about `name` if there are no rows, a column is there twice, or a value lies
    /// outside the named columns.
    public init(rows: [[String]], name: String) throws {
        func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
        let columns = (rows.first ?? []).map(trimmed)
        let named = columns.filter { !$0.isEmpty }
        guard !named.isEmpty else {
            throw SegmentationError(name, "the table has no columns", cure: "restore the published file")
        }
        if let twice = named.first(where: { column in named.count(where: { $0 == column }) > 1 }) {
            throw SegmentationError(name, "the column \(twice) is there twice", cure: "remove or rename one of them")
        }
        self.name = name
        self.columns = named
        self.rows = try rows.enumerated().dropFirst().compactMap { index, cells in
            var values: [String: String] = [:]
            for (column, cell) in cells.enumerated() {
                let value = trimmed(cell)
                if value.isEmpty { continue }
                guard column < columns.count, !columns[column].isEmpty else {
                    throw SegmentationError(
                        name,
                        "row \(index + 1) has the value '\(value)' in a column without a name",
                        cure: "name the column in the first row, or remove the value"
                    )
                }
                values[columns[column]] = value
            }
            return values.isEmpty ? nil : Row(number: index + 1, values: values)
        }
    }

    /// A table whose rows are known.
    init(name: String, columns: [String], rows: [Row]) {
        self.name = name
        self.columns = columns
        self.rows = rows
    }

    /// Checks that all `columns` are there. Throws: ``SegmentationError`` naming the missing ones.
    public func require(columns required: [String]) throws {
        let missing = required.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            throw SegmentationError(
                name,
                "the table lacks the columns \(missing.joined(separator: ", "))",
                cure: "restore the published file; it has \(columns.joined(separator: ", "))"
            )
        }
    }

    /// The value of a row in a column. Throws: ``SegmentationError`` naming the row and the column if it is empty.
    public func value(_ column: String, of row: Row) throws -> String {
        guard let value = row[column] else {
            throw SegmentationError(
                name,
                "row \(row.number) has no value in the column \(column)",
                cure: "restore the published file, or fill the cell"
            )
        }
        return value
    }

    /// An error about a value. Its cure is to restore the published file or to correct the cell.
    public func unexpected(_ column: String, of row: Row, expected: String) -> SegmentationError {
        SegmentationError(
            name,
            "row \(row.number) has '\(row[column] ?? "")' in the column \(column), which should be \(expected)",
            cure: "restore the published file, or correct the cell"
        )
    }
}
