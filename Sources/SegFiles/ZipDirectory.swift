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
    /// Whether the contents are the path that a symbolic link leads to.
    var isLink: Bool
}

/// The central directory of a zip archive.
struct ZipDirectory {
    /// Files by name, with `/` between folders; folders have no entry.
    private(set) var entries: [String: ZipEntry] = [:]

    /// Reads the directory at the archive's end.
    ///
    /// - Throws: ``SegmentationError`` about `name` if it is damaged.
    init(_ bytes: ByteSource, name: String) throws {
        var end = try Self.end(of: bytes, name: name)
        // What was put before an archive, such as the program of one that unpacks itself, is not counted in its places.
        let signature: UInt32 = 0x0201_4B50
        let isMoved = end.shift > 0 && bytes.read(at: end.start, count: 4)?.littleEndian32(at: 0) != signature
        if isMoved && bytes.read(at: end.start + end.shift, count: 4)?.littleEndian32(at: 0) == signature {
            end.start += end.shift
        } else {
            end.shift = 0
        }
        guard let directory = bytes.read(at: end.start, count: end.byteCount) else {
            throw Self.damaged(name, "its zip directory is cut short")
        }
        var offset = 0
        var count = 0
        // To its end, as the number of entries that it states has 16 bits only.
        while offset < directory.count, directory.littleEndian32(at: offset) == 0x0201_4B50 {
            guard let (written, found, next) = Self.entry(directory, at: offset) else {
                throw Self.damaged(name, "its zip directory is cut short")
            }
            var entry = found
            entry.headerOffset = min(entry.headerOffset, bytes.count) + end.shift
            (offset, count) = (next, count + 1)
            guard let path = try Self.path(written, archive: name) else { continue }
            if entries.updateValue(entry, forKey: path) != nil {
                let other = entries.keys.first { $0 == path } ?? path
                throw FolderEntries.alike(path, other, in: name)
            }
        }
        guard count == end.entryCount || (!end.isWide && count & 0xFFFF == end.entryCount) else {
            throw Self.damaged(name, "its zip directory promises \(end.entryCount) entries and has \(count)")
        }
    }

    /// Deeper than any data set is nested.
    private static let mostLevels = 128

