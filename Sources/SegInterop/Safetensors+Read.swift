public import Foundation
internal import SegCore

extension Safetensors {
    /// Reads every tensor of a file.
    ///
    /// - Edge cases: F16 and BF16 widen to Float without loss. Tensors without elements and scalars (an empty shape) are
    ///   read as they are.
    /// - Throws: `SegmentationError` naming the file if it is missing or cut off, if the header is malformed or names a
    ///   tensor twice, if a dtype is unknown, or if the byte ranges of the tensors overlap, leave gaps, run past the end
    ///   or do not fit their shapes.
    public static func read(_ url: URL) throws -> SafetensorsFile {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: url))
        } catch {
            let exists = FileManager.default.fileExists(atPath: url.path)
            throw SegmentationError(
                url.path,
                exists ? "cannot be read" : "no such file",
                cure: exists ? "check its permissions, and that it is a file" : "check the path"
            )
        }
        return try read(bytes, file: url)
    }

    static func read(_ bytes: [UInt8], file url: URL) throws -> SafetensorsFile {
        do {
            return try read(bytes, path: url.path)
        } catch let error as SafetensorsHeaderError {
            throw SegmentationError(
                url.path,
                error.problem,
                cure: "the file is damaged or not safetensors: copy or write it again"
            )
        }
    }

    private static func read(_ bytes: [UInt8], path: String) throws -> SafetensorsFile {
        guard bytes.count >= 8 else {
            throw SafetensorsHeaderError(problem: "\(bytes.count) bytes are too short for a header")
        }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(headerLimit) else {
            throw SafetensorsHeaderError(problem: "the header claims \(length) bytes of at most \(headerLimit)")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= bytes.count else {
            throw SafetensorsHeaderError(
                problem: "the header claims \(length) bytes, but the file has only \(bytes.count - 8) after its length"
            )
        }
        let header = try SafetensorsHeader(Array(bytes[8..<dataStart]))
        let entries = header.entries.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        try validate(entries, dataCount: bytes.count - dataStart)
        var tensors: [SafetensorsTensor] = []
        for entry in entries {
            let values = try bytes.withUnsafeBytes { all in
                let range = dataStart + entry.start..<dataStart + entry.end
                return try decode(UnsafeRawBufferPointer(rebasing: all[range]), entry)
            }
            tensors.append(
                SafetensorsTensor(name: entry.name, shape: entry.shape, dataType: entry.dataType, values: values)
            )
        }
        return SafetensorsFile(path: path, tensors: tensors, metadata: header.metadata)
    }

    /// Checks that the tensors, in the order of their bytes, tile the data without gap or overlap.
    private static func validate(_ entries: [SafetensorsEntry], dataCount: Int) throws(SafetensorsHeaderError) {
        var previousEnd = 0
        for entry in entries {
            let name = "tensor \"\(entry.name)\""
            guard entry.start <= entry.end, entry.end <= dataCount else {
                throw SafetensorsHeaderError(
                    problem: "\(name) lies at bytes \(entry.start)..<\(entry.end) of \(dataCount) bytes of data"
                )
            }
            guard entry.start == previousEnd else {
                let problem = entry.start < previousEnd ? "overlaps the tensor before it" : "leaves a gap before it"
                throw SafetensorsHeaderError(problem: "\(name) \(problem)")
            }
            guard let count = elementCount(entry.shape + [entry.dataType.byteCount]), count == entry.end - entry.start
            else {
                throw SafetensorsHeaderError(
                    problem: "\(name) has \(entry.end - entry.start) bytes, which do not fit the shape \(entry.shape) "
                        + "of \(entry.dataType.rawValue)"
                )
            }
            previousEnd = entry.end
        }
        guard previousEnd == dataCount else {
            throw SafetensorsHeaderError(problem: "\(dataCount - previousEnd) bytes at the end belong to no tensor")
        }
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ entry: SafetensorsEntry
    ) throws(SafetensorsHeaderError) -> SafetensorsValues {
        switch entry.dataType {
        case .float32: return .float(integers(bytes, UInt32.self).map { Float(bitPattern: $0) })
        case .float64: return .double(integers(bytes, UInt64.self).map { Double(bitPattern: $0) })
        case .bfloat16: return .float(integers(bytes, UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
        case .float16: return .float(integers(bytes, UInt16.self).map(widened))
        case .int64: return .integer(integers(bytes, Int64.self))
        case .int32: return .integer(integers(bytes, Int32.self).map { Int64($0) })
        case .int16: return .integer(integers(bytes, Int16.self).map { Int64($0) })
        case .int8: return .integer(integers(bytes, Int8.self).map { Int64($0) })
        case .uint32: return .integer(integers(bytes, UInt32.self).map { Int64($0) })
        case .uint16: return .integer(integers(bytes, UInt16.self).map { Int64($0) })
        case .uint8: return .integer(integers(bytes, UInt8.self).map { Int64($0) })
        case .boolean:
            let values = integers(bytes, UInt8.self)
            guard values.allSatisfy({ $0 <= 1 }) else {
                throw SafetensorsHeaderError(
                    problem: "tensor \"\(entry.name)\" of BOOL holds values other than 0 and 1"
                )
            }
            return .integer(values.map { Int64($0) })
        case .uint64:
            let values = integers(bytes, UInt64.self)
            guard values.allSatisfy({ $0 <= UInt64(Int64.max) }) else {
                throw SafetensorsHeaderError(problem: "tensor \"\(entry.name)\" of U64 holds values above \(Int64.max)")
            }
            return .integer(values.map { Int64($0) })
        }
    }

    private static func integers<Value: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer,
        _: Value.Type
    ) -> [Value] {
        let size = MemoryLayout<Value>.size
        return (0..<bytes.count / size).map {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Value.self))
        }
    }

    /// IEEE half precision as Float; `Float16` itself is missing on Intel Macs.
    private static func widened(_ half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7FFF)
        let sign: Float = half & 0x8000 == 0 ? 1 : -1
        switch magnitude {
        // Subnormals are multiples of 2⁻²⁴.
        case ..<0x0400: return sign * Float(magnitude) * Float(sign: .plus, exponent: -24, significand: 1)
        case 0x7C00...: return Float(bitPattern: UInt32(half & 0x8000) << 16 | 0x7F80_0000 | (magnitude & 0x03FF) << 13)
        default: return Float(bitPattern: UInt32(half & 0x8000) << 16 | (magnitude << 13 + 0x3800_0000))
        }
    }
}
