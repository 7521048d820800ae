import Foundation

extension CacheIndex {
    /// Removes the entries that were used longest ago, with their files, until the others take no more than `room`
    /// bytes; how many. The caller holds the folder's lock.
    ///
    /// - Parameter time: what was used then or later stays, whatever room it takes.
    mutating func evict(to room: Int, usedBefore time: UInt64 = .max) throws -> Int {
        var total = totalBytes()
        var count = 0
        for entry in entries().sorted(by: { ($0.lastUsed, $0.key.hash.high) < ($1.lastUsed, $1.key.hash.high) }) {
            guard total > max(0, room), entry.lastUsed < time else { break }
            // One that cannot be removed stays known.
            guard unlink(folder.path(of: entry.key)) == 0 || errno == ENOENT else { continue }
            try remove(entry.key)
            total -= entry.bytes
            count += 1
        }
        return count
    }
}
