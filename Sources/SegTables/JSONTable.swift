package import Foundation
import SegCore

/// Reads JSON files that are tables: arrays of objects.
package enum JSONTable {
    /// The table of an array of objects, or of that under the key `samples`. Numbers are as they are written, lists stay
    /// lists, and `null` is an empty cell. Rows count from 1.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged or something else.
    package static func read(_ file: URL, unknown: Set<String> = []) throws -> Table {
        let content = try JSONValue.read(file)
        guard let rows = (content["samples"] ?? content).list else {
            throw SegmentationError(
                file.path,
                "the file is not a list of objects",
                cure: "write it as in [{\"image\": \"a.png\", \"mask\": \"b.png\"}]"
            )
        }
        var columns: Set<String> = []
        let values = try rows.enumerated().map { index, row in
            guard let members = row.members else {
                throw SegmentationError(file.path, "row \(index + 1) is not an object", cure: "write it in braces")
            }
            columns.formUnion(members.keys)
            var cells: [String: [String]] = [:]
            var lists: Set<String> = []
            for (key, value) in members {
                cells[key] = try texts(of: value, file: file, row: index + 1)
                if value.list != nil { lists.insert(key) }
            }
            return Table.Row(number: index + 1, cells: cells, lists: lists)
        }
        return Table(name: file.path, columns: columns.sorted(), rows: values, unknown: unknown)
    }

    /// A value of JSON as texts: one, or several of a list; none for an empty one.
    ///
    /// - Throws: ``SegmentationError`` for an object.
    package static func texts(of value: JSONValue, file: URL, row: Int) throws -> [String] {
        switch value {
        case .null: return []
        case .bool, .number, .text: return value.written.map { [$0] } ?? []
        case .list(let values): return try values.flatMap { try texts(of: $0, file: file, row: row) }
        case .object:
            throw SegmentationError(
                file.path,
                "row \(row) has an object within an object",
                cure: "use texts, numbers and lists of them"
            )
        }
    }
}
