public import Foundation
public import SegCore
public import SegFiles

/// Finds a data set's files under the folder that a user gave, which may be the outer or the inner folder of what was
/// downloaded, or the downloaded zip archive itself.
public struct DatasetFolder: Sendable {
    /// The data set's name, for errors.
    public var dataset: String
    /// The folder, or zip archive, as the user gave it.
    public var folder: URL
    /// What belongs there, for errors: `the folders benign, malignant and normal`.
    public var expected: String

    public init(dataset: String, folder: URL, expected: String) {
        self.dataset = dataset
        self.folder = folder
        self.expected = expected
    }

    /// Checks that the folder exists and is a folder or a zip archive.
    ///
    /// - Throws: ``SegmentationError`` naming it; an archive of another kind is recognized.
    public func validate() throws {
        guard !FileReading.isFolder(folder) else { return }
        guard FileManager.default.fileExists(atPath: folder.path) else {
            throw SegmentationError(
                folder.path,
                "the \(dataset) folder does not exist",
                cure: "give the folder that holds \(expected), or its zip archive"
            )
        }
        // A zip archive that cannot be listed as a folder is damaged, and listing it says how.
        if Self.isZip(folder) { _ = try FolderListing(folder) }
        let isArchive = Self.packedExtensions.contains(folder.pathExtension.lowercased())
        throw SegmentationError(
            folder.path,
            isArchive ? "this is a packed archive, but not a zip" : "this is a file, not the \(dataset) folder",
            cure: isArchive
                ? "unpack it and give the unpacked folder" : "give the folder that holds \(expected)"
        )
    }

    /// The one folder that `matches`, among the given folder, its parent if the user went too deep, and the folders
    /// up to two levels below; if there is none, within zip archives that lie there.
    ///
    /// - Throws: ``SegmentationError`` if none matches, or several on the same level do.
    public func locate(_ matches: (FolderListing) throws -> Bool) throws -> URL {
        try validate()
        if let found = try search(entersArchives: false, matches) { return found }
        if let found = try search(entersArchives: true, matches) { return found }
        throw notFound()
    }

    private func search(entersArchives: Bool, _ matches: (FolderListing) throws -> Bool) throws -> URL? {
        var level = [folder]
        for depth in 0...2 {
            let listings = try level.map { ($0, try FolderListing($0)) }
            let found = try listings.filter { try matches($0.1) }.map(\.0)
            if found.count == 1 { return found[0] }
            if found.count > 1 {
                throw SegmentationError(
                    folder.path,
                    "\(dataset) is there \(found.count) times: \(found.map(\.lastPathComponent).joined(separator: ", "))",
                    cure: "give one of these folders"
                )
            }
            if depth == 0, let parent = try? FolderListing(folder.deletingLastPathComponent()), try matches(parent) {
                return folder.deletingLastPathComponent()
            }
            level = listings.flatMap { $0.1.folders + (entersArchives ? $0.1.files.filter(FileReading.isFolder) : []) }
        }
        return nil
    }

    /// The error for a folder that does not contain the data set.
    public func notFound() -> SegmentationError {
        if let damage = Self.damage(below: folder) { return damage }
        if let archive = Self.packed(below: folder) {
            return SegmentationError(
                folder.path,
                "\(dataset) is not unpacked here: expected \(expected)",
                cure: "unpack \(archive)"
            )
        }
        return SegmentationError(
            folder.path,
            "this is not the \(dataset) folder: expected \(expected)",
            cure: "give the folder that was downloaded and unpacked"
        )
    }

    /// An archive in a folder, up to two levels below, that cannot be read where it is: one of another kind than zip, or a
    /// zip archive within another.
    static func packed(below folder: URL) -> String? { firstPacked(below: folder)?.path }

    /// What is wrong with the first zip archive in a folder that cannot be read: to unpack it would not help.
    static func damage(below folder: URL) -> SegmentationError? {
        guard let file = firstPacked(below: folder)?.file, isZip(file),
            FileManager.default.fileExists(atPath: file.path)
        else { return nil }
        do {
            _ = try FolderListing(file)
            return nil
        } catch {
            return error as? SegmentationError
        }
    }

    private static func firstPacked(below folder: URL) -> (file: URL, path: String)? {
        var level = [(folder, "")]
        for _ in 0...2 {
            var next: [(URL, String)] = []
            for (folder, path) in level {
                guard let listing = try? FolderListing(folder) else { continue }
                let packed = listing.files.first { file in
                    // `.nii.gz` is a picture of a format that is not read: to unpack it would not help.
                    packedExtensions.contains(file.pathExtension.lowercased())
                        && !PictureNames.contain(file.lastPathComponent)
                        || isZip(file) && !FileReading.isFolder(file)
                }
                if let packed { return (packed, path + packed.lastPathComponent) }
                next += listing.folders.map { ($0, path + $0.lastPathComponent + "/") }
            }
            level = next
        }
        return nil
    }

    private static func isZip(_ file: URL) -> Bool { file.pathExtension.lowercased() == "zip" }

    private static let packedExtensions: Set<String> = ["rar", "7z", "gz", "tar", "tgz"]
}
