public import Foundation
import SegCore

extension StudyResults {
    /// The content of `results.json`: UTF-8, keys sorted, two spaces of indentation, a newline at the end.
    ///
    /// A number is written with the fewest digits that read back to the same bits, so equal values give equal bytes.
    /// NaN and infinities are the strings `"nan"`, `"inf"` and `"-inf"`.
    public func jsonData() throws -> Data { try Self.encoded(self) }

    /// A part of the results by the same rules.
    package static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy =
            .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var data = try encoder.encode(value)
        data.append(UInt8(ascii: "\n"))
        return data
    }

    /// Reads the results, or a part of them, written by the same rules.
    package static func decoded<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy =
            .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try decoder.decode(type, from: FormerSpelling.present(in: data))
    }

    /// Reads the content of a `results.json`.
    ///
    /// - Throws: ``SegmentationError`` if it is not one, or of a newer schema. `subject` names it in the error.
    public init(jsonData: Data, subject: String = "results.json") throws {
        let version: SchemaVersion
        do {
            version = try Self.decoded(SchemaVersion.self, from: jsonData)
        } catch {
            throw SegmentationError(subject, "not the results of a study", cure: "name a `results.json` of segkit")
        }
        guard version.schemaVersion <= Self.currentSchemaVersion else {
            throw SegmentationError(
                subject,
                "written in schema \(version.schemaVersion), newer than \(Self.currentSchemaVersion)",
                cure: "use the version of segkit that wrote it, or a newer one"
            )
        }
        do {
            self = try Self.decoded(Self.self, from: jsonData)
        } catch {
            throw SegmentationError(
                subject,
                "damaged: \(Self.oneLine(error))",
                cure: "restore the file, or run the study again"
            )
        }
    }

    /// Reads a `results.json`.
    public init(contentsOf file: URL) throws {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw SegmentationError(file.path, "cannot be read", cure: "check the path and its permissions")
        }
        try self.init(jsonData: data, subject: file.path)
    }

    private struct SchemaVersion: Decodable { var schemaVersion: Int }

    /// The key and the trouble of a decoding error, without its many lines of context.
    private static func oneLine(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
            return keys.isEmpty ? "the top level" : "`\(keys.joined(separator: "."))`"
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "\(path(context)) lacks `\(key.stringValue)`"
        case DecodingError.typeMismatch(_, let context): return "\(path(context)) has the wrong type"
        case DecodingError.valueNotFound(_, let context): return "\(path(context)) has no value"
        case DecodingError.dataCorrupted(let context): return "\(path(context)) cannot be understood"
        default: return "\(type(of: error))"
        }
    }
}
