/// The layout of the index's file; words of 64 bits, little-endian.
///
/// ```
///  0  magic and version
///  8  number of slots, a power of two
/// 16  not 0 while slots are being changed
/// 24  slots in use
/// 32  slots whose entry was removed
/// 40  bytes of all entries
/// 48  low half of XXH3-128 of the bytes 0 to 15 and eight zeros
/// 56  slots of 40 bytes:
///      0  key, low half
///      8  key, high half
///     16  bytes of the entry's file; 0 in an empty slot, all bits set in one whose entry was removed
///     24  last use, ns since 1970
///     32  low half of XXH3-128 of the bytes 0 to 23; 0 in an empty slot
/// ```
///
/// Open addressing: an entry's slot is the first free one from `key mod slots` on, round the end.
enum IndexFormat {
    /// "SEGIDX", then the version in two bytes.
    static let magic: UInt64 = 0x0001_5844_4947_4553
    static let headerBytes = 56
    static let slotBytes = 40
    static let leastSlots = 1024
    static let removed = UInt64.max

    enum Header {
        static let magic = 0
        static let slots = 8
        static let changing = 16
        static let used = 24
        static let removed = 32
        static let total = 40
        static let check = 48
    }

    static func bytes(slots: Int) -> Int { headerBytes + slots * slotBytes }

    /// Room for so many entries without growing soon.
    static func slots(for entries: Int) -> Int {
        var slots = leastSlots
        while slots < entries * 3 { slots *= 2 }
        return slots
    }

    /// Whether so many slots in use make look-ups long.
    static func isCrowded(_ taken: Int, of slots: Int) -> Bool { taken > slots / 10 * 7 }

    static func check(slots: Int) -> UInt64 { hash(magic, UInt64(slots), 0) }

    static func hash(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64 {
        withUnsafeBytes(of: (first.littleEndian, second.littleEndian, third.littleEndian)) { XXH3.hash($0).low }
    }
}

/// An entry as the index has it.
struct IndexEntry: Hashable {
    var key: CacheKey
    /// Bytes of its file.
    var bytes: Int
    /// ns since 1970.
    var lastUsed: UInt64

    /// The words of its slot.
    var words: [UInt64] {
        let size = UInt64(bytes)
        return [key.hash.low, key.hash.high, size, lastUsed, IndexFormat.hash(key.hash.low, key.hash.high, size)]
    }
}
