/// What the header says of one tensor.
struct SafetensorsEntry {
    var name: String
    var dataType: SafetensorsDataType
    var shape: [Int]
    var start: Int
    var end: Int
}

/// What is wrong with a header; the reader adds the file and the cure.
struct SafetensorsHeaderError: Error {
    var problem: String
}

/// Reads the header's JSON.
///
/// A parser of its own, for exactly the objects that the format knows: Foundation's keeps only one of two equal keys, and
/// a tensor must not vanish in silence.
struct SafetensorsHeader {
    private(set) var entries: [SafetensorsEntry] = []
    private(set) var metadata: [String: String] = [:]

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) throws(SafetensorsHeaderError) {
        self.bytes = bytes
        guard bytes.first == UInt8(ascii: "{") else {
            throw SafetensorsHeaderError(problem: "the header does not begin with {")
        }
        var names: Set<String> = []
        try parseObject { (key, header) throws(SafetensorsHeaderError) in
            guard names.insert(key).inserted else {
                throw SafetensorsHeaderError(problem: "\"\(key)\" appears twice in the header")
            }
            if key == Safetensors.metadataKey {
                try header.parseMetadata()
            } else {
                try header.parseEntry(key)
            }
        }
        skipWhitespace()
        guard position == bytes.count else { throw malformed("something follows the closing brace") }
    }

    private mutating func parseMetadata() throws(SafetensorsHeaderError) {
        try parseObject { (key, header) throws(SafetensorsHeaderError) in
            guard header.metadata[key] == nil else {
                throw SafetensorsHeaderError(problem: "\"\(key)\" appears twice in the metadata")
            }
            header.metadata[key] = try header.parseString()
        }
    }

    private mutating func parseEntry(_ name: String) throws(SafetensorsHeaderError) {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try parseObject { (key, header) throws(SafetensorsHeaderError) in
            switch key {
            case "dtype" where typeName == nil: typeName = try header.parseString()
            case "shape" where shape == nil: shape = try header.parseIntegers()
            case "data_offsets" where offsets == nil: offsets = try header.parseIntegers()
            default:
                throw SafetensorsHeaderError(problem: "tensor \"\(name)\" has an unexpected or repeated \"\(key)\"")
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2 else {
            throw SafetensorsHeaderError(
                problem: "tensor \"\(name)\" lacks its dtype, its shape or its two data_offsets"
            )
        }
        guard let dataType = SafetensorsDataType(rawValue: typeName) else {
            let known = SafetensorsDataType.allCases.map(\.rawValue).joined(separator: ", ")
            throw SafetensorsHeaderError(
                problem: "tensor \"\(name)\" has the dtype \"\(typeName)\", not one of \(known)"
            )
        }
        entries.append(
            SafetensorsEntry(name: name, dataType: dataType, shape: shape, start: offsets[0], end: offsets[1])
        )
    }
}

// MARK: - JSON

extension SafetensorsHeader {
    private func malformed(_ problem: String) -> SafetensorsHeaderError {
        SafetensorsHeaderError(problem: "the header is malformed at byte \(position): \(problem)")
    }

    private mutating func skipWhitespace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsHeaderError) {
        guard take(character) else { throw malformed("\(character) is missing") }
    }

    /// Calls `body` at the value of every key.
    private mutating func parseObject(
        _ body: (_ key: String, _ header: inout SafetensorsHeader) throws(SafetensorsHeaderError) -> Void
    ) throws(SafetensorsHeaderError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try parseString()
            try expect(":")
            try body(key, &self)
        } while take(",")
        try expect("}")
    }

    private mutating func parseIntegers() throws(SafetensorsHeaderError) -> [Int] {
        var values: [Int] = []
        try expect("[")
        if take("]") { return values }
        repeat {
            skipWhitespace()
            let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
                throw malformed("a whole number from 0 to \(Int.max) is missing")
            }
            position += digits.count
            values.append(value)
        } while take(",")
        try expect("]")
        return values
    }

    private mutating func parseString() throws(SafetensorsHeaderError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw malformed("text is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try parseEscape()).utf8)
            case ..<0x20: throw malformed("a string contains an unescaped control character")
            default: text.append(byte)
            }
        }
        throw malformed("a string is not closed")
    }

    private mutating func parseEscape() throws(SafetensorsHeaderError) -> Unicode.Scalar {
        guard position < bytes.count else { throw malformed("a string is not closed") }
        let letter = Unicode.Scalar(bytes[position])
        position += 1
        switch letter {
        case "\"", "\\", "/": return letter
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            var value = try parseHexadecimal()
            if (0xD800..<0xDC00).contains(value), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = try parseHexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("half of a surrogate pair") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw malformed("half of a surrogate pair") }
            return scalar
        default: throw malformed("a string contains an unknown escape")
        }
    }

    private mutating func parseHexadecimal() throws(SafetensorsHeaderError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard digits.count == 4, isHexadecimal, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw malformed("four hexadecimal digits are missing") }
        position += 4
        return value
    }
}
