public import Foundation
import SegFiles
import SegTensor

/// Tensors that took time to make, kept on the disk under the hash of everything that shaped them.
///
/// An entry is used only if every checksum of it is right; a damaged, truncated or foreign one is made again and
/// reported. The cache never fails: where it cannot be read or written, things are made as if there were none, with one
/// warning. Several threads and several processes may use a folder at once.
///
/// The folder's size is bounded; the entries that were used longest ago go first, and none that was used since the cache was
/// opened: what is read in order and does not fit would otherwise push out each entry before its turn comes again, and every
/// pass would find nothing. So a part stays, and is found by every pass: once something was found, nothing goes either that the last
/// pass used later, as its turn is still to come, whichever thread gets there first. Files are written under a temporary
/// name and renamed. They are not forced to the disk: after a power failure an entry may be torn, which its checksums
/// notice.
public final class TensorCache: Sendable {
    /// Where the entries are.
    public let folder: URL
    /// The most bytes of all entries' files.
    public let maximumBytes: Int

    let files: CacheFolder
    private let warning: @Sendable (String) -> Void
    private let state: Locked<State>
    /// When the cache was opened, ns since 1970.
    private let opened = currentTime()

    private struct State {
        var index: CacheIndex
        var report = Report()
        var isOpen = false
        /// Whether entries are still written; not after the first failure.
        var isStoring = true
        /// Whether all room is taken by what was used since the cache was opened, or is about to be.
        var isFull = false
        /// The latest of the times at which what was found had been used before: how far this pass has come in the order of the
        /// last one. `nil` while nothing was found.
        var reached: UInt64?
        var hasWarned = false
    }

    /// A cache in a folder, which is made when the first entry is stored.
    ///
    /// - Parameters:
    ///   - maximumBytes: the most bytes of all entries' files; at least 1.
    ///   - warning: called at most once, with one sentence, if the cache cannot be used.
    public init(folder: URL, maximumBytes: Int, warning: @escaping @Sendable (String) -> Void = { _ in }) {
        precondition(maximumBytes > 0, "a cache needs room")
        self.folder = folder
        self.maximumBytes = maximumBytes
        self.warning = warning
        files = CacheFolder(folder)
        state = Locked(State(index: CacheIndex(folder: files)))
    }

    /// What the cache has done since it was made.
    public var report: Report { state.withLock { $0.report } }

    /// The record of a key: from the cache if it is there and whole, else made and stored.
    ///
    /// - Parameter name: what the entry is, for the report: `case010 of BrEaST`.
    /// - Parameter make: makes the record. Threads that ask for one key at the same time may each make it.
    ///
    /// - Throws: what `make` throws, and nothing else.
    public func record(for key: CacheKey, name: String, make: () throws -> TensorRecord) rethrows -> TensorRecord {
        try value(for: key, name: name, read: { $0 }, make: make, record: { $0 })
    }

    /// A value that is stored as a record: read from the cache's record if that is there and whole, else made and
    /// stored.
    ///
    /// - Parameters:
    ///   - name: what the entry is, for the report.
    ///   - read: the value of a record; `nil` if the record is not one of such a value, which counts as damage.
    ///   - make: makes the value.
    ///   - record: the record of a value that was made; `nil` if it is not to be stored.
    ///
    /// - Throws: what `make` throws, and nothing else.
    public func value<Value>(
        for key: CacheKey,
        name: String,
        read: (TensorRecord) -> Value?,
        make: () throws -> Value,
        record: (Value) -> TensorRecord?
    ) rethrows -> Value {
        var problem: String?
        switch load(key) {
        case .missing: break
        case .damaged(let reason): problem = reason
        case .found(let found, let bytes):
            if let value = read(found) {
                noteHit(key, bytes: bytes)
                return value
            }
            problem = "its tensors are not those of such an entry"
        }
        state.withLock { state in
            if let problem {
                state.report.rebuilt.append(.init(name: name, key: key, reason: problem))
            } else {
                state.report.misses += 1
            }
        }
        let value = try make()
        if let record = record(value) { store(record, for: key) }
        return value
    }

    // MARK: Reading

    private enum Loaded {
        case missing
        case damaged(String)
        case found(TensorRecord, bytes: Int)
    }

