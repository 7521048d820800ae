package import Foundation
import SegCore
import SegFiles

/// A value of a JSON file, with its numbers as they are written: an id such as `1e3` or one of twenty digits is a name.
package indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Reads a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file and the line if it is missing or no JSON, or has a key twice.
    package static func read(_ file: URL) throws -> JSONValue {
        var parser = JSONParser(try TextFile.text(of: file), name: file.path)
        return try parser.document()
    }

    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key] else { return nil }
        if case .null = value { return nil }
        return value
    }

    /// The members of an object.
    package var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

    package var list: [JSONValue]? { if case .list(let values) = self { values } else { nil } }

    /// A text, number or truth value as it is written; `nil` for anything else.
    package var written: String? {
        switch self {
        case .text(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .list, .object: nil
        }
    }

    package var number: Double? { if case .number(let text) = self { Double(text) } else { nil } }

    /// A whole number, also if it is written as `3.0`.
    package var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text) ?? Double(text).flatMap { abs($0) < 9e15 ? Int(exactly: $0) : nil }
    }

    /// A name: a text or a number as it is written, but whole numbers alike in every spelling.
    package var name: String? { integer.map(String.init) ?? written }
}

/// Reads JSON (RFC 8259), and the words for missing numbers that Python writes: `NaN`, `Infinity`.
private struct JSONParser {
    private let bytes: [UInt8]
    private let name: String
    private var place = 0
    /// Deeper than any data set's file; bounds the stack.
    private static let maximumDepth = 64

    init(_ text: String, name: String) {
        bytes = Array(text.utf8)
        self.name = name
    }

    mutating func document() throws -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw problem("something follows the end of the JSON") }
        return value
    }

    private func problem(_ detail: String) -> SegmentationError {
        let line = 1 + bytes[..<min(place, bytes.count)].count { $0 == UInt8(ascii: "\n") }
        return SegmentationError(
            name,
            "the JSON cannot be understood: line \(line): \(detail)",
            cure: "restore the file, or check it with a JSON tool"
        )
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func take(_ letter: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: letter) else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < Self.maximumDepth else { throw problem("it is nested more than \(Self.maximumDepth) deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case nil: throw problem("it ends too early")
        default: return try word()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        place += 1
        var members: [String: JSONValue] = [:]
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw problem("a key in quotation marks is expected") }
            let key = try text()
            guard take(":") else { throw problem("the key \(key) has no value") }
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw problem("the key \(key) appears twice")
            }
        } while take(",")
        guard take("}") else { throw problem("a brace does not close") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws -> JSONValue {
        place += 1
        var values: [JSONValue] = []
        if take("]") { return .list(values) }
        repeat { values.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw problem("a bracket does not close") }
        return .list(values)
    }

    private mutating func text() throws -> String {
        place += 1
        var result: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += try escaped().utf8
            case 0..<0x20: throw problem("a text contains a control character")
            default: result.append(byte)
            }
        }
        throw problem("a text does not end")
    }

    private mutating func escaped() throws -> String {
        guard let byte = next else { throw problem("a text does not end") }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if UTF16.isLeadSurrogate(units[0]), place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
                bytes[place + 1] == UInt8(ascii: "u")
            {
                place += 2
                units.append(try unit())
            }
            return String(decoding: units, as: UTF16.self)
        default: throw problem("a text contains an unknown escape")
        }
    }

    private mutating func unit() throws -> UInt16 {
        guard place + 4 <= bytes.count,
            // A sign would be taken for a digit.
            bytes[place..<(place + 4)].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
        else { throw problem("a text contains a damaged escape") }
        place += 4
        return unit
    }

    private mutating func word() throws -> JSONValue {
        let start = place
        while let byte = next, !" \n\r\t,:]}[{\"".utf8.contains(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        switch text {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        // What Python writes for a missing number is missing here as well.
        case "NaN", "Infinity", "-Infinity": return .null
        default:
            guard Self.isNumber(bytes[start..<place]) else {
                place = start
                throw problem(text.isEmpty ? "a value is missing" : "`\(text.prefix(40))` is not a value")
            }
            return .number(text)
        }
    }

    /// Whether bytes are a number as RFC 8259, section 6, has it. A loop of one's own: files of outlines hold millions.
    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        func isNext(_ characters: String) -> Bool { rest.first.map { characters.utf8.contains($0) } ?? false }
        func takeDigits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if isNext("-") { rest = rest.dropFirst() }
        if isNext("0") { rest = rest.dropFirst() } else if takeDigits() == 0 { return false }
        if isNext(".") {
            rest = rest.dropFirst()
            if takeDigits() == 0 { return false }
        }
        if isNext("eE") {
            rest = rest.dropFirst()
            if isNext("+-") { rest = rest.dropFirst() }
            if takeDigits() == 0 { return false }
        }
        return rest.isEmpty
    }
}
