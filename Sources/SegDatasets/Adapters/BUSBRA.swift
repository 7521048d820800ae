public import Foundation
public import SegCore
import SegFiles
import SegTables

/// BUS-BRA: 1,875 breast-ultrasound images of 1,064 patients from Rio de Janeiro, benign and malignant.
///
/// Layout: `bus_data.csv`, `5-fold-cv.csv` and `10-fold-cv.csv` beside the folders `Images` with `bus_0001-l.png` and
/// `Masks` with `mask_0001-l.png`. All columns of `bus_data.csv` stay in the metadata under their published names.
///
/// Labels are those of the column `Pathology`; there are no normal images. The column `Case` is the patient, of whom
/// there may be a left, a right or a single view. Category, histology and scanner are typed as well.
///
/// The table's `Height` is wrong for four images; the images themselves are what counts, and
/// ``doubts(about:decoder:)`` names the difference.
///
/// - Source: Gómez-Flores et al. 2024, doi 10.1002/mp.16812.
public struct BUSBRA: DocumentedDataset {
    public let name = "BUS-BRA"
    /// The folder that contains `bus_data.csv`, one around it or in it, or the zip archive.
    public var folder: URL

    public init(folder: URL) {
        self.folder = folder
    }

    public var decodingVersion: String? { "1" }

    public var publishedCounts: PublishedCounts? {
        PublishedCounts(images: [.benign: 1268, .malignant: 607], patients: 1064)
    }

    /// One record a row of `bus_data.csv`, in its order.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, the table is damaged or has unknown values, a
    ///   listed file is missing, or a PNG is not listed.
    public func records() throws -> [SampleRecord] {
        let root = try root()
        let table = try CSVReader(file: root.appendingPathComponent(Self.tableName)).table()
        try table.require(columns: Column.allCases.map(\.rawValue))
        var images = try ListedFiles(in: root.appendingPathComponent("Images"))
        var masks = try ListedFiles(in: root.appendingPathComponent("Masks"))
        let records = try table.rows.map { try record($0, of: table, images: &images, masks: &masks) }
        guard !records.isEmpty else {
            throw SegmentationError(table.name, "the table has no images", cure: "restore the published file")
        }
        try images.requireAllTaken(by: table)
        try masks.requireAllTaken(by: table)
        return records
    }

    /// Columns with a meaning of their own; the others are carried along.
    enum Column: String, CaseIterable {
        case identifier = "ID"
        case patient = "Case"
        case histology = "Histology"
        case pathology = "Pathology"
        case category = "BIRADS"
        case device = "Device"
        case width = "Width"
        case height = "Height"
        case box = "BBOX"
    }

    private static let tableName = "bus_data.csv"

    func root() throws -> URL {
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "bus_data.csv and the folders Images and Masks"
        )
        return try search.locate { listing in
            listing.files.contains { $0.lastPathComponent == Self.tableName }
                && Set(listing.folders.map(\.lastPathComponent)).isSuperset(of: ["Images", "Masks"])
        }
    }

    private func record(
        _ row: Table.Row,
        of table: Table,
        images: inout ListedFiles,
        masks: inout ListedFiles
    ) throws -> SampleRecord {
        let column = Column.identifier.rawValue
        let id = try table.value(column, of: row)
        guard let match = id.wholeMatch(of: /bus_(?<number>\d+-[lrs])/) else {
            throw table.unexpected(column, of: row, expected: "a name like bus_0001-l")
        }
        let patient = try table.value(Column.patient.rawValue, of: row)
        var clinical = ClinicalDescriptors()
        clinical.category = try table.category(Column.category.rawValue, of: row)
        clinical.patient = patient
        clinical.device = table.told(Column.device.rawValue, of: row)
        clinical.histology = table.told(Column.histology.rawValue, of: row)
        return SampleRecord(
            id: id,
            group: "case \(patient)",
            imageFile: try images.take("\(id).png", row: row, column: column, of: table),
            maskFiles: [try masks.take("mask_\(match.number).png", row: row, column: column, of: table)],
            pathology: try table.pathology(Column.pathology.rawValue, of: row, among: [.benign, .malignant]),
            clinical: clinical,
            metadata: row.values
        )
    }
}
