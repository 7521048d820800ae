public import Foundation
import SegCore

/// Finds the files that a list names, also where the list was written on another system.
///
/// A path is taken as it is written. Only where the file does not exist, it is read with `\\` as `/`, then part by part:
/// the same letters in another normal form, then in another case, then, in an archive from before UTF-8, in another
/// encoding. What fits several files fits none.
public final class FileFinder {
    private let root: URL
    private var listings: [String: [String]] = [:]

    /// - Parameter root: the folder, on the disk or in an archive, that paths are taken from.
    public init(root: URL) { self.root = root }

    /// The file of a path; `nil` if there is none.
    ///
    /// - Throws: ``SegmentationError`` naming the files that a path fits alike.
    public func file(_ path: String) throws -> URL? {
        let exact = url(path)
        if FileReading.isFile(exact) { return exact }
        let plain = path.replacing("\\", with: "/")
        if plain != path {
            let file = url(plain)
            if FileReading.isFile(file) { return file }
        }
        var place = plain.hasPrefix("/") ? URL(fileURLWithPath: "/") : root
        for part in plain.split(separator: "/") where part != "." {
            if part == ".." {
                place.deleteLastPathComponent()
                continue
            }
            guard let name = try name(String(part), in: place) else { return nil }
            place.appendPathComponent(name)
        }
        return FileReading.isFile(place) ? place : nil
    }

    /// Where a path leads as it is written, whether there is anything or not.
    public func url(_ path: String) -> URL {
        path.hasPrefix("/") ? URL(fileURLWithPath: path) : root.appendingPathComponent(path)
    }

    private func name(_ wanted: String, in folder: URL) throws -> String? {
        let names = names(in: folder)
        // Swift's texts are equal in whatever normal form they are.
        if let name = names.first(where: { $0 == wanted }) { return name }
        let folded = wanted.lowercased()
        for found in [
            names.filter { $0.lowercased() == folded },
            names.filter { CodePage.otherReadings(of: $0).contains { $0.lowercased() == folded } },
        ] where !found.isEmpty {
            guard found.count == 1 else {
                throw SegmentationError(
                    folder.path,
                    "\(wanted) may be \(found.naturallySorted().joined(separator: " or "))",
                    cure: "write the name in the list as the file has it"
                )
            }
            return found[0]
        }
        return nil
    }

    private func names(in folder: URL) -> [String] {
        if let known = listings[folder.path] { return known }
        let listing = try? FolderListing(folder)
        let names = ((listing?.files ?? []) + (listing?.folders ?? [])).map(\.lastPathComponent)
        listings[folder.path] = names
        return names
    }
}
