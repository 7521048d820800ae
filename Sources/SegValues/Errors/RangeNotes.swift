import Synchronization

/// The ranges that settings are checked against, noted instead of enforced.
///
/// While ``current`` is set, `require` notes its range under its key and accepts every value. A reference of settings so
/// states the very ranges that their reader checks.
package final class RangeNotes: Sendable {
    @TaskLocal package static var current: RangeNotes?

    private let state = Mutex((prefix: [String](), ranges: [String: String]()))

    package init() {}

    /// The ranges in words, by key.
    package var ranges: [String: String] { state.withLock { $0.ranges } }

    func note(_ key: String, _ range: String) {
        state.withLock { $0.ranges[($0.prefix + [key]).joined(separator: ".")] = range }
    }

    fileprivate func enter(_ key: String) { state.withLock { $0.prefix.append(key) } }
    fileprivate func leave() { state.withLock { _ = $0.prefix.popLast() } }
}

/// Runs checks of settings that stand under a key of others; their errors and ranges have it before their own keys.
package func requireWithin(_ key: String, _ checks: () throws -> Void) throws {
    RangeNotes.current?.enter(key)
    defer { RangeNotes.current?.leave() }
    do {
        try checks()
    } catch let error as SegmentationError {
        throw error.within(key)
    }
}
