public import Foundation
import SegCore

/// The place of a file that is about to be written: tested before work begins, and never that of another file.
public struct OutputPlace {
    /// What is there.
    package enum Kind: Hashable, Sendable {
        case nothing
        case file
        case folder
        /// A terminal, a pipe or a device, which takes bytes and keeps none.
        case stream
        /// A link that leads nowhere: a file that is yet to be fetched, perhaps.
        case strayLink
    }

    package let kind: Kind
    /// The path that is written to: where a link stands, that of the file that it leads to.
    package let path: String

    package init(_ file: URL) {
        var status = stat()
        var target = file.path
        let isLink = lstat(target, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        if isLink, let real = realpath(target, nil) {
            target = String(cString: real)
            free(real)
        }
        path = target
        guard stat(target, &status) == 0 else {
            kind = isLink ? .strayLink : .nothing
            return
        }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .stream
            }
    }

    /// Checks, before any work, that a file can be written, and that nothing is lost by it: what is in its place, if
    /// anything, is empty or was written by the same command.
    ///
    /// - Parameters:
    ///   - content: what is to be written, for the message: `a table of cases`.
    ///   - isOwn: Whether the file that is there was written by the same command. It is given the path.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func require(_ file: URL, for content: String, isOwn: (URL) -> Bool) throws {
        let place = OutputPlace(file)
        let target = URL(fileURLWithPath: place.path)
        switch place.kind {
        case .stream: return
        case .folder: throw AtomicFile.failure(EISDIR, writing: file.path)
        case .strayLink: throw strayLink(file)
        case .nothing: break
        case .file:
            var status = stat()
            let isEmpty = stat(place.path, &status) == 0 && status.st_size == 0
            guard isEmpty || isOwn(target) else {
                throw SegmentationError(
                    file.path,
                    "this file exists already and is not \(content), so it is not overwritten",
                    cure: "choose another name, or move the file away; nothing was written"
                )
            }
        }
        try requireWritable(target.deletingLastPathComponent(), for: file)
    }

    /// The error for a link that leads nowhere: what it stands for would be lost.
    static func strayLink(_ file: URL) -> SegmentationError {
        SegmentationError(
            file.path,
            "this is a broken link, so it is not overwritten",
            cure: "fetch what it leads to, remove it, or choose another name"
        )
    }

    /// Checks that a folder takes files: permissions do not tell all, as a disk may be read-only or full.
    ///
    /// - Throws: ``SegmentationError`` naming `file`, or the folder.
    public static func requireWritable(_ folder: URL, for file: URL? = nil) throws {
        let probe = folder.appending(path: ".segkit-\(ProcessInfo.processInfo.processIdentifier)")
        do {
            try AtomicFile.write(Data("probe".utf8), to: probe)
        } catch let error as SegmentationError {
            throw SegmentationError(file?.path ?? folder.path, error.problem, cure: error.cure)
        }
        unlink(probe.path)
    }

    /// Makes a folder for outputs, if need be, and checks that it takes files.
    ///
    /// - Throws: ``SegmentationError`` naming the folder.
    public static func requireFolder(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(
                folder.path,
                OutputPlace(folder).kind == .file ? "this is a file, not a folder" : "the folder cannot be made",
                cure: "choose a folder that is writable, on a disk with room"
            )
        }
        try requireWritable(folder)
    }
}
