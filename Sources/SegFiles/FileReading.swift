public import Foundation
import SegCore

/// Whole files, on the disk or in a zip archive, with errors that a user can act on.
///
/// An archive counts as a folder: `data/BUSI.zip/benign/benign (1).png` is the entry `benign/benign (1).png` of
/// `data/BUSI.zip`. Since no path leads through a file, such a path is never ambiguous. So every adapter that lists with
/// ``FolderListing`` and reads through an `ImageDecoder` takes a data set as it was downloaded.
public enum FileReading {
    /// The bytes of a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file, if it is missing, a folder, unreadable or, in an archive,
    ///   damaged.
    public static func contents(of file: URL) throws -> Data {
        switch FileLocation(file) {
        case .missing:
            throw SegmentationError(file.path, "the file does not exist", cure: "check the path, or restore the file")
        case .folder, .archive(_, ""):
            throw SegmentationError(file.path, "this is a folder, not a file", cure: "give the path of a file in it")
        case .file:
            do {
                return try Data(contentsOf: file)
            } catch {
                if let kind = Self.specialKind(of: file) {
                    throw SegmentationError(
                        file.path,
                        "this is not a file but \(kind), which has no contents to read",
                        cure: "remove it, or put the file in its place"
                    )
                }
                throw SegmentationError(
                    file.path,
                    "the file cannot be read",
                    cure: "check its permissions and the disk it lies on"
                )
            }
        case .archive(let path, let entry):
            let archive = try OpenArchives.shared.archive(at: path)
            if let contents = try archive.contents(of: entry) { return contents }
            throw SegmentationError(
                file.path,
                archive.isFolder(entry)
                    ? "this is a folder, not a file" : "the archive \(path) has no such file",
                cure: "check the path, or download the archive again"
            )
        }
    }

    /// What an entry of a folder is that is not a file, with its article; `nil` for files, folders and what is not there.
    private static func specialKind(of file: URL) -> String? {
        var status = stat()
        guard stat(file.path, &status) == 0 else { return nil }
        return switch status.st_mode & S_IFMT {
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: nil
        }
    }

    /// Whether there is a file of this path, on the disk or in an archive.
    public static func isFile(_ file: URL) -> Bool {
        switch FileLocation(file) {
        case .file: true
        case .archive(let path, let entry) where !entry.isEmpty:
            (try? OpenArchives.shared.archive(at: path))?.isFile(entry) ?? false
        case .folder, .missing, .archive: false
        }
    }

    /// Whether there is a folder of this path, on the disk or in an archive; an archive is a folder itself.
    public static func isFolder(_ folder: URL) -> Bool {
        switch FileLocation(folder) {
        case .folder: true
        case .archive(let path, let entry):
            (try? OpenArchives.shared.archive(at: path))?.isFolder(entry) ?? false
        case .file, .missing: false
        }
    }
}

/// Where a path leads.
enum FileLocation: Hashable {
    case missing
    case folder
    case file
    /// An entry of the zip archive at a path; the empty entry is the archive itself, as a folder.
    case archive(path: String, entry: String)

    init(_ url: URL) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
            self =
                isFolder.boolValue
                ? .folder : Self.isArchive(url) ? .archive(path: url.path, entry: "") : .file
            return
        }
        for ancestor in PathsAbove(url.path)
        where FileManager.default.fileExists(atPath: ancestor, isDirectory: &isFolder) {
            let inner = url.path.dropFirst(ancestor.count).split(separator: "/").joined(separator: "/")
            self =
                !isFolder.boolValue && Self.isArchive(URL(fileURLWithPath: ancestor))
                ? .archive(path: ancestor, entry: inner) : .missing
            return
        }
        self = .missing
    }

    /// By name: spreadsheets are zip archives as well, and are files to everyone.
    private static func isArchive(_ file: URL) -> Bool { file.pathExtension.lowercased() == "zip" }
}
