public import Foundation
package import SegCore
import Synchronization

/// Files that are there completely or not at all.
public enum AtomicFile {
    /// Writes `bytes` to a temporary file beside `file`, then renames it onto `file`.
    ///
    /// A reader sees the old file or the new one, never a part; after an error nothing is left behind and the old file
    /// is as it was.
    ///
    /// - Parameter durably: whether the bytes are on the disk when this returns, so that they outlast a power failure.
    ///   That costs milliseconds: for what took hours to compute, not for pictures.
    ///
    /// - Throws: ``SegmentationError`` naming `file`, with the cure for a missing or unwritable folder or a full disk.
    public static func write(_ bytes: Data, to file: URL, durably: Bool = false) throws {
        try write(to: file, durably: durably) { sink in try bytes.withUnsafeBytes { try sink.write($0) } }
    }

    /// Writes a file in pieces, otherwise as ``write(_:to:durably:)``.
    ///
    /// - Throws: ``SegmentationError`` naming `file`; whatever `body` throws.
    package static func write(to file: URL, durably: Bool, _ body: (borrowing FileSink) throws -> Void) throws {
        let place = OutputPlace(file)
        if place.kind == .strayLink { throw OutputPlace.strayLink(file) }
        if place.kind == .stream { return try writeStream(file, body) }
        // Where a link stands, the file that it leads to is replaced, and the link stays.
        let path = place.path
        let folder = (path as NSString).deletingLastPathComponent
        let (descriptor, temporary) = try openTemporaryFile(in: folder.isEmpty ? "." : folder, for: file.path)
        var isOpen = true
        do {
            try body(FileSink(descriptor: descriptor, path: file.path))
            if durably { try synchronize(descriptor, path: file.path) }
            isOpen = false
            // Some file systems report a full disk only when the file is closed.
            guard close(descriptor) == 0 else { throw failure(errno, writing: file.path) }
            guard rename(temporary, path) == 0 else { throw failure(errno, writing: file.path) }
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
        if durably { synchronize(folder: folder) }
    }

    private static func synchronize(_ descriptor: Int32, path: String) throws {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw failure(errno, writing: path) }
        }
    }

    /// Writes to a terminal, a pipe or a device such as `/dev/null`: a file in its place would be the end of it.
    private static func writeStream(_ file: URL, _ body: (borrowing FileSink) throws -> Void) throws {
        let descriptor = open(file.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, writing: file.path) }
        defer { close(descriptor) }
        try body(FileSink(descriptor: descriptor, path: file.path))
    }

    /// Removes what writes of processes that were killed left in a folder: older than a minute, and of a process that has
    /// ended here. Another machine that shares the folder takes less than that for a write, or an hour.
    package static func removeLeftovers(in folder: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where isTemporary(name) {
            let path = "\(folder.path)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let age = time(nil) - Int(status.st_mtim.tv_sec)
            let process = Int32(name.dropFirst(temporaryPrefix.count).prefix { $0.isNumber }) ?? 0
            let hasEnded = process <= 0 || (kill(process, 0) != 0 && errno == ESRCH)
            if (hasEnded && age > 60) || age > 3600 { unlink(path) }
        }
    }

    /// Whether a file is one under way, or left by a process that was killed.
    package static func isTemporary(_ name: String) -> Bool {
        name.hasPrefix(temporaryPrefix) && name.hasSuffix(temporarySuffix)
    }

    private static let temporaryPrefix = ".segmentation-kit-"
    private static let temporarySuffix = ".partial"

    /// Makes a new name in a folder durable. The file is whole by now, and some file systems cannot do this: no error.
    private static func synchronize(folder: String) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static let counter = Atomic<Int>(0)

    private static func openTemporaryFile(
        in folder: String,
        for path: String
    ) throws -> (descriptor: Int32, path: String) {
        while true {
            // A short name of its own, as the file's may already be as long as the file system allows.
            let number = counter.add(1, ordering: .relaxed).newValue
            let temporary = "\(folder)/\(temporaryPrefix)\(getpid())-\(number)\(temporarySuffix)"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, temporary) }
            // A file of this name is left from a process that was killed and had the same number.
            guard errno == EEXIST || errno == EINTR else { throw failure(errno, writing: path) }
        }
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
}

/// Where ``AtomicFile/write(to:durably:_:)`` takes its bytes.
package struct FileSink: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// - Parameter path: what errors are about.
    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SegmentationError`` naming the file that is being written.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                throw AtomicFile.failure(written == 0 ? ENOSPC : errno, writing: path)
            }
        }
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}
