import Foundation

/// An index file that is mapped for reading and written through the file.
///
/// The mapping is never written to: on a full disk a write to a mapping ends the process, one to the file fails. A
/// mapped file that is cut short ends the process too, so nobody ever shortens one: a new index takes the old one's
/// place by renaming, and the old one lives on for those who have it mapped. ``isCurrent`` tells them.
final class MappedIndex {
    let slots: Int
    private let descriptor: Int32
    private let start: UnsafeRawPointer
    private let count: Int
    private let isWritable: Bool

    /// Maps the index of a folder; `nil` if there is none, or if its header is damaged or of another version.
    init?(_ path: String) {
        var descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        isWritable = descriptor >= 0
        if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { return nil }
        guard let file = FileStatus(descriptor), file.isFile, file.bytes >= IndexFormat.headerBytes,
            let start = mmap(nil, file.bytes, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.start = UnsafeRawPointer(start)
        count = file.bytes
        let slots = Self.word(start, IndexFormat.Header.slots)
        self.slots = Int(clamping: slots)
        // After all members are set, so that the destructor unmaps and closes on failure.
        guard Self.word(start, IndexFormat.Header.magic) == IndexFormat.magic,
            slots > 0, slots <= UInt64(count), slots & (slots - 1) == 0, IndexFormat.bytes(slots: self.slots) == count,
            Self.word(start, IndexFormat.Header.check) == IndexFormat.check(slots: self.slots)
        else { return nil }
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: start), count)
        close(descriptor)
    }

    private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func header(_ field: Int) -> Int { Int(clamping: Self.word(start, field)) }

    /// Whether this is still the folder's index, whole. To be asked before the mapping is read.
    var isCurrent: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_nlink > 0 && Int(status.st_size) == count
    }

    /// What a slot holds; `nil` if it is damaged.
    enum Slot {
        case empty
        case removed
        case entry(IndexEntry)
    }

    func slot(_ index: Int) -> Slot? {
        let offset = IndexFormat.headerBytes + index * IndexFormat.slotBytes
        let low = Self.word(start, offset)
        let high = Self.word(start, offset + 8)
        let bytes = Self.word(start, offset + 16)
        let lastUsed = Self.word(start, offset + 24)
        let check = Self.word(start, offset + 32)
        guard bytes != 0 else { return low | high | lastUsed | check == 0 ? .empty : nil }
        guard IndexFormat.hash(low, high, bytes) == check else { return nil }
        guard bytes != IndexFormat.removed else { return .removed }
        let key = CacheKey(ContentHash(low: low, high: high))
        return .entry(IndexEntry(key: key, bytes: Int(clamping: bytes), lastUsed: lastUsed))
    }

    /// Every entry; those in damaged slots are left out.
    var entries: [IndexEntry] {
        (0..<slots).compactMap { if case .entry(let entry)? = slot($0) { entry } else { nil } }
    }

    /// Whether nobody stopped in the middle of a change, every slot is whole and the sums are right. The caller holds the
    /// folder's lock; a change under way would look like damage.
    var isSound: Bool {
        guard header(IndexFormat.Header.changing) == 0 else { return false }
        var (used, removed, total) = (0, 0, 0)
        for index in 0..<slots {
            switch slot(index) {
            case nil: return false
            case .empty: continue
            case .removed: removed += 1
            case .entry(let entry):
                used += 1
                total &+= entry.bytes
            }
        }
        return used == header(IndexFormat.Header.used) && removed == header(IndexFormat.Header.removed)
            && total == header(IndexFormat.Header.total)
    }

    /// The slot of a key, and where it would go.
    ///
    /// - Complexity: constant on average, as 30 % of the slots stay empty.
    func find(_ key: CacheKey) -> (found: (index: Int, entry: IndexEntry)?, free: Int?) {
        var index = Int(truncatingIfNeeded: key.hash.low & UInt64(slots - 1))
        var free: Int?
        for _ in 0..<slots {
            switch slot(index) {
            case nil: return (nil, nil)
            case .empty: return (nil, free ?? index)
            case .removed: free = free ?? index
            case .entry(let entry): if entry.key == key { return ((index, entry), free) }
            }
            index = (index + 1) & (slots - 1)
        }
        return (nil, free)
    }

    /// Writes a word of a slot or of the header; whether it could be written.
    @discardableResult
    func write(_ words: [UInt64], at offset: Int) -> Bool {
        guard isWritable else { return false }
        return words.map(\.littleEndian).withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    @discardableResult
    func write(_ words: [UInt64], toSlot index: Int, field: Int = 0) -> Bool {
        write(words, at: IndexFormat.headerBytes + index * IndexFormat.slotBytes + field)
    }
}
