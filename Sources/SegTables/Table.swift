import Foundation
public import SegCore

/// Rows of text under named columns: a sheet of a workbook, a text table or a list in JSON.
public struct Table: Sendable {
    /// One row that is not empty.
    public struct Row: Sendable {
        /// Number of the row in its file, from 1, for error messages.
        public let number: Int
        /// Values by column, surrounding white space trimmed; empty cells are left out. Lists, as JSON has them, are
        /// joined by `;` here.
        public let values: [String: String]
        /// Values that white space surrounds, and lists, as they are written.
        private let written: [String: [String]]
        /// Columns whose cell is a list.
        private let lists: Set<String>

        /// The value in a column; `nil` where the cell is empty.
        public subscript(column: String) -> String? { values[column] }

        /// The cell as it is written, blanks and all; `nil` where it is empty or a list.
        package func written(_ column: String) -> String? {
            lists.contains(column) ? nil : written[column]?.first ?? values[column]
        }

        /// The parts of a cell that is a list; `nil` where it is a text.
        package func list(_ column: String) -> [String]? { lists.contains(column) ? written[column] ?? [] : nil }

        /// A row from its cells, each of one text or, of those that are `lists`, of several.
        init(number: Int, cells: [String: [String]], lists: Set<String> = []) {
            self.number = number
            self.lists = lists
            var values: [String: String] = [:]
            var written: [String: [String]] = [:]
            for (column, texts) in cells {
                let plain = texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
                guard !plain.isEmpty else { continue }
                values[column] = plain.joined(separator: ";")
                if lists.contains(column) || plain != texts { written[column] = texts }
            }
            (self.values, self.written) = (values, written)
        }

        /// A row from one text a cell.
        package init(number: Int, values: [String: String]) {
            self.init(number: number, cells: values.mapValues { [$0] })
        }
    }

    /// What errors are about: the file's path.
    public let name: String
    /// Names of the columns, in order.
    public let columns: [String]
    /// All rows that are not empty, in order.
    public let rows: [Row]
    /// Words for a missing value beside the standard ones, in small letters.
    package let unknown: Set<String>

    /// A table whose first row names the columns; columns without a name are ignored if they are empty.
    ///
    /// - Throws: ``SegmentationError`` about `name` if there are no rows, a column appears twice, or a value lies
    ///   outside the named columns.
    public init(rows: [[String]], name: String) throws { try self.init(rows: rows, name: name, unknown: []) }

    package init(rows: [[String]], name: String, unknown: Set<String>) throws {
        try self.init(
            sheet: rows.enumerated().map { SheetRow(number: $0 + 1, cells: Array($1.enumerated()).map { ($0, $1) }) },
            name: name,
            unknown: unknown
        )
    }

    /// A table of rows that may have gaps.
    package init(sheet rows: [SheetRow], name: String, unknown: Set<String> = []) throws {
        func trimmed(_ text: String) -> String {
            // Most values begin and end with ink: looking for blanks in all of them took half the time of a wide table.
            func isInk(_ byte: UInt8?) -> Bool { byte.map { (0x21...0x7E).contains($0) } ?? true }
            if isInk(text.utf8.first) && isInk(text.utf8.last) { return text }
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var columns: [Int: String] = [:]
        for (column, text) in rows.first?.cells ?? [] where !trimmed(text).isEmpty { columns[column] = trimmed(text) }
        let named = columns.sorted { $0.key < $1.key }.map(\.value)
        guard rows.first?.number == 1, !named.isEmpty else {
            throw SegmentationError(
                name,
                "the table has no columns: its first row is empty",
                cure: "write the columns' names into the first row, or restore the file if it was published"
            )
        }
        var known: Set<String> = []
        if let twice = named.first(where: { !known.insert($0).inserted }) {
            throw SegmentationError(name, "the column \(twice) appears twice", cure: "remove or rename one of them")
        }
        self.name = name
        self.columns = named
        self.unknown = unknown
        self.rows = try rows.dropFirst().compactMap { row in
            var values: [String: String] = [:]
            for (column, cell) in row.cells {
                if trimmed(cell).isEmpty { continue }
                guard let title = columns[column] else {
                    throw SegmentationError(
                        name,
                        "row \(row.number) has the value '\(trimmed(cell))' in a column without a name",
                        cure: column == 0
                            ? "name the column in the first row, or save the table without its index "
                                + "(pandas: `index=False`; R: `row.names = FALSE`)"
                            : "name the column in the first row, or remove the value"
                    )
                }
                values[title] = cell
            }
            return values.isEmpty ? nil : Row(number: row.number, values: values)
        }
    }

    /// A table whose rows are known.
    package init(name: String, columns: [String], rows: [Row], unknown: Set<String> = []) {
        self.name = name
        self.columns = columns
        self.rows = rows
        self.unknown = unknown
    }

    /// Checks that all `columns` are there.
    ///
    /// - Throws: ``SegmentationError`` naming the missing ones.
    public func require(columns required: [String]) throws {
        let missing = required.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            let more = columns.count > 40 ? " and \(columns.count - 40) more" : ""
            throw SegmentationError(
                name,
                "the table lacks the columns \(missing.joined(separator: ", "))",
                cure: "restore the published file; it has \(columns.prefix(40).joined(separator: ", "))\(more)"
            )
        }
    }

    /// The value of a row in a column.
    ///
    /// - Throws: ``SegmentationError`` naming the row and the column if it is empty.
    public func value(_ column: String, of row: Row) throws -> String {
        guard let value = row[column] else {
            throw SegmentationError(
                name,
                "row \(row.number) has no value in the column \(column)",
                cure: "fill the cell, or restore the file if it was published"
            )
        }
        return value
    }

    /// An error about a value. Its cure is to correct the cell, or to restore a published file.
    public func unexpected(_ column: String, of row: Row, expected: String) -> SegmentationError {
        SegmentationError(
            name,
            "row \(row.number) has '\(row[column] ?? "")' in the column \(column), which should be \(expected)",
            cure: "correct the cell, or restore the file if it was published"
        )
    }
}

/// A row of a sheet: its number, from 1, and the cells that it has, by column from 0, ascending.
package struct SheetRow: Sendable {
    package var number: Int
    package var cells: [(column: Int, text: String)]
}
