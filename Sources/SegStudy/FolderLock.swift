import Foundation
import SegCore
import SegFiles

/// A lock that one process at a time holds, by a file that names its holder.
///
/// `flock` on an open file: it ends with the process, however that ends, and also holds between computers where the file
/// system passes locks on, as NFS does. The file is removed at the end. On a file system without locks nobody is held up.
final class FolderLock {
    private let descriptor: Int32
    private let path: String

    /// Takes the lock, or says who holds it.
    ///
    /// - Throws: ``SegmentationError`` if the file cannot be made.
    static func take(_ file: URL) throws -> Result<FolderLock, Holder> {
        // Who asks for the holder's name holds the lock for a moment.
        var patience = 10
        while true {
            let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw AtomicFile.failure(errno, writing: file.path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                defer { close(descriptor) }
                if reason == EINTR { continue }
                if reason != EWOULDBLOCK { return .success(FolderLock(dup(descriptor), file.path)) }
                patience -= 1
                if patience > 0 {
                    usleep(5000)
                    continue
                }
                return .failure(Holder(reading: descriptor))
            }
            // The former holder may have removed the file meanwhile; then the next process would lock another one.
            var (locked, current) = (stat(), stat())
            if fstat(descriptor, &locked) == 0, stat(file.path, &current) == 0, locked.st_ino == current.st_ino {
                return .success(FolderLock(descriptor, file.path))
            }
            close(descriptor)
        }
    }

    /// Who holds a lock now; `nil` if nobody does. Makes no file.
    static func holder(of file: URL) -> Holder? {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // Closing gives back what was taken to ask.
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK ? Holder(reading: descriptor) : nil
    }

    private init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
        let text = Array("process \(getpid()) on \(ProcessInfo.processInfo.hostName)".utf8)
        // Only a name for messages: on a full disk the lock holds all the same.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// The process that holds a lock.
    struct Holder: Error, CustomStringConvertible {
        /// `process 123 on node7`.
        let description: String

        init(reading descriptor: Int32) {
            var bytes = [UInt8](repeating: 0, count: 300)
            let count = pread(descriptor, &bytes, bytes.count, 0)
            // It may not have written its name yet.
            description = count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "another process"
        }
    }
}
