import Foundation
import SegFiles

/// The sizes and last uses of a cache's entries, shared by all processes that use it.
///
/// The files are the truth and this is a summary of them: whether there is an entry is asked of its file. When the
/// index is missing, damaged, of another version or left in the middle of a change, it is made again from the folder.
/// Times of last use are stored without a lock; everything else changes under the folder's lock, which the caller holds.
///
/// Not safe for threads: the cache guards it.
struct CacheIndex {
    let folder: CacheFolder
    private var mapped: MappedIndex?
    private var isChecked = false
    /// How often it had to be made again because it was damaged or missing while there were entries.
    private(set) var rebuilds = 0

    init(folder: CacheFolder) {
        self.folder = folder
    }

    /// The mapping, if it is whole and still the folder's.
    private mutating func current() -> MappedIndex? {
        if let mapped, mapped.isCurrent { return mapped }
        mapped = MappedIndex(folder.index)
        return mapped
    }

    /// Notes a use; returns when the entry was used before, `nil` if it is not known. Needs no lock.
    mutating func touch(_ key: CacheKey, at time: UInt64) -> UInt64? {
        guard let mapped = current(), let found = mapped.find(key).found else { return nil }
        mapped.write([time], toSlot: found.index, field: 24)
        return found.entry.lastUsed
    }

    /// The entry of a key.
    mutating func entry(_ key: CacheKey) -> IndexEntry? { current()?.find(key).found?.entry }

    /// All entries.
    mutating func entries() -> [IndexEntry] { current()?.entries ?? [] }

    /// Bytes of all entries' files.
    mutating func totalBytes() -> Int { current()?.header(IndexFormat.Header.total) ?? 0 }

    // MARK: Under the folder's lock

    /// Makes the index fit to be changed. The caller holds the folder's lock.
    ///
    /// - Throws: ``SegmentationError`` if it has to be made again and cannot be written.
    mutating func prepareForChanges() throws {
        if let mapped = current(), mapped.header(IndexFormat.Header.changing) == 0, isChecked || mapped.isSound {
            isChecked = true
        } else {
            try rebuild()
        }
    }

    /// Makes the index again from the folder, keeping the times of last use that can still be read.
    mutating func rebuild() throws {
        rebuilds += 1
        isChecked = true
        var known: [CacheKey: UInt64] = [:]
        if let old = MappedIndex(folder.index) {
            for entry in old.entries { known[entry.key] = entry.lastUsed }
        }
        try replace(
            with: folder.entries().map {
                // An empty slot is one of no bytes.
                IndexEntry(key: $0.key, bytes: max(1, $0.bytes), lastUsed: known[$0.key] ?? $0.modified)
            }
        )
    }

    /// Adds an entry, or replaces that of its key.
    ///
    /// - Throws: ``SegmentationError`` if the index cannot be written.
    mutating func insert(_ entry: IndexEntry) throws {
        guard let mapped = current() else { return try rebuild() }
        let (found, free) = mapped.find(entry.key)
        let used = mapped.header(IndexFormat.Header.used)
        let removed = mapped.header(IndexFormat.Header.removed)
        if found == nil, IndexFormat.isCrowded(used &+ removed &+ 1, of: mapped.slots) {
            return try replace(with: mapped.entries + [entry])
        }
        guard let slot = found?.index ?? free else { return try rebuild(adding: entry) }
        var wasRemoved = false
        if case .removed? = mapped.slot(slot) { wasRemoved = true }
        let total = mapped.header(IndexFormat.Header.total) &- (found?.entry.bytes ?? 0) &+ entry.bytes
        try change(mapped) {
            mapped.write(entry.words, toSlot: slot)
                && mapped.write(
                    [used &+ (found == nil ? 1 : 0), removed &- (wasRemoved ? 1 : 0), total].map { UInt64(max(0, $0)) },
                    at: IndexFormat.Header.used
                )
        }
    }

    /// Removes an entry if there is one.
    ///
    /// - Throws: ``SegmentationError`` if the index cannot be written.
    mutating func remove(_ key: CacheKey) throws {
        guard let mapped = current(), let found = mapped.find(key).found else { return }
        let check = IndexFormat.hash(0, 0, IndexFormat.removed)
        let used = mapped.header(IndexFormat.Header.used) &- 1
        let removed = mapped.header(IndexFormat.Header.removed) &+ 1
        let total = mapped.header(IndexFormat.Header.total) &- found.entry.bytes
        try change(mapped) {
            mapped.write([0, 0, IndexFormat.removed, 0, check], toSlot: found.index)
                && mapped.write(
                    [used, removed, total].map { UInt64(max(0, $0)) },
                    at: IndexFormat.Header.used
                )
        }
    }

    /// A process that ends within `body` leaves the mark, and the next one makes the index again.
    private func change(_ mapped: MappedIndex, _ body: () -> Bool) throws {
        guard mapped.write([1], at: IndexFormat.Header.changing), body(),
            mapped.write([0], at: IndexFormat.Header.changing)
        else { throw AtomicFile.failure(errno, writing: folder.index) }
    }

    private mutating func rebuild(adding entry: IndexEntry) throws {
        try rebuild()
        try replace(with: entries().filter { $0.key != entry.key } + [entry])
    }

    /// Writes a new index beside the old one and renames it.
    private mutating func replace(with entries: [IndexEntry]) throws {
        let slots = IndexFormat.slots(for: entries.count)
        var words = [UInt64](repeating: 0, count: IndexFormat.bytes(slots: slots) / 8)
        var total = 0
        for entry in entries {
            var slot = Int(truncatingIfNeeded: entry.key.hash.low & UInt64(slots - 1))
            func first(_ slot: Int) -> Int { (IndexFormat.headerBytes + slot * IndexFormat.slotBytes) / 8 }
            while words[first(slot) + 2] != 0 { slot = (slot + 1) & (slots - 1) }
            words.replaceSubrange(first(slot)..<(first(slot) + 5), with: entry.words)
            total += entry.bytes
        }
        let header = [
            IndexFormat.magic, UInt64(slots), 0, UInt64(entries.count), 0, UInt64(total),
            IndexFormat.check(slots: slots),
        ]
        words.replaceSubrange(0..<header.count, with: header)
        // Written, not only made longer: every block is there before anyone maps it.
        let bytes = words.map(\.littleEndian).withUnsafeBytes { Data($0) }
        try AtomicFile.write(bytes, to: folder.url.appending(path: CacheFolder.indexName))
        mapped = MappedIndex(folder.index)
    }
}
