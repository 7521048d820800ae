public import Foundation
import SegCore

/// The visible entries of a folder, on the disk or in a zip archive, in natural order: `2` before `10`.
public struct FolderListing: Hashable, Sendable {
    /// The files.
    public let files: [URL]
    /// The folders; archives are listed as files.
    public let folders: [URL]

    /// Lists a folder. Hidden entries, and those that macOS adds to archives, are left out.
    ///
    /// Throws: ``SegmentationError`` naming the folder if there is none, it cannot be listed, or it lies in an archive
    /// that is damaged.
    public init(_ folder: URL) throws {
        switch FileLocation(folder) {
        case .missing:
            throw SegmentationError(folder.path, "the folder does not exist", cure: "check the path")
        case .file:
            throw SegmentationError(folder.path, "this is a file, not a folder", cure: "give the folder it lies in")
        case .folder:
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            } catch {
                throw SegmentationError(folder.path, "the folder cannot be listed", cure: "check its permissions")
            }
            var isFolder: [String: Bool] = [:]
            for name in names where !name.hasPrefix(".") {
                var result: ObjCBool = false
                let path = folder.appendingPathComponent(name).path
                // A link that leads nowhere is no file.
                guard FileManager.default.fileExists(atPath: path, isDirectory: &result) else { continue }
                isFolder[name] = result.boolValue
            }
            self.init(folder, isFolder)
        case .archive(let path, let entry):
            let archive = try OpenArchives.shared.archive(at: path)
            guard let children = archive.children(of: entry) else {
                throw SegmentationError(
                    folder.path,
                    "the archive \(path) has no such folder",
                    cure: "check the path, or download the archive again"
                )
            }
            self.init(folder, children)
        }
    }

    private init(_ folder: URL, _ isFolder: [String: Bool]) {
        let names = isFolder.keys.naturallySorted()
        files = names.filter { isFolder[$0] == false }.map { folder.appendingPathComponent($0, isDirectory: false) }
        folders = names.filter { isFolder[$0] == true }.map { folder.appendingPathComponent($0, isDirectory: true) }
    }
}
