import Foundation
import SegCore

/// Finds a data set's files under the folder that a user gave, which may be the outer or the inner folder of what was
/// downloaded.
struct DatasetFolder {
    /// The data set's name, for errors.
    var dataset: String
    /// The folder as the user gave it.
    var folder: URL
    /// What belongs there, for errors: `the folders benign, malignant and normal`.
    var expected: String

    /// Visible entries of a folder in natural order (`2` before `10`), with their kind.
    struct Listing {
        var files: [URL]
        var folders: [URL]
    }

    /// Checks that the folder exists and is a folder.
    ///
    /// Throws: ``SegmentationError`` naming it; an archive that was not unpacked is recognised.
    func validate() throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
            throw SegmentationError(
                folder.path,
                "the \(dataset) folder does not exist",
                cure: "give the folder that holds \(expected)"
            )
        }
        guard isFolder.boolValue else {
            let isArchive = Self.archiveExtensions.contains(folder.pathExtension.lowercased())
            throw SegmentationError(
                folder.path,
                isArchive ? "this is a packed archive" : "this is a file, not the \(dataset) folder",
                cure: isArchive
                    ? "unpack it and give the unpacked folder" : "give the folder that holds \(expected)"
            )
        }
    }

    /// The one folder that `matches`, among the given folder, its parent if the user went too deep, and the folders
    /// up to two levels below.
    ///
    /// Throws: ``SegmentationError`` if none matches, or several on the same level do.
    func locate(_ matches: (Listing) -> Bool) throws -> URL {
        try validate()
        var level = [folder]
        for depth in 0...2 {
            let listings = try level.map { ($0, try Self.list($0)) }
            let found = listings.filter { matches($0.1) }.map(\.0)
            if found.count == 1 { return found[0] }
            if found.count > 1 {
                throw SegmentationError(
                    folder.path,
                    "\(dataset) is there \(found.count) times: \(found.map(\.lastPathComponent).joined(separator: ", "))",
                    cure: "give one of these folders"
                )
            }
            if depth == 0, let parent = try? Self.list(folder.deletingLastPathComponent()), matches(parent) {
                return folder.deletingLastPathComponent()
            }
            level = listings.flatMap(\.1.folders)
        }
        throw notFound()
    }

    /// The error for a folder that does not hold the data set.
    func notFound() -> SegmentationError {
        let files = (try? Self.list(folder))?.files ?? []
        if let archive = files.first(where: { Self.archiveExtensions.contains($0.pathExtension.lowercased()) }) {
            return SegmentationError(
                folder.path,
                "\(dataset) is not unpacked here: expected \(expected)",
                cure: "unpack \(archive.lastPathComponent)"
            )
        }
        return SegmentationError(
            folder.path,
            "this is not the \(dataset) folder: expected \(expected)",
            cure: "give the folder that was downloaded and unpacked"
        )
    }

    /// Visible entries of a folder. Throws: ``SegmentationError`` if it cannot be listed.
    static func list(_ folder: URL) throws -> Listing {
        let entries: [URL]
        do {
            entries = try FileManager.default.contentsOfDirectory(
                at: folder,
                includingPropertiesForKeys: [.isDirectoryKey],
                options: [.skipsHiddenFiles]
            )
        } catch {
            throw SegmentationError(folder.path, "the folder cannot be listed", cure: "check its permissions")
        }
        var listing = Listing(files: [], folders: [])
        for name in entries.map(\.lastPathComponent).naturallySorted() {
            var isFolder: ObjCBool = false
            let entry = folder.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: entry.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue { listing.folders.append(entry) } else { listing.files.append(entry) }
        }
        return listing
    }

    private static let archiveExtensions: Set<String> = ["zip", "rar", "7z", "gz", "tar", "tgz"]
}
