import Foundation
import SegCore
import SegTensor

/// The archives that the process reads from, each with its directory in memory.
///
/// A data set is thousands of entries of one archive; its directory is read once, and again when the file on the disk
/// is another one.
final class OpenArchives: Sendable {
    static let shared = OpenArchives()

    /// What tells one file from another that takes its place.
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
        var count: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private let archives = Locked<[String: (identity: Identity, archive: ZipArchive)]>([:])

    /// - Throws: ``SegmentationError`` naming the archive if it cannot be read or is damaged.
    func archive(at path: String) throws -> ZipArchive {
        let identity = Self.identity(of: path)
        return try archives.withLock { archives in
            if let identity, let open = archives[path], open.identity == identity { return open.archive }
            let archive = try ZipArchive(file: URL(fileURLWithPath: path))
            if let identity { archives[path] = (identity, archive) }
            return archive
        }
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        return Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            count: Int64(status.st_size),
            seconds: Int(modified.tv_sec),
            nanoseconds: Int(modified.tv_nsec)
        )
    }
}
