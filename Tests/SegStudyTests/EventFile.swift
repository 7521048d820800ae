import Foundation

/// What a reader finds in a TensorBoard event file: values by tag and step.
///
/// Written from `event.proto`, `summary.proto` and the framing of records, apart from the code that writes.
struct EventFile {
    private(set) var scalars: [String: [Int: Float]] = [:]

    struct Damage: Error {}

    init(_ data: Data) throws {
        var rest = Reader(bytes: [UInt8](data)[...])
        while !rest.isAtEnd {
            let length = Int(try rest.fixed(8))
            _ = try rest.fixed(4)  // checksum of the length
            try read(event: Reader(bytes: try rest.take(length)))
            _ = try rest.fixed(4)  // checksum of the content
        }
    }

    private mutating func read(event: Reader) throws {
        var event = event
        var step = 0
        var values: [(tag: String, value: Float)] = []
        while let (field, content) = try event.field() {
            switch (field, content) {
            case (2, .number(let number)): step = Int(number)
            case (5, .bytes(let summary)):
                var summary = Reader(bytes: summary)
                while let (field, content) = try summary.field() {
                    guard field == 1, case .bytes(let value) = content else { continue }
                    values.append(try Self.scalar(Reader(bytes: value)))
                }
            default: break
            }
        }
        for (tag, value) in values { scalars[tag, default: [:]][step] = value }
    }

    private static func scalar(_ reader: Reader) throws -> (tag: String, value: Float) {
        var (reader, tag, number) = (reader, "", Float.nan)
        while let (field, content) = try reader.field() {
            switch (field, content) {
            case (1, .bytes(let bytes)): tag = String(decoding: bytes, as: UTF8.self)
            case (2, .number(let bits)): number = Float(bitPattern: UInt32(bits))
            default: break
            }
        }
        return (tag, number)
    }

    private enum Content {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        var isAtEnd: Bool { bytes.isEmpty }

        mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
            guard count >= 0, count <= bytes.count else { throw Damage() }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func fixed(_ count: Int) throws -> UInt64 {
            try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        private mutating func variable() throws -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                guard let byte = try take(1).first else { throw Damage() }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }

        mutating func field() throws -> (UInt64, Content)? {
            guard !isAtEnd else { return nil }
            let key = try variable()
            switch key & 7 {
            case 0: return (key >> 3, .number(try variable()))
            case 1: return (key >> 3, .number(try fixed(8)))
            case 2:
                let length = Int(try variable())
                return (key >> 3, .bytes(try take(length)))
            case 5: return (key >> 3, .number(try fixed(4)))
            default: throw Damage()
            }
        }
    }
}
