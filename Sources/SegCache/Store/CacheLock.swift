import Foundation
import SegCore
import SegFiles

/// The lock of a cache's folder: one process, and one thread of it, adds and removes files at a time.
///
/// `flock` on an open file: it ends with the process, however that ends, and holds between threads that opened the file
/// on their own.
struct CacheLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for the lock.
    ///
    /// - Throws: ``SegmentationError`` if the file cannot be made or others hold the lock for too long.
    init(_ path: String, patience: Double = 20) throws {
        let deadline = currentTime() + UInt64(patience * 1e9)
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw AtomicFile.failure(errno, writing: path) }
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                let reason = errno
                guard reason == EWOULDBLOCK || reason == EINTR else {
                    close(descriptor)
                    throw SegmentationError(
                        path,
                        "the file system does not lock files (\(String(cString: strerror(reason))))",
                        cure: "name a folder on another disk in SEGKIT_CACHE"
                    )
                }
                guard currentTime() < deadline else {
                    close(descriptor)
                    throw SegmentationError(
                        path,
                        "another process keeps the cache locked",
                        cure: "end it, or name another folder in SEGKIT_CACHE"
                    )
                }
                usleep(500)
            }
            // Somebody may have removed the file meanwhile; then the next process would lock another one.
            var (locked, current) = (stat(), stat())
            if fstat(descriptor, &locked) == 0, stat(path, &current) == 0, locked.st_ino == current.st_ino {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit { close(descriptor) }
}
