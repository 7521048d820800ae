import Foundation
import SegCore
import SegFiles
import SegTables

/// The files of a folder, each of which a data set's table must name exactly once.
struct ListedFiles {
    let folder: URL
    private let present: [String: URL]
    private var taken: Set<String> = []

    /// - Throws: ``SegmentationError`` naming the folder if it cannot be listed.
    init(in folder: URL) throws {
        self.folder = folder
        let files = try FolderListing(folder).files.map { ($0.lastPathComponent, $0) }
        present = Dictionary(files) { first, _ in first }
    }

    /// The file that a row names.
    ///
    /// - Throws: ``SegmentationError`` naming the file that is missing, or the row that names a file again.
    mutating func take(_ name: String, row: Table.Row, column: String, of table: Table) throws -> URL {
        guard let file = try present[name] ?? written(name) else {
            throw SegmentationError(
                folder.appendingPathComponent(name).path,
                "the file is missing; row \(row.number) of \(Self.shortName(table)) lists it as \(column)",
                cure: "unpack the data set again"
            )
        }
        guard taken.insert(file.lastPathComponent).inserted else {
            throw SegmentationError(
                table.name,
                "row \(row.number) lists \(name), which is listed before",
                cure: "restore the published file, or remove one of the rows"
            )
        }
        return file
    }

    /// The file of a name that was written on another system.
    private func written(_ name: String) throws -> URL? {
        let file = try FileFinder(root: folder).file(name)
        return file.flatMap { present[$0.lastPathComponent] }
    }

    /// - Throws: ``SegmentationError`` naming a picture that no row named.
    func requireAllTaken(by table: Table) throws {
        let strangers = present.keys.filter { !taken.contains($0) && $0.lowercased().hasSuffix(".png") }
        if let stranger = strangers.naturallySorted().first {
            throw SegmentationError(
                folder.appendingPathComponent(stranger).path,
                "\(Self.shortName(table)) does not list this file",
                cure: "move it elsewhere, or restore the published table"
            )
        }
    }

    private static func shortName(_ table: Table) -> String { (table.name as NSString).lastPathComponent }
}