    /// The path of an entry below the archive's top; `nil` for a folder, whose name ends in a slash.
    ///
    /// Some programs begin paths by `./` or `/`, and some on Windows write the other slash.
    private static func path(_ written: String, archive: String) throws -> String? {
        let path = written.replacing("\\", with: "/")
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else {
            throw SegmentationError(
                archive,
                "its entry \(written) leads out of the archive",
                cure: "unpack it with a program that you trust, and give the folder"
            )
        }
        // Every folder on the way is kept by its path: nested ones take memory by the square of their number.
        guard parts.count <= mostLevels else {
            throw damaged(archive, "its entry \(written.prefix(40))… is nested \(parts.count) deep")
        }
        return path.hasSuffix("/") || parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    static func damaged(_ name: String, _ detail: String) -> SegmentationError {
        let isWorkbook = name.lowercased().hasSuffix(".xlsx")
        return SegmentationError(
            name,
            "the file is damaged or not \(isWorkbook ? "an .xlsx" : "a zip archive"): \(detail)",
            cure: isWorkbook ? "download it again, or save it again as .xlsx" : "download it again"
        )
    }

    /// The place of the directory, from the record at the archive's end.
    private static func end(
        of bytes: ByteSource,
        name: String
    ) throws -> (start: Int, byteCount: Int, entryCount: Int, isWide: Bool, shift: Int) {
        // The end record lies before a comment of at most 65,535 bytes, so look for it from the end.
        let tailCount = min(bytes.count, 22 + 65_535)
        let tailStart = bytes.count - tailCount
        guard
            let tail = bytes.read(at: tailStart, count: tailCount), tailCount >= 22,
            let end = Self.endRecord(in: tail),
            let entryCount = tail.littleEndian16(at: end + 10), let byteCount = tail.littleEndian32(at: end + 12),
            let start = tail.littleEndian32(at: end + 16)
        else { throw other(bytes, name: name) ?? damaged(name, "it has no zip directory") }
        guard entryCount == 0xFFFF || byteCount == .max || start == .max else {
            let shift = tailStart + end - Int(byteCount) - Int(start)
            return (Int(start), Int(byteCount), entryCount, false, shift)
        }
        // A value too large for the plain record stands in the zip64 record, which a locator before it points to.
        guard
            let locator = bytes.read(at: tailStart + end - 20, count: 20), locator.littleEndian32(at: 0) == 0x0706_4B50,
            let recordOffset = locator.littleEndian64(at: 8),
            let record = bytes.read(at: recordOffset, count: 56), record.littleEndian32(at: 0) == 0x0606_4B50,
            let wideEntryCount = record.littleEndian64(at: 32), let wideByteCount = record.littleEndian64(at: 40),
            let wideStart = record.littleEndian64(at: 48), wideEntryCount <= wideByteCount / 46
        else { throw damaged(name, "its zip64 directory cannot be found") }
        return (wideStart, wideByteCount, wideEntryCount, true, 0)
    }

    /// An archive of another kind that is named .zip, by its first bytes.
    private static func other(_ bytes: ByteSource, name: String) -> SegmentationError? {
        if bytes.count == 0 {
            return SegmentationError(name, "the archive is empty: it has 0 bytes", cure: "download it again")
        }
        if bytes.read(at: 0, count: 1) == Array("<".utf8) {
            return SegmentationError(
                name,
                "this is a web page, not a zip archive: an error or login page",
                cure: "download the archive in a browser"
            )
        }
        let kinds: [(start: [UInt8], kind: String)] = [
            (Array("Rar!".utf8), "a RAR archive"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive"),
            ([0x1F, 0x8B], "packed by gzip"), (Array("BZh".utf8), "packed by bzip2"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "packed by xz"), ([0x28, 0xB5, 0x2F, 0xFD], "packed by Zstandard"),
        ]
        let start = bytes.read(at: 0, count: min(bytes.count, 8)) ?? []
        let isTar = bytes.read(at: 257, count: 5) == Array("ustar".utf8)
        guard let kind = isTar ? "a tar archive" : kinds.first(where: { start.starts(with: $0.start) })?.kind
        else { return nil }
        return SegmentationError(
            name,
            "the file is \(kind), despite its name",
            cure: "unpack it, and give the folder"
        )
    }

    /// Where the record begins whose comment ends with the archive; the last that looks like one if there is none.
    private static func endRecord(in tail: [UInt8]) -> Int? {
        guard tail.count >= 22 else { return nil }
        var last: Int?
        for place in stride(from: tail.count - 22, through: 0, by: -1)
        where tail.littleEndian32(at: place) == 0x0605_4B50 {
            if tail.littleEndian16(at: place + 20) == tail.count - 22 - place { return place }
            last = last ?? place
        }
        return last
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
        let attributes = bytes.littleEndian32(at: offset + 38) ?? 0
        // The upper half is the mode that Unix gave the file.
        let isLink = bytes[offset + 5] == 3 && attributes >> 28 == 0xA
        return (
            ZipName.text(bytes[nameStart..<(nameStart + nameCount)], flags: flags, extra: extra),
            ZipEntry(
                method: method,
                flags: flags,
                checksum: checksum,
                compressedCount: compressed,
                count: count,
                headerOffset: header,
                isLink: isLink
            ),
            nameStart + nameCount + extraCount + commentCount
        )
    }
}

/// The 64-bit values of an entry's extra field, in the order in which the directory's own are too small.
private struct Zip64Values {
    private var bytes: [UInt8] = []
    private var offset = 0

    init(_ extra: [UInt8]) { bytes = ZipName.field(1, of: extra) ?? [] }

    /// The value itself, or the next wide one where all its bits are set; `nil` where that is missing.
    mutating func value(_ plain: UInt32) -> Int? {
        guard plain == .max else { return Int(plain) }
        defer { offset += 8 }
        return bytes.littleEndian64(at: offset)
    }
}
