package import Foundation
internal import SegCore

/// Writes a file so that it either appears whole under its name or not at all.
///
/// The bytes go to a temporary file in the same folder, are synchronised to the disk, and the file is then renamed:
/// a reader never sees a half-written file, and a failure leaves the previous one as it was.
///
/// - Throws: `SegmentationError` naming `url` if the folder is missing, not writable or full; whatever `body` throws. The
///   temporary file is removed in every case.
package func writeAtomically(to url: URL, _ body: (borrowing FileSink) throws -> Void) throws {
    let folder = url.deletingLastPathComponent().path
    let (descriptor, temporary) = try openTemporaryFile(in: folder, for: url)
    var isOpen = true
    do {
        let sink = FileSink(descriptor: descriptor, destination: url)
        try body(sink)
        guard fsync(descriptor) == 0 else { throw writeError(url, errno) }
        isOpen = false
        // Network file systems report a full disk only here.
        guard close(descriptor) == 0 else { throw writeError(url, errno) }
        guard rename(temporary, url.path) == 0 else { throw writeError(url, errno) }
    } catch {
        if isOpen { close(descriptor) }
        unlink(temporary)
        throw error
    }
    // Makes the new name itself durable. The file is whole by now, and some file systems cannot do this: no error.
    let folderDescriptor = open(folder, O_RDONLY)
    if folderDescriptor >= 0 {
        _ = fsync(folderDescriptor)
        close(folderDescriptor)
    }
}

/// Where ``writeAtomically(to:_:)`` takes its bytes.
package struct FileSink: ~Copyable {
    private let descriptor: Int32
    private let destination: URL

    fileprivate init(descriptor: Int32, destination: URL) {
        self.descriptor = descriptor
        self.destination = destination
    }

    /// Appends bytes.
    ///
    /// - Throws: `SegmentationError` naming the file that is being written.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                throw writeError(destination, written == 0 ? ENOSPC : errno)
            }
        }
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}

private func openTemporaryFile(in folder: String, for url: URL) throws -> (descriptor: Int32, path: String) {
    // A short name of its own, as the destination's may already be as long as the file system allows.
    for attempt in 0..<1000 {
        let path = "\(folder)/.segmentation-kit-\(getpid())-\(attempt).partial"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        if descriptor >= 0 { return (descriptor, path) }
        guard errno == EEXIST || errno == EINTR else { throw writeError(url, errno) }
    }
    throw SegmentationError(
        url.path,
        "the folder holds too many unfinished files",
        cure: "delete its .segmentation-kit-*.partial files"
    )
}

private func writeError(_ url: URL, _ code: Int32) -> SegmentationError {
    let folder = url.deletingLastPathComponent().path
    switch code {
    case ENOSPC, EDQUOT:
        return SegmentationError(url.path, "the disk is full", cure: "free some space or choose another folder")
    case EACCES, EPERM, EROFS:
        return SegmentationError(
            url.path,
            "the folder \(folder) is not writable",
            cure: "change its permissions or choose another folder"
        )
    case ENOENT:
        return SegmentationError(url.path, "the folder \(folder) does not exist", cure: "create it first")
    case ENOTDIR:
        return SegmentationError(url.path, "\(folder) is not a folder", cure: "choose another folder")
    case EISDIR:
        return SegmentationError(url.path, "a folder of this name is in the way", cure: "choose another file name")
    default:
        return SegmentationError(
            url.path,
            "cannot be written (\(String(cString: strerror(code))))",
            cure: "check the folder and its disk, or choose another"
        )
    }
}
