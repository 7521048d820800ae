public import Foundation
import SegCore

extension TensorCache {
    /// What is in a cache's folder.
    public struct Status: Hashable, Sendable {
        /// How many entries there are.
        public var entries = 0
        /// Bytes of their files.
        public var bytes = 0
        /// Bytes of their tensors, not compressed, as their headers claim.
        public var tensorBytes = 0
        /// The least recent use of an entry.
        public var oldestUse: Date?
        /// The most recent use of an entry.
        public var newestUse: Date?
        /// Files in the folder that no cache made.
        public var strangers: [String] = []
    }

    /// A damaged entry.
    public struct Damage: Hashable, Sendable {
        /// The entry's file.
        public var file: String
        /// What is wrong with it.
        public var reason: String
    }

    /// Entries that were removed.
    public struct Removal: Hashable, Sendable {
        /// How many.
        public var entries: Int
        /// Bytes of their files.
        public var bytes: Int
    }

    /// Whether the folder contains a cache.
    public var exists: Bool { files.isTagged }

    /// What is in the folder.
    ///
    /// - Throws: ``SegmentationError`` if the folder is not a cache or cannot be listed.
    public func status() throws -> Status {
        try files.requireOurs()
        var index = CacheIndex(folder: files)
        var lastUsed: [CacheKey: UInt64] = [:]
        for entry in index.entries() { lastUsed[entry.key] = entry.lastUsed }
        var status = Status()
        var uses: [UInt64] = []
        for entry in try files.entries() {
            status.entries += 1
            status.bytes += entry.bytes
            status.tensorBytes += EntryFile.claimedBytes(files.path(of: entry.key)) ?? 0
            uses.append(lastUsed[entry.key] ?? entry.modified)
        }
        func date(_ time: UInt64) -> Date { Date(timeIntervalSince1970: Double(time) / 1e9) }
        status.oldestUse = uses.min().map(date)
        status.newestUse = uses.max().map(date)
        status.strangers = try files.strangers()
        return status
    }

    /// Reads and decompresses every entry, as if it were used.
    ///
    /// - Parameters:
    ///   - repair: whether damaged entries are removed, so that they are made again when they are next asked for.
    ///   - progress: called with the number of entries done and of all; an error that it throws ends the work.
    ///
    /// - Throws: ``SegmentationError`` if the folder is not a cache or cannot be read or, for a repair, written.
    public func verify(
        repair: Bool = false,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [Damage] {
        try files.requireOurs()
        let keys = try files.entries().map(\.key)
        var damages: [(key: CacheKey, damage: Damage)] = []
        for (number, key) in keys.enumerated() {
            if let reason = reasonOfDamage(key) {
                damages.append((key, Damage(file: files.path(of: key), reason: reason)))
            }
            try progress(number + 1, keys.count)
        }
        if repair, !damages.isEmpty {
            let lock = try CacheLock(files.lock)
            // Another process may have made it again meanwhile.
            for (key, damage) in damages where reasonOfDamage(key) != nil { unlink(damage.file) }
            var index = CacheIndex(folder: files)
            try index.rebuild()
            _ = consume lock
        }
        return damages.map(\.damage)
    }

    private func reasonOfDamage(_ key: CacheKey) -> String? {
        switch EntryFile.read(files.path(of: key)) {
        case .missing: return nil
        case .unreadable(let reason): return reason
        case .bytes(let bytes):
            do {
                _ = try bytes.withUnsafeBytes { try TensorRecord(decoding: $0, key: key) }
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    /// Removes the entries that were used longest ago until the others have no more than so many bytes.
    ///
    /// - Throws: ``SegmentationError`` if the folder is not a cache or cannot be written to.
    public func prune(to bytes: Int) throws -> Removal {
        try remove { index in _ = try index.evict(to: bytes) }
    }

    /// Removes all entries and the index, and nothing that no cache made.
    ///
    /// - Throws: ``SegmentationError`` if the folder is not a cache or cannot be written to.
    public func clear() throws -> Removal {
        try remove { _ in try files.removeAll() }
    }

    private func remove(_ body: (inout CacheIndex) throws -> Void) throws -> Removal {
        try files.requireOurs()
        let lock = try CacheLock(files.lock)
        files.sweep(now: currentTime())
        let before = try files.entries()
        var index = CacheIndex(folder: files)
        try index.rebuild()
        try body(&index)
        let after = try files.entries()
        _ = consume lock
        return Removal(
            entries: before.count - after.count,
            bytes: before.reduce(0) { $0 + $1.bytes } - after.reduce(0) { $0 + $1.bytes }
        )
    }
}
