import CZlib
package import Foundation
import SegCore

/// The entries of a zip archive in memory, as far as spreadsheets need it: stored and deflated, neither encrypted nor
/// zip64.
///
/// Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
package struct ZipArchive: Sendable {
    /// What errors are about: the archive's path.
    let name: String
    private let bytes: [UInt8]
    private let entries: [String: Entry]

    private struct Entry {
        var method: Int
        var flags: Int
        var checksum: UInt32
        var compressedCount: Int
        var count: Int
        var headerOffset: Int
    }

    /// Larger entries are refused: the largest clinical table known is a thousandth of it.
    private static let maximumCount = 256 << 20

    /// Reads the archive's directory.
    ///
    /// Throws: ``SegmentationError`` about `name` if the bytes are no zip archive or its directory is damaged.
    package init(_ data: Data, name: String) throws {
        self.name = name
        bytes = Array(data)
        entries = try Self.readDirectory(bytes, name: name)
    }

    /// Names of all entries, sorted.
    package var entryNames: [String] { entries.keys.sorted() }

    /// An entry's contents, its checksum verified; `nil` if there is no such entry.
    package func contents(of entryName: String) throws -> Data? {
        guard let entry = entries[entryName] else { return nil }
        func damaged(_ detail: String) -> SegmentationError { Self.damaged(name, "its part \(entryName) \(detail)") }
        guard entry.flags & 1 == 0 else {
            throw SegmentationError(name, "it is encrypted", cure: "save it without a password")
        }
        guard entry.count <= Self.maximumCount else { throw damaged("claims \(entry.count) bytes") }
        guard
            let signature = bytes.littleEndian32(at: entry.headerOffset), signature == 0x0403_4B50,
            let nameCount = bytes.littleEndian16(at: entry.headerOffset + 26),
            let extraCount = bytes.littleEndian16(at: entry.headerOffset + 28)
        else { throw damaged("has no header") }
        let start = entry.headerOffset + 30 + nameCount + extraCount
        guard start + entry.compressedCount <= bytes.count else { throw damaged("is cut short") }
        let compressed = bytes[start..<(start + entry.compressedCount)]
        let contents: [UInt8]? =
            switch entry.method {
            case 0: Array(compressed)
            case 8: inflated(Array(compressed), count: entry.count)
            default: throw damaged("uses the unknown compression method \(entry.method)")
            }
        guard let contents else { throw damaged("does not inflate") }
        guard contents.count == entry.count, UInt32(crc32(0, contents, UInt32(contents.count))) == entry.checksum else {
            throw damaged("has a wrong checksum")
        }
        return Data(contents)
    }

    private static func damaged(_ name: String, _ detail: String) -> SegmentationError {
        SegmentationError(
            name,
            "the file is damaged or no .xlsx: \(detail)",
            cure: "download it again, or save it anew as .xlsx"
        )
    }

    private static func readDirectory(_ bytes: [UInt8], name: String) throws -> [String: Entry] {
        // The end record lies before a comment of at most 65,535 bytes, so look for it from the end.
        let last = bytes.count - 22
        let candidates = last < 0 ? [] : Array(stride(from: last, through: max(0, last - 65535), by: -1))
        guard
            let end = candidates.first(where: { bytes.littleEndian32(at: $0) == 0x0605_4B50 }),
            let count = bytes.littleEndian16(at: end + 10), let start = bytes.littleEndian32(at: end + 16)
        else { throw damaged(name, "it has no zip directory") }
        var offset = Int(start)
        var entries: [String: Entry] = [:]
        for _ in 0..<count {
            guard
                bytes.littleEndian32(at: offset) == 0x0201_4B50, let flags = bytes.littleEndian16(at: offset + 8),
                let method = bytes.littleEndian16(at: offset + 10),
                let checksum = bytes.littleEndian32(at: offset + 16),
                let compressedCount = bytes.littleEndian32(at: offset + 20),
                let expandedCount = bytes.littleEndian32(at: offset + 24),
                let nameCount = bytes.littleEndian16(at: offset + 28),
                let extraCount = bytes.littleEndian16(at: offset + 30),
                let commentCount = bytes.littleEndian16(at: offset + 32),
                let headerOffset = bytes.littleEndian32(at: offset + 42), offset + 46 + nameCount <= bytes.count
            else { throw damaged(name, "its zip directory is cut short") }
            let entryName = String(decoding: bytes[(offset + 46)..<(offset + 46 + nameCount)], as: UTF8.self)
            entries[entryName] = Entry(
                method: method,
                flags: flags,
                checksum: checksum,
                compressedCount: Int(compressedCount),
                count: Int(expandedCount),
                headerOffset: Int(headerOffset)
            )
            offset += 46 + nameCount + extraCount + commentCount
        }
        return entries
    }
}

/// Inflates a raw deflate stream of exactly `count` bytes; `nil` if it is damaged or has another length.
private func inflated(_ compressed: [UInt8], count: Int) -> [UInt8]? {
    var stream = z_stream()
    // Negative window bits: a raw stream, without zlib's own header and checksum.
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        return nil
    }
    defer { inflateEnd(&stream) }
    var source = compressed
    // One byte more, so that a stream that is too long is seen.
    var target = [UInt8](repeating: 0, count: count + 1)
    let status = source.withUnsafeMutableBufferPointer { source in
        target.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            return inflate(&stream, Z_FINISH)
        }
    }
    guard status == Z_STREAM_END, Int(stream.total_out) == count else { return nil }
    target.removeLast()
    return target
}

extension [UInt8] {
    fileprivate func littleEndian16(at offset: Int) -> Int? {
        guard offset >= 0, offset + 2 <= count else { return nil }
        return Int(self[offset]) | Int(self[offset + 1]) << 8
    }

    fileprivate func littleEndian32(at offset: Int) -> UInt32? {
        guard let low = littleEndian16(at: offset), let high = littleEndian16(at: offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }
}
