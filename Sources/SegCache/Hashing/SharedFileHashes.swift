package import Foundation
import SegFiles
import SegTensor

/// Hashes of files that several records name, such as a file of annotations or a stack of pages: each is made once for all.
///
/// A file of one record is hashed each time it is asked for, as it may change while it is read. One of many would be read as
/// often as there are records. The file system says whether it changed: its size, its times and which file it is.
package final class SharedFileHashes: Sendable {
    private let shared: Set<String>
    private let reading: @Sendable (URL) throws -> ContentHash
    private let known = Locked<[String: (stamp: Stamp, hash: ContentHash)]>([:])

    /// - Parameters:
    ///   - files: the files of all records, each as often as a record names it.
    ///   - reading: hashes a file.
    package init(
        _ files: some Sequence<URL>,
        reading: @escaping @Sendable (URL) throws -> ContentHash = { try ContentHash(ofFile: $0) }
    ) {
        self.reading = reading
        var seen: Set<String> = []
        var shared: Set<String> = []
        for file in files where !seen.insert(file.path).inserted { shared.insert(file.path) }
        self.shared = shared
    }

    /// The hash of a file's bytes, in an archive as on the disk.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read.
    package func hash(of file: URL) throws -> ContentHash {
        guard shared.contains(file.path) else { return try reading(file) }
        // Under the lock, so that threads that come at the same time do not all read it.
        return try known.withLock { known in
            let stamp = Stamp(file)
            if let stamp, let found = known[file.path], found.stamp == stamp { return found.hash }
            let hash = try reading(file)
            if let stamp, Stamp(file) == stamp { known[file.path] = (stamp, hash) }
            return hash
        }
    }

    /// What the file system says about a file. Of one in an archive it is what it says about the archive.
    private struct Stamp: Hashable {
        private let device: UInt64
        private let file: UInt64
        private let bytes: Int64
        private let times: [Int]

        /// `nil` if there is none.
        init?(_ file: URL) {
            var status = stat()
            var above = PathsAbove(file.path)
            var place = file.path
            // A path may lead on into an archive; the folder of a file that was removed is not taken for it.
            while stat(place, &status) != 0 {
                guard errno == ENOTDIR, let next = above.next() else { return nil }
                place = next
            }
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            self.file = UInt64(truncatingIfNeeded: status.st_ino)
            bytes = Int64(status.st_size)
            #if canImport(Darwin)
            let (written, changed) = (status.st_mtimespec, status.st_ctimespec)
            #else
            let (written, changed) = (status.st_mtim, status.st_ctim)
            #endif
            times = [Int(written.tv_sec), Int(written.tv_nsec), Int(changed.tv_sec), Int(changed.tv_nsec)]
        }
    }
}
