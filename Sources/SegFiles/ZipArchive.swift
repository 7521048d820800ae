import CZlib
package import Foundation
import SegCore

/// The entries of a zip archive, in memory or on the disk: stored and deflated, with zip64, not encrypted.
///
/// Nothing is unpacked to the disk; an entry is read when it is asked for.
///
/// - Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its
///   end, zip64 and plain).
package struct ZipArchive: Sendable {
    /// What errors are about: the archive's path.
    package let name: String
    private let bytes: ByteSource
    private let entries: [String: ZipEntry]
    /// The names in every folder, and whether they are folders themselves. Hidden ones are left out, but for pictures.
    private let folders: [String: [String: Bool]]

    /// Larger entries are refused: the largest image or clinical table known is a thousandth of it.
    package static let maximumCount = 256 << 20

    /// Reads the directory of an archive in memory.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a zip archive or its directory is damaged.
    package init(_ data: Data, name: String) throws {
        try self.init(.memory(Array(data)), name: name)
    }

    /// Opens an archive on the disk and reads its directory.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read, is not a zip archive, or is damaged.
    package init(file: URL) throws {
        try self.init(.file(OpenFile(file)), name: file.path)
    }

    private init(_ bytes: ByteSource, name: String) throws {
        self.name = name
        self.bytes = bytes
        entries = try ZipDirectory(bytes, name: name).entries
        folders = try Self.folders(entries.keys, archive: name)
    }

    /// Names of all files, sorted.
    package var entryNames: [String] { entries.keys.sorted() }

    /// Whether there is a file of that name.
    package func isFile(_ entryName: String) -> Bool { entries[entryName] != nil }

    /// Bytes that an entry claims to have unpacked, by which what is too large is refused before memory is taken; `nil` if there
    /// is no such entry.
    package func claimedCount(of entryName: String) -> Int? { entries[entryName]?.count }

    /// Whether there is a folder of that name; the empty name is the archive's top.
    package func isFolder(_ entryName: String) -> Bool { folders[entryName] != nil }

    /// The visible names in a folder, and whether they are folders themselves; `nil` if the folder does not exist.
    package func children(of folder: String) -> [String: Bool]? { folders[folder] }

    /// An entry's contents, its checksum verified; `nil` if there is no such entry.
    ///
    /// - Throws: ``SegmentationError`` naming the entry if it is damaged, encrypted or compressed in an unknown way.
    ///
    /// - Parameter limit: bytes that the entry may have; larger ones are refused before memory is taken.
    package func contents(of entryName: String, limit: Int = maximumCount) throws -> Data? {
        if let entry = entries[entryName], entry.count > limit {
            throw SegmentationError(
                name,
                "its part \(entryName) has \(entry.count >> 20) MB, more than the limit of \(limit >> 20) MB",
                cure: "check that this is the file you mean; save it without what is not needed"
            )
        }
        return try contents(of: entryName, links: 8)
    }

    /// - Parameter links: how many symbolic links may still be followed.
    private func contents(of entryName: String, links: Int) throws -> Data? {
        guard let entry = entries[entryName] else { return nil }
        let bytes = try stored(entry, entryName)
        guard entry.isLink else { return bytes }
        let target = String(decoding: bytes, as: UTF8.self)
        var path = entryName.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = path.popLast() } else { path.append(String(part)) }
        }
        if links > 0, !target.hasPrefix("/"),
            let found = try contents(of: path.joined(separator: "/"), links: links - 1)
        {
            return found
        }
        throw SegmentationError(
            "\(name)/\(entryName)",
            "this is a broken link: to \(target)",
            cure: "pack the file itself into the archive, not a link to it"
        )
    }

    private func unreadable(_ entry: ZipEntry, _ entryName: String) -> SegmentationError {
        let names = [
            1: "Shrink", 6: "Implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd",
        ]
        let method = names[entry.method] ?? "a method of the number \(entry.method)"
        return SegmentationError(
            name,
            "its part \(entryName) is compressed by \(method), which is not read",
            cure: "unpack it and give the folder, or pack it again by Deflate, as every zip program does by default"
        )
    }

    private func stored(_ entry: ZipEntry, _ entryName: String) throws -> Data {
        func damaged(_ detail: String) -> SegmentationError {
            ZipDirectory.damaged(name, "its part \(entryName) \(detail)")
        }
        guard entry.flags & 1 == 0 else {
            throw SegmentationError(
                name,
                "its part \(entryName) is encrypted",
                cure: "unpack it with its password and give the folder, or save it without a password"
            )
        }
        // Deflate expands at most 1032-fold, so an entry that claims more is damaged, and takes no memory.
        guard entry.count <= Self.maximumCount, entry.compressedCount <= Self.maximumCount,
            entry.count / 1032 <= entry.compressedCount
        else { throw damaged("claims \(entry.count) bytes from \(entry.compressedCount)") }
        guard
            let header = bytes.read(at: entry.headerOffset, count: 30), header.littleEndian32(at: 0) == 0x0403_4B50,
            let nameCount = header.littleEndian16(at: 26), let extraCount = header.littleEndian16(at: 28)
        else { throw damaged("has no header") }
        let start = entry.headerOffset + 30 + nameCount + extraCount
        guard let compressed = bytes.read(at: start, count: entry.compressedCount) else {
            throw damaged("is cut short")
        }
        let contents: [UInt8]? =
            switch entry.method {
            case 0: compressed
            case 8: inflated(compressed, count: entry.count)
            default: throw unreadable(entry, entryName)
            }
        guard let contents else { throw damaged("does not inflate") }
        guard contents.count == entry.count, UInt32(crc32(0, contents, UInt32(contents.count))) == entry.checksum else {
            throw damaged("has a wrong checksum")
        }
        return Data(contents)
    }

    /// - Throws: ``SegmentationError`` naming an entry that is a file and a folder.
    private static func folders(_ files: some Sequence<String>, archive: String) throws -> [String: [String: Bool]] {
        var folders: [String: [String: Bool]] = ["": [:]]
        for file in files {
            let parts = file.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let isVisible = parts.dropLast().allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && $0 != "__MACOSX" }
            guard isVisible, let name = parts.last, !name.isEmpty, !PictureNames.isHidden(name) else { continue }
            var folder = ""
            for (depth, part) in parts.enumerated() {
                let isFolder = depth < parts.count - 1
                if let other = folders[folder, default: [:]].updateValue(isFolder, forKey: part), other != isFolder {
                    throw ZipDirectory.damaged(archive, "its entry \(file) lies in a file, or is a folder as well")
                }
                guard isFolder else { continue }
                folder += folder.isEmpty ? part : "/" + part
            }
        }
        return folders
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
