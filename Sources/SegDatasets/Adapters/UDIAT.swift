public import Foundation
public import SegCore
import SegFiles
import SegTables

/// UDIAT, also called Dataset B: 163 breast-ultrasound images of as many women from Sabadell, benign and malignant.
///
/// Layout: `DatasetB.xlsx` beside the folders `original` and `GT`, with `000001.png` in both; upper or lower case do not
/// matter, nor do zeros before a number. All columns of the sheet stay in the metadata under their published names;
/// values in columns without a name stay as `Column 4` and the like, and rows with neither image nor type are remarks.
///
/// Labels are those of the column `Type`; there are no normal images. The column `Diagnosis`, where it is there, is the
/// histology. A pixel belongs to a mask where it is above one half of the full range.
///
/// The archive is lent by signed agreement, and this adapter was not run on it: only on files laid out like it. Its
/// publication counts 110 benign and 53 malignant images, others 109 and 54; so the number of images is known, and that
/// of each class is what the sheet says.
///
/// - Source: Yap et al. 2018, doi 10.1109/JBHI.2017.2731873.
public struct UDIAT: DocumentedDataset {
    public let name = "UDIAT"
    /// The folder that contains `DatasetB.xlsx`, one around it or in it, or the zip archive.
    public var folder: URL

    public init(folder: URL) {
        self.folder = folder
    }

    public var decodingVersion: String? { "1" }

    public var publishedCounts: PublishedCounts? { PublishedCounts(total: 163, patients: 163) }

    /// One record a row of the sheet, in its order.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, the sheet is damaged or has unknown types, a
    ///   listed file is missing, or a PNG is not listed.
    public func records() throws -> [SampleRecord] {
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "DatasetB.xlsx and the folders original and GT"
        )
        let root = try search.locate { Self.subfolder("original", $0) != nil && Self.subfolder("gt", $0) != nil }
        let listing = try FolderListing(root)
        guard let original = Self.subfolder("original", listing), let truth = Self.subfolder("gt", listing) else {
            throw search.notFound()
        }
        let workbooks = listing.files.filter(Self.isWorkbook)
        guard workbooks.count == 1, let workbook = workbooks.first else {
            throw SegmentationError(
                root.appendingPathComponent("DatasetB.xlsx").path,
                workbooks.isEmpty
                    ? "the sheet of labels is missing" : "there are \(workbooks.count) sheets next to the images",
                cure: workbooks.isEmpty ? "restore the published file" : "leave only the published one there"
            )
        }
        let table = try Self.table(of: workbook)
        var images = try NumberedFiles(in: original)
        var masks = try NumberedFiles(in: truth)
        let rows = table.rows.filter { $0["Image"] != nil || $0["Type"] != nil }
        guard !rows.isEmpty else {
            throw SegmentationError(workbook.path, "the sheet has no images", cure: "restore the published file")
        }
        let records = try rows.map { try record($0, of: table, images: &images, masks: &masks) }
        try images.requireAllTaken(by: table)
        try masks.requireAllTaken(by: table)
        return records
    }

    private static func subfolder(_ name: String, _ listing: FolderListing) -> URL? {
        listing.folders.first { $0.lastPathComponent.lowercased() == name }
    }

    /// Files that Excel keeps while a workbook is open begin with `~$`.
    private static func isWorkbook(_ file: URL) -> Bool {
        file.pathExtension.lowercased() == "xlsx" && !file.lastPathComponent.hasPrefix("~$")
    }

    /// The sheet, with names for the columns that have none.
    private static func table(of workbook: URL) throws -> Table {
        var rows = try XLSXReader(file: workbook).sheet()
        func used(_ row: SheetRow) -> [Int] { row.cells.filter { !$0.text.allSatisfy(\.isWhitespace) }.map(\.column) }
        if rows.first?.number == 1 {
            let named = Set(used(rows[0]))
            let nameless = Set(rows.dropFirst().flatMap(used)).subtracting(named)
            rows[0].cells = rows[0].cells.filter { !nameless.contains($0.column) }
            rows[0].cells += nameless.map { ($0, "Column \($0 + 1)") }
            rows[0].cells.sort { $0.column < $1.column }
        }
        let table = try Table(sheet: rows, name: workbook.path)
        try table.require(columns: ["Image", "Type"])
        return table
    }

    private func record(
        _ row: Table.Row,
        of table: Table,
        images: inout NumberedFiles,
        masks: inout NumberedFiles
    ) throws -> SampleRecord {
        let text = try table.value("Image", of: row)
        // Some write the file's name instead of its number.
        guard let number = Int(text.lowercased().hasSuffix(".png") ? String(text.dropLast(4)) : text), number >= 0
        else {
            throw table.unexpected("Image", of: row, expected: "the number of an image")
        }
        let image = try images.take(number, row: row, of: table)
        var clinical = ClinicalDescriptors()
        clinical.device = "Siemens ACUSON Sequoia C512"
        clinical.histology = table.told("Diagnosis", of: row)
        return SampleRecord(
            id: image.deletingPathExtension().lastPathComponent,
            imageFile: image,
            maskFiles: [try masks.take(number, row: row, of: table)],
            pathology: try table.pathology("Type", of: row, among: [.benign, .malignant]),
            clinical: clinical,
            metadata: row.values
        )
    }
}

/// Files of a folder that are named by numbers, each of which a table must list exactly once.
private struct NumberedFiles {
    private var files: ListedFiles
    private let names: [Int: String]

    init(in folder: URL) throws {
        files = try ListedFiles(in: folder)
        var names: [Int: String] = [:]
        for file in try FolderListing(folder).files where file.pathExtension.lowercased() == "png" {
            guard let number = Int(file.deletingPathExtension().lastPathComponent) else { continue }
            if let other = names.updateValue(file.lastPathComponent, forKey: number) {
                throw SegmentationError(
                    file.path,
                    "the folder has two files of this number; the other is \(other)",
                    cure: "remove the one that was not published"
                )
            }
        }
        self.names = names
    }

    mutating func take(_ number: Int, row: Table.Row, of table: Table) throws -> URL {
        let padded = String(number)
        let name = names[number] ?? String(repeating: "0", count: max(0, 6 - padded.count)) + padded + ".png"
        return try files.take(name, row: row, column: "Image", of: table)
    }

    func requireAllTaken(by table: Table) throws { try files.requireAllTaken(by: table) }
}
