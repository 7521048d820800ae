import Foundation
import SegCore

/// One file of a zip archive, as its directory describes it.
struct ZipEntry: Sendable {
    var method: Int
    var flags: Int
    var checksum: UInt32
    var compressedCount: Int
    var count: Int
    var headerOffset: Int
}

/// The central directory of a zip archive.
struct ZipDirectory {
    /// Files by name, with `/` between folders; folders have no entry.
    private(set) var entries: [String: ZipEntry] = [:]

    /// Reads the directory at the archive's end. Throws: ``SegmentationError`` about `name` if it is damaged.
    init(_ bytes: ByteSource, name: String) throws {
        let end = try Self.end(of: bytes, name: name)
        guard let directory = bytes.read(at: end.start, count: end.byteCount) else {
            throw Self.damaged(name, "its zip directory is cut short")
        }
        var offset = 0
        for _ in 0..<end.entryCount {
            guard let (entryName, entry, next) = Self.entry(directory, at: offset) else {
                throw Self.damaged(name, "its zip directory is cut short")
            }
            // Some Windows programs write the other slash. A name that ends in one is a folder.
            let path = entryName.replacing("\\", with: "/")
            if !path.hasSuffix("/") { entries[path] = entry }
            offset = next
        }
    }

    static func damaged(_ name: String, _ detail: String) -> SegmentationError {
        let isWorkbook = name.lowercased().hasSuffix(".xlsx")
        return SegmentationError(
            name,
            "the file is damaged or no \(isWorkbook ? ".xlsx" : "zip archive"): \(detail)",
            cure: isWorkbook ? "download it again, or save it anew as .xlsx" : "download it again"
        )
    }

    /// The place of the directory, from the record at the archive's end.
    private static func end(
        of bytes: ByteSource,
        name: String
    ) throws -> (start: Int, byteCount: Int, entryCount: Int) {
        // The end record lies before a comment of at most 65,535 bytes, so look for it from the end.
        let tailCount = min(bytes.count, 22 + 65_535)
        let tailStart = bytes.count - tailCount
        guard
            let tail = bytes.read(at: tailStart, count: tailCount), tailCount >= 22,
            let end = stride(from: tailCount - 22, through: 0, by: -1)
                .first(where: { tail.littleEndian32(at: $0) == 0x0605_4B50 }),
            let entryCount = tail.littleEndian16(at: end + 10), let byteCount = tail.littleEndian32(at: end + 12),
            let start = tail.littleEndian32(at: end + 16)
        else { throw damaged(name, "it has no zip directory") }
        guard entryCount == 0xFFFF || byteCount == .max || start == .max else {
            return (Int(start), Int(byteCount), entryCount)
        }
        // A value too large for the plain record stands in the zip64 record, which a locator before it points to.
        guard
            let locator = bytes.read(at: tailStart + end - 20, count: 20), locator.littleEndian32(at: 0) == 0x0706_4B50,
            let recordOffset = locator.littleEndian64(at: 8),
            let record = bytes.read(at: recordOffset, count: 56), record.littleEndian32(at: 0) == 0x0606_4B50,
            let wideEntryCount = record.littleEndian64(at: 32), let wideByteCount = record.littleEndian64(at: 40),
            let wideStart = record.littleEndian64(at: 48), wideEntryCount <= wideByteCount / 46
        else { throw damaged(name, "its zip64 directory cannot be found") }
        return (wideStart, wideByteCount, wideEntryCount)
    }

    /// The entry that begins at an offset, and where the next one does.
    private static func entry(_ bytes: [UInt8], at offset: Int) -> (name: String, entry: ZipEntry, next: Int)? {
        guard
            bytes.littleEndian32(at: offset) == 0x0201_4B50, let flags = bytes.littleEndian16(at: offset + 8),
            let method = bytes.littleEndian16(at: offset + 10), let checksum = bytes.littleEndian32(at: offset + 16),
            let compressedCount = bytes.littleEndian32(at: offset + 20),
            let expandedCount = bytes.littleEndian32(at: offset + 24),
            let nameCount = bytes.littleEndian16(at: offset + 28),
            let extraCount = bytes.littleEndian16(at: offset + 30),
            let commentCount = bytes.littleEndian16(at: offset + 32),
            let headerOffset = bytes.littleEndian32(at: offset + 42),
            offset + 46 + nameCount + extraCount <= bytes.count
        else { return nil }
        let nameStart = offset + 46
        let extra = Array(bytes[(nameStart + nameCount)..<(nameStart + nameCount + extraCount)])
        var wide = Zip64Values(extra)
        guard
            let count = wide.value(expandedCount), let compressed = wide.value(compressedCount),
            let header = wide.value(headerOffset)
        else { return nil }
        return (
            String(decoding: bytes[nameStart..<(nameStart + nameCount)], as: UTF8.self),
            ZipEntry(
                method: method,
                flags: flags,
                checksum: checksum,
                compressedCount: compressed,
                count: count,
                headerOffset: header
            ),
            nameStart + nameCount + extraCount + commentCount
        )
    }
}

/// The 64-bit values of an entry's extra field, in the order in which the directory's own are too small.
private struct Zip64Values {
    private var bytes: [UInt8] = []
    private var offset = 0

    init(_ extra: [UInt8]) {
        var start = 0
        while let kind = extra.littleEndian16(at: start), let count = extra.littleEndian16(at: start + 2) {
            if kind == 1, start + 4 + count <= extra.count { bytes = Array(extra[(start + 4)..<(start + 4 + count)]) }
            start += 4 + count
        }
    }

    /// The value itself, or the next wide one where all its bits are set; `nil` where that is missing.
    mutating func value(_ plain: UInt32) -> Int? {
        guard plain == .max else { return Int(plain) }
        defer { offset += 8 }
        return bytes.littleEndian64(at: offset)
    }
}