    private func load(_ key: CacheKey) -> Loaded {
        switch EntryFile.read(files.path(of: key)) {
        case .missing: return .missing
        case .unreadable(let reason): return .damaged(reason)
        case .bytes(let bytes):
            do {
                let record = try bytes.withUnsafeBytes { file in try TensorRecord(decoding: file, key: key) }
                return .found(record, bytes: bytes.count)
            } catch {
                return .damaged("\(error)")
            }
        }
    }

    private func noteHit(_ key: CacheKey, bytes: Int) {
        state.withLock { state in
            state.report.hits += 1
            let now = currentTime()
            if let before = state.index.touch(key, at: now) {
                state.reached = max(state.reached ?? 0, before)
                return
            }
            guard state.isStoring else { return }
            // Written by a process that ended before it could note the entry, or the index was lost.
            change(&state) { index, _ in try index.insert(IndexEntry(key: key, bytes: bytes, lastUsed: now)) }
        }
    }

    // MARK: Writing

    private func store(_ record: TensorRecord, for key: CacheKey) {
        let isWanted = state.withLock { state in
            if state.isFull { state.report.passedOver += 1 }
            return state.isStoring && !state.isFull
        }
        guard record.byteCount <= TensorRecordFormat.maximumBytes, isWanted else { return }
        let bytes = record.encoded(for: key)
        guard bytes.count <= maximumBytes else { return }
        state.withLock { state in
            guard state.isStoring else { return }
            var isFull = false
            let expendable = state.reached.map { min(opened, $0 - min($0, Self.spread)) } ?? opened
            change(&state) { index, report in
                let room = maximumBytes - bytes.count + (index.entry(key)?.bytes ?? 0)
                report.evictions += try evict(&index, to: room, usedBefore: expendable)
                guard index.totalBytes() <= max(0, room) else {
                    isFull = true
                    report.passedOver += 1
                    return
                }
                // Noted before it is there: a process that ends in between leaves too high a sum, not a file unknown.
                try index.insert(IndexEntry(key: key, bytes: bytes.count, lastUsed: currentTime()))
                do {
                    try EntryFile.write(bytes, to: files.path(of: key))
                } catch {
                    try? index.remove(key)
                    throw error
                }
                report.stored += 1
            }
            state.isFull = isFull
        }
    }

    /// How far apart threads may be that read in order, ns.
    private static let spread: UInt64 = 10_000_000_000

    /// Removes what was used longest ago, and before `time`, until the entries take no more than `room`; how many entries that
    /// were.
    private func evict(_ index: inout CacheIndex, to room: Int, usedBefore time: UInt64) throws -> Int {
        guard index.totalBytes() > room else { return 0 }
        // A tenth more than needed, so that not every new entry sorts all others.
        return try index.evict(to: room - maximumBytes / 10, usedBefore: time)
    }

    /// Changes the folder under its lock. The first failure ends all storing, with one warning.
    private func change(_ state: inout State, _ body: (inout CacheIndex, inout Report) throws -> Void) {
        do {
            let isFirst = !state.isOpen
            // Somebody may have removed the folder meanwhile.
            if isFirst || !files.exists { try files.prepare() }
            let lock = try CacheLock(files.lock)
            if isFirst { files.sweep(now: currentTime()) }
            state.isOpen = true
            try state.index.prepareForChanges()
            try body(&state.index, &state.report)
            _ = consume lock
        } catch {
            state.isStoring = false
            guard !state.hasWarned else { return }
            state.hasWarned = true
            warning("no more entries are stored in the cache: \(error)")
        }
    }
}

extension TensorCache {
    /// What a cache has done since it was made.
    public struct Report: Hashable, Sendable {
        /// Entries that were read.
        public var hits = 0
        /// Entries that were not there.
        public var misses = 0
        /// Entries that were there but damaged, and were made again.
        public var rebuilt: [Rebuilt] = []
        /// Entries that were written.
        public var stored = 0
        /// Entries that were removed to make room.
        public var evictions = 0
        /// Entries that were not written, as all room is taken by what was used since the cache was opened.
        public var passedOver = 0

        public init() {}

        /// A damaged entry.
        public struct Rebuilt: Hashable, Sendable {
            /// What the entry is.
            public var name: String
            /// Its key.
            public var key: CacheKey
            /// What is wrong with its file.
            public var reason: String
        }
    }
}
