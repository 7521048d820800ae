import Foundation
import SegCore
import SegFiles

/// A lock that one process at a time holds, by a file that names its holder.
///
/// `flock` on an open file: it ends with the process, however that ends, and also holds between computers where the file
/// system passes locks on, as NFS does. The file is removed at the end. On a file system without locks nobody is held up, and
/// ``warning(of:)`` says so.
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
                guard reason == EWOULDBLOCK else {
                    guard Self.unsupported.contains(reason) else { throw Self.failure(reason, file.path) }
                    return .success(FolderLock(dup(descriptor), file.path))
                }
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

    /// Does something short that one process at a time may do, and waits for its turn.
    ///
    /// - Throws: what `body` throws; ``SegmentationError`` if another process keeps the lock for 20 s.
    static func inTurn<Result>(_ file: URL, _ body: () throws -> Result) throws -> Result {
        var holder: Holder?
        for _ in 0..<400 {
            switch try take(file) {
            case .success(let lock): return try withExtendedLifetime(lock, body)
            // Each attempt has waited for some 50 ms.
            case .failure(let other): holder = other
            }
        }
        throw SegmentationError(
            file.path,
            "\(holder?.description ?? "another process") keeps it locked",
            cure: "end that process, and run the same command again"
        )
    }

    /// What a reader should know where the file system of a folder does not lock files: nothing there keeps two processes apart.
    /// `nil` where it does.
    ///
    /// - Throws: ``SegmentationError`` if no file can be made there, or locking fails for another reason.
    static func warning(of folder: URL) throws -> String? {
        let probe = folder.appending(path: ".segkit-lock-\(ProcessInfo.processInfo.processIdentifier)")
        let descriptor = open(probe.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw AtomicFile.failure(errno, writing: probe.path) }
        defer {
            unlink(probe.path)
            close(descriptor)
        }
        var reason: Int32 = 0
        repeat { reason = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno } while reason == EINTR
        if reason == 0 || reason == EWOULDBLOCK { return nil }
        guard unsupported.contains(reason) else { throw failure(reason, folder.path) }
        return
            "warning: \(folder.path): the file system does not lock files (\(String(cString: strerror(reason)))), so that "
            + "nothing keeps two runs apart here: make sure yourself that no two processes run the same training"
    }

    /// How `flock` fails where the file system does not have it: Lustre mounted without it, NFS without its daemon, some of FUSE.
    private static let unsupported: Set<Int32> = [ENOLCK, ENOTSUP, EOPNOTSUPP, ENOSYS]

    private static func failure(_ reason: Int32, _ path: String) -> SegmentationError {
        SegmentationError(
            path,
            "it cannot be locked: \(String(cString: strerror(reason)))",
            cure: "check the disk, or name another output folder with `--output`"
        )
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
