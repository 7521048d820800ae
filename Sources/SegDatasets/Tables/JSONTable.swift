import Foundation
import SegCore
import SegFiles
import SegSettings

/// Reads JSON files that are tables: arrays of objects.
enum JSONTable {
    /// The table of an array of objects, or of that under the key `samples`. Numbers are as Swift writes them, lists are
    /// joined by `;`, and `null` is an empty cell. Rows count from 1.
    ///
    /// Throws: ``SegmentationError`` naming the file if it is missing, damaged or something else.
    static func read(_ file: URL) throws -> Table {
        let content = try decode(ConfigurationValue.self, file)
        guard case .list(let rows) = content.members?["samples"] ?? content else {
            throw SegmentationError(
                file.path,
                "the file is no list of objects",
                cure: "write it as in [{\"image\": \"a.png\", \"mask\": \"b.png\"}]"
            )
        }
        var columns: Set<String> = []
        let values = try rows.enumerated().map { index, row in
            guard let members = row.members else {
                throw SegmentationError(file.path, "row \(index + 1) is no object", cure: "write it in braces")
            }
            columns.formUnion(members.keys)
            return try Table.Row(
                number: index + 1,
                values: members.compactMapValues { try text(of: $0, file: file, row: index + 1) }
            )
        }
        return Table(name: file.path, columns: columns.sorted(), rows: values)
    }

    /// A value of JSON as text; `nil` for an empty one. Throws: ``SegmentationError`` for an object.
    static func text(of value: ConfigurationValue, file: URL, row: Int) throws -> String? {
        switch value {
        case .null: return nil
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value): return "\(value)"
        case .text(let value):
            let text = value.trimmingCharacters(in: .whitespacesAndNewlines)
            return text.isEmpty ? nil : text
        case .list(let values):
            let texts = try values.compactMap { try text(of: $0, file: file, row: row) }
            return texts.isEmpty ? nil : texts.joined(separator: ";")
        case .table:
            throw SegmentationError(
                file.path,
                "row \(row) has an object within an object",
                cure: "use texts, numbers and lists of them"
            )
        }
    }

    /// Throws: ``SegmentationError`` naming the file if it is missing or no JSON of the kind.
    static func decode<Value: Decodable>(_: Value.Type, _ file: URL) throws -> Value {
        let data = try FileReading.contents(of: file)
        do {
            return try JSONDecoder().decode(Value.self, from: data)
        } catch let error as DecodingError {
            throw SegmentationError(
                file.path,
                "the JSON cannot be understood\(place(of: error))",
                cure: "restore the file, or check it with a JSON tool"
            )
        }
    }

    private static func place(of error: DecodingError) -> String {
        let (context, missing): (DecodingError.Context, String?) =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            case .keyNotFound(let key, let context): (context, key.stringValue)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), nil)
            }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        let place = path.isEmpty ? "" : ": see \(path.hasPrefix(".") ? String(path.dropFirst()) : path)"
        return missing.map { "\(place.isEmpty ? ":" : place) which lacks \($0)" } ?? place
    }
}
