import CZlib
package import Foundation

/// A zip archive of the entries, in order.
///
/// - Parameter isWide: whether the directory's values stand in zip64 records.
package func zip(_ entries: [(name: String, bytes: [UInt8])], isDeflated: Bool, isWide: Bool = false) -> Data {
    zip(raw: entries.map { (Array($0.name.utf8), $0.bytes) }, isDeflated: isDeflated, isWide: isWide)
}

/// A zip archive of entries whose names are bytes in whatever encoding.
///
/// - Parameters:
///   - flags: the general purpose flags of every entry; bit 11 says that names are UTF-8.
///   - links: the entries that are symbolic links, by their number.
///   - isWide: whether the directory's values stand in zip64 records.
package func zip(
    raw entries: [(name: [UInt8], bytes: [UInt8])],
    flags: Int = 0,
    links: Set<Int> = [],
    isDeflated: Bool = false,
    isWide: Bool = false
) -> Data {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (index, (name, bytes)) in entries.enumerated() {
        let payload = isDeflated ? deflated(bytes) : bytes
        let offset = file.count
        let checksum = Int(crc32(0, bytes, UInt32(bytes.count)))
        let common =
            little(20, 2) + little(flags, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 4) + little(checksum, 4)
            + little(payload.count, 4) + little(bytes.count, 4) + little(name.count, 2) + little(0, 2)
        file += little(0x0403_4B50, 4) + common + name + payload
        let extra = isWide ? little(1, 2) + little(8, 2) + little(offset, 8) : []
        // Made on Unix, which is what says that an entry is a link.
        directory +=
            little(0x0201_4B50, 4) + little(20 | 3 << 8, 2) + Array(common.dropLast(2)) + little(extra.count, 2)
        directory += little(0, 6) + little(links.contains(index) ? 0xA1FF_0000 : 0, 4)
        directory += little(isWide ? 0xFFFF_FFFF : offset, 4) + name + extra
    }
    var end: [UInt8] = []
    if isWide {
        end += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
        end += little(entries.count, 8) + little(entries.count, 8)
        end += little(directory.count, 8) + little(file.count, 8)
        end += little(0x0706_4B50, 4) + little(0, 4) + little(file.count + directory.count, 8) + little(1, 4)
    }
    let count = isWide ? 0xFFFF : entries.count
    end += little(0x0605_4B50, 4) + little(0, 4) + little(count, 2) + little(count, 2)
    end += little(isWide ? 0xFFFF_FFFF : directory.count, 4) + little(isWide ? 0xFFFF_FFFF : file.count, 4)
    return Data(file + directory + end + little(0, 2))
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { place in place < 8 ? UInt8(truncatingIfNeeded: value >> (8 * place)) : 0 }
}

/// A raw deflate stream.
private func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream,
        Z_DEFAULT_COMPRESSION,
        Z_DEFLATED,
        -MAX_WBITS,
        8,
        Z_DEFAULT_STRATEGY,
        ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
    )
    defer { deflateEnd(&stream) }
    var source = bytes
    var target = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    source.withUnsafeMutableBufferPointer { source in
        target.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            _ = deflate(&stream, Z_FINISH)
        }
    }
    return Array(target[..<Int(stream.total_out)])
}
