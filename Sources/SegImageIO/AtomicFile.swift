public import Foundation
package import SegCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Files that are there completely or not at all.
public enum AtomicFile {
    /// Writes `bytes` to a temporary file beside `file`, then renames it onto `file`.
    ///
    /// A reader sees the old file or the new one, never a part; after an error nothing is left behind.
    ///
    /// Throws: ``SegmentationError`` naming `file`, with the cure for a missing or unwritable folder or a full disk.
    public static func write(_ bytes: Data, to file: URL) throws {
        let folder = file.deletingLastPathComponent().path
        let temporary = folder + "/.\(file.lastPathComponent).\(getpid())-\(nextNumber()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(errno, writing: file.path) }
        do {
            do {
                try writeAll(bytes, to: descriptor, path: file.path)
            } catch {
                close(descriptor)
                throw error
            }
            // Some file systems report a full disk only when the file is closed.
            guard close(descriptor) == 0 else { throw failure(errno, writing: file.path) }
            guard rename(temporary, file.path) == 0 else { throw failure(errno, writing: file.path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Writes all bytes to an open descriptor; `path` is for the error only.
    package static func writeAll(_ bytes: Data, to descriptor: Int32, path: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var remaining = buffer[...]
            while !remaining.isEmpty {
                let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: remaining))
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw failure(written < 0 ? errno : ENOSPC, writing: path) }
                remaining = remaining.dropFirst(written)
            }
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// The error for a failed system call, by its `errno`.
    package static func failure(_ code: Int32, writing path: String) -> SegmentationError {
        let folder = (path as NSString).deletingLastPathComponent
        let (problem, cure): (String, String) =
            switch code {
            case ENOSPC, EDQUOT: ("the disk is full", "free some space, or choose an output folder on another disk")
            case EACCES, EPERM: ("the folder may not be written to", "choose another folder, or change its permissions")
            case EROFS: ("the disk is read-only", "choose an output folder on another disk")
            case ENOENT: ("the folder \(folder) does not exist", "create it, or choose another folder")
            case ENOTDIR: ("\(folder) is not a folder", "choose another folder")
            case EISDIR, ENOTEMPTY, EEXIST: ("there is a folder of this name", "remove it, or choose another name")
            case ENAMETOOLONG: ("the file's name is too long", "choose a shorter name")
            case let other: (String(cString: strerror(other)), "check the disk, or choose another folder")
            }
        return SegmentationError(path, "the file cannot be written: \(problem)", cure: cure)
    }

    private static let counter = Atomic<Int>(0)

    private static func nextNumber() -> Int { counter.add(1, ordering: .relaxed).newValue }
}
