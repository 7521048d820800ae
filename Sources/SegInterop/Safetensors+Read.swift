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
        let bytes: Data
        do {
            bytes = try Data(contentsOf: url)
        } catch {
            let exists = FileManager.default.fileExists(atPath: url.path)
            throw SegmentationError(
                url.path,
                exists ? "cannot be read" : "no such file",
                cure: exists ? "check its permissions, and that it is a file" : "check the path"
            )
        }
        return try bytes.withUnsafeBytes { try read($0, file: url) }
    }

    static func read(_ bytes: UnsafeRawBufferPointer, file url: URL) throws -> SafetensorsFile {
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

    private static func read(_ bytes: UnsafeRawBufferPointer, path: String) throws -> SafetensorsFile {
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
            let range = dataStart + entry.start..<dataStart + entry.end
            let values = try decode(UnsafeRawBufferPointer(rebasing: bytes[range]), entry)
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
        case .float32: return .float(copied(bytes, UInt32.self) { Float(bitPattern: $0) })
        case .float64: return .double(copied(bytes, UInt64.self) { Double(bitPattern: $0) })
        case .bfloat16: return .float(copied(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) })
        case .float16: return .float(copied(bytes, UInt16.self, widened))
        case .int64: return .integer(copied(bytes, Int64.self) { $0 })
        case .int32: return .integer(copied(bytes, Int32.self) { Int64($0) })
        case .int16: return .integer(copied(bytes, Int16.self) { Int64($0) })
        case .int8: return .integer(copied(bytes, Int8.self) { Int64($0) })
        case .uint32: return .integer(copied(bytes, UInt32.self) { Int64($0) })
        case .uint16: return .integer(copied(bytes, UInt16.self) { Int64($0) })
        case .uint8: return .integer(copied(bytes, UInt8.self) { Int64($0) })
        case .boolean:
            let values = copied(bytes, UInt8.self) { $0 }
            guard values.allSatisfy({ $0 <= 1 }) else {
                throw SafetensorsHeaderError(
                    problem: "tensor \"\(entry.name)\" of BOOL holds values other than 0 and 1"
                )
            }
            return .integer(values.map { Int64($0) })
        case .uint64:
            let values = copied(bytes, UInt64.self) { $0 }
            guard values.allSatisfy({ $0 <= UInt64(Int64.max) }) else {
                throw SafetensorsHeaderError(problem: "tensor \"\(entry.name)\" of U64 holds values above \(Int64.max)")
            }
            return .integer(values.map { Int64($0) })
        }
    }

    /// The values of a tensor, in one pass over its bytes.
    @inline(__always)
    private static func copied<Stored: FixedWidthInteger, Value>(
        _ bytes: UnsafeRawBufferPointer,
        _: Stored.Type,
        _ value: (Stored) -> Value
    ) -> [Value] {
        let size = MemoryLayout<Stored>.size
        let count = bytes.count / size
        return Array(unsafeUninitializedCapacity: count) { values, initialized in
            for index in 0..<count {
                let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
                values.initializeElement(at: index, to: value(Stored(littleEndian: stored)))
            }
            initialized = count
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
