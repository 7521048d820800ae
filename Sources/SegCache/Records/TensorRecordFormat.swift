/// The layout of a record's file; all numbers little-endian.
///
/// ```
///  0  8 bytes   magic: 89 "SEGT" 0D 0A 1A
///  8  u32       version of the format
/// 12  u32       bytes of the header, from 0 to the end of its checksum
/// 16  16 bytes  the key, in the order of its hexadecimal digits
/// 32  u64       bytes of all tensors, not compressed
/// 40  u32       number of tensors
/// 44  u32       number of chunks
/// 48  tensors   each: u8 bytes of the name, the name, u8 element type, u8 filter, u8 rank, u64 for every axis
///     chunks    each: u32 compressed bytes, u64 low half of XXH3-128 of the compressed bytes
///     16 bytes  XXH3-128 of the header up to here, low half first
///     chunks' data, one after the other: each a zstd frame with its content's size and XXH64 checksum
/// ```
///
/// Each tensor is filtered, then cut into chunks of ``chunkBytes``, the last one shorter; an empty tensor has none. So
/// the sizes of chunks follow from the shapes, and every byte of a file is covered by a checksum.
enum TensorRecordFormat {
    /// Raised with every change of the layout, a filter's meaning or the chunks' size.
    static let version: UInt32 = 1
    static let magic: [UInt8] = [0x89, 0x53, 0x45, 0x47, 0x54, 0x0d, 0x0a, 0x1a]
    static let fixedHeaderBytes = 48
    static let chunkTableEntryBytes = 12
    static let checksumBytes = 16
    /// Bytes of a chunk before compression: within the caches of a core, yet long enough to compress.
    static let chunkBytes = 256 << 10
    /// Bytes of all tensors of a record at most, if a reader does not ask for less.
    static let maximumBytes = 1 << 30
    /// Faster than higher levels and, on filtered ultrasound, no larger; see Documentation/Cache.md.
    static let compressionLevel: Int32 = 1

    /// Bytes of all tensors as the first bytes of a file claim, unchecked: for sums only.
    static func claimedBytes(_ prefix: UnsafeRawBufferPointer) -> Int? {
        guard prefix.count >= fixedHeaderBytes, prefix.starts(with: magic) else { return nil }
        var reader = ByteReader(prefix, from: 32)
        guard let bytes: UInt64 = reader.next(), bytes <= UInt64(maximumBytes) else { return nil }
        return Int(bytes)
    }

    /// How many chunks a tensor of so many bytes has.
    static func chunkCount(_ bytes: Int) -> Int { (bytes + chunkBytes - 1) / chunkBytes }
}
