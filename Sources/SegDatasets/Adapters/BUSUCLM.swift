public import Foundation
public import SegCore
import SegFiles
import SegTables

/// BUS-UCLM: 683 breast-ultrasound images of 38 patients from Ciudad Real, benign, malignant and normal.
///
/// Layout: `INFO.csv` beside the folders `images` and `masks`, with `ALWI_000.png` in both. All columns of the table
/// stay in the metadata under their published names. Four letters before the number name the patient; five patients
/// have benign and malignant images.
///
/// Labels are those of the column `Label`. Masks are green for benign and red for malignant; either color is lesion,
/// and ``doubts(about:decoder:)`` tells where the color contradicts the label. The masks of normal images are black
/// and are not listed as masks; their names stay in the metadata.
///
/// The images of the patient HESN are smaller than their masks, which have the 856×606 px of the scanner's screen that
/// the table names. Such a mask is stretched to its image: laid over the four lesions of that patient, the contour
/// then closes around the dark lesion, while a cropped mask, or one that keeps its sides' ratio, stands beside it.
///
/// - Source: Vallez et al. 2025, doi 10.1038/s41597-025-04562-3.
public struct BUSUCLM: DocumentedDataset {
    public let name = "BUS-UCLM"
    /// The folder that contains `INFO.csv`, one around it or in it, or the zip archive.
    public var folder: URL

    public init(folder: URL) {
        self.folder = folder
    }

    public var decodingVersion: String? { "1" }

    public var publishedCounts: PublishedCounts? {
        PublishedCounts(images: [.benign: 174, .malignant: 90, .normal: 419], patients: 38)
    }

    /// One record a row of the table, in its order.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, the table is damaged or has unknown labels, a
    ///   listed file is missing, or a PNG is not listed.
    public func records() throws -> [SampleRecord] {
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "INFO.csv and the folders images and masks"
        )
        let root = try search.locate { listing in
            listing.files.contains { $0.lastPathComponent == Self.tableName }
                && Set(listing.folders.map(\.lastPathComponent)).isSuperset(of: ["images", "masks"])
        }
        let table = try CSVReader(file: root.appendingPathComponent(Self.tableName)).table()
        try table.require(columns: Column.allCases.map(\.rawValue))
        var images = try ListedFiles(in: root.appendingPathComponent("images"))
        var masks = try ListedFiles(in: root.appendingPathComponent("masks"))
        let records = try table.rows.map { try record($0, of: table, images: &images, masks: &masks) }
        guard !records.isEmpty else {
            throw SegmentationError(table.name, "the table has no images", cure: "restore the published file")
        }
        try images.requireAllTaken(by: table)
        try masks.requireAllTaken(by: table)
        return records
    }

    /// The five patients on whom the data set's authors test, as their program that divides the set has them.
    ///
    /// - Source: `prepare_partitions.py` of github.com/noeliavallez/BUS-UCLM-Dataset.
    public static let testPatients = ["ANFO", "COPE", "CRCI", "ELCO", "FLKA"]

    /// The split `test-patients`: the images of ``testPatients``. None if the folder contains none of them.
    public func publishedSplits() throws -> [PublishedSplit] {
        let test = try records().filter { Self.testPatients.contains($0.group) }.map(\.id)
        return test.isEmpty ? [] : [PublishedSplit(name: "test-patients", parts: [test])]
    }

    private static let tableName = "INFO.csv"

    /// Columns with a meaning of their own; the others are carried along.
    enum Column: String, CaseIterable {
        case image = "Image"
        case resolution = "Resolution"
        case label = "Label"
    }

    private func record(
        _ row: Table.Row,
        of table: Table,
        images: inout ListedFiles,
        masks: inout ListedFiles
    ) throws -> SampleRecord {
        let column = Column.image.rawValue
        let fileName = try table.value(column, of: row)
        guard let match = fileName.wholeMatch(of: /(?<id>(?<patient>[A-Z]{4})_\d+)\.png/) else {
            throw table.unexpected(column, of: row, expected: "a name like ALWI_000.png")
        }
        let pathology = try table.pathology(Column.label.rawValue, of: row)
        let image = try images.take(fileName, row: row, column: column, of: table)
        let mask = try masks.take(fileName, row: row, column: column, of: table)
        var clinical = ClinicalDescriptors()
        clinical.patient = String(match.patient)
        clinical.device = "Siemens ACUSON S2000"
        var metadata = row.values
        metadata[MaskNames.key] = fileName
        var record = SampleRecord(
            id: String(match.id),
            group: String(match.patient),
            imageFile: image,
            maskFiles: pathology.hasLesion ? [mask] : [],
            pathology: pathology,
            clinical: clinical,
            metadata: metadata
        )
        if !pathology.hasLesion { record.emptyMaskFiles = [mask] }
        return record
    }
}
