public import Foundation
import SegCore

/// The visible entries of a folder, on the disk or in a zip archive, in natural order: `2` before `10`.
public struct FolderListing: Hashable, Sendable {
    /// The files.
    public let files: [URL]
    /// The folders; archives are listed as files.
    public let folders: [URL]

    /// Lists a folder. Hidden entries but pictures, and those that macOS adds to archives, are left out.
    ///
    /// - Throws: ``SegmentationError`` naming the folder if there is none, it cannot be listed, or it lies in an
    ///   archive that is damaged; and naming a link that leads nowhere, a name that is not in UTF-8, and two names that
    ///   read alike.
    public init(_ folder: URL) throws {
        switch FileLocation(folder) {
        case .missing:
            throw SegmentationError(folder.path, "the folder does not exist", cure: "check the path")
        case .file:
            throw SegmentationError(folder.path, "this is a file, not a folder", cure: "give the folder it lies in")
        case .folder:
            self.init(folder, try FolderEntries.read(folder))
        case .archive(let path, let entry):
            let archive = try OpenArchives.shared.archive(at: path)
            guard let children = archive.children(of: entry) else {
                throw SegmentationError(
                    folder.path,
                    "the archive \(path) has no such folder",
                    cure: "check the path, or download the archive again"
                )
            }
            self.init(folder, children.map { ($0.key, $0.value) })
        }
    }

    private init(_ folder: URL, _ entries: [(name: String, isFolder: Bool)]) {
        func urls(areFolders: Bool) -> [URL] {
            entries.filter { $0.isFolder == areFolders }.map(\.name).naturallySorted()
                .map { folder.appendingPathComponent($0, isDirectory: areFolders) }
        }
        files = urls(areFolders: false)
        folders = urls(areFolders: true)
    }
}
