public import Foundation
public import SegCore
import SegFiles
import SegTables

/// BrEaST-Lesions-USG: 256 breast-ultrasound images from Poland with masks and BI-RADS descriptors.
///
/// Layout: an `.xlsx` of clinical data beside the folder `BrEaST-Lesions_USG-images_and_masks` of `case001.png`,
/// `case001_tumor.png` and `case001_other1.png`. All columns of the sheet stay in the metadata under their published
/// names; lists are joined by `&`. Masks other than `_tumor` show no tumor and are not listed as masks; their names
/// stay in the metadata, and by the setting `otherMasks` they are the label `other`. Normal images have no mask.
///
/// Labels are those of the column `Classification`. Each case is a patient. The BI-RADS descriptors, the age and the
/// histological diagnosis are typed as well; `not applicable` and `not available` are `nil`, and unknown words errors.
/// A pixel belongs to a mask where it is more than half opaque: one mask has pixels of opacity 75 of 255.
///
/// - Units: the sheet's `Pixel_size` is in cm; ``SegCore/SampleRecord/pixelSpacing`` is in mm.
///
/// - Source: Pawłowska et al. 2024, doi 10.7937/9WKK-Q141.
public struct BrEaST: DocumentedDataset, LabelStating {
    /// What a configuration can set of it.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// Whether the masks other than `_tumor` are the label `other`; off unless set.
        @OptionalSetting public var otherMasks: Bool?

        public static let meanings: [String: SettingMeaning] = [
            "otherMasks": "Whether the masks other than `_tumor` are the label `other`; off unless set"
        ]

        public init() {}
    }

    public let name = "BrEaST"
    /// The folder that contains the `.xlsx` and the images' folder, or the images' folder itself.
    public var folder: URL

    /// Whether the masks other than `_tumor` are the label `other`.
    public var hasOtherMasks: Bool

    public init(folder: URL, settings: Settings = Settings()) {
        self.folder = folder
        hasOtherMasks = settings.otherMasks ?? false
    }

    public var decodingVersion: String? { hasOtherMasks ? "1, other masks" : "1" }

    /// The lesion and, if asked for, `other`. They overlap: in cases 036, 140 and 151 by some pixels.
    public var labels: LabelSet {
        get throws { hasOtherMasks ? try LabelSet([LabelSet.lesionName, "other"], isExclusive: false) : .lesionOnly }
    }

    public var publishedCounts: PublishedCounts? {
        PublishedCounts(images: [.benign: 154, .malignant: 98, .normal: 4], patients: 256)
    }

    /// One record a row of the clinical sheet, in its order.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, the sheet is damaged or has unknown values, a
    ///   listed file is missing, or a PNG is not listed.
    public func records() throws -> [SampleRecord] {
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx and \(Self.imagesFolder)"
        )
        let root = try search.locate { Self.workbook(in: $0) != nil }
        let listing = try FolderListing(root)
        guard let workbook = Self.workbook(in: listing) else { throw search.notFound() }
        let table = try XLSXReader(file: workbook).table()
        try table.require(columns: Column.allCases.map(\.rawValue))
        guard !table.rows.isEmpty else {
            throw SegmentationError(workbook.path, "the sheet has no cases", cure: "restore the published file")
        }
        var files = try ListedFiles(in: imagesFolder(beside: listing, root: root, search: search))
        let records = try table.rows.map { try record($0, of: table, files: &files) }
        try files.requireAllTaken(by: table)
        return records
    }

    /// Columns with a meaning of their own; the others are carried along.
    enum Column: String, CaseIterable {
        case identifier = "CaseID"
        case image = "Image_filename"
        case tumor = "Mask_tumor_filename"
        case other = "Mask_other_filename"
        case pixelSize = "Pixel_size"
        case age = "Age"
        case shape = "Shape"
        case margin = "Margin"
        case echogenicity = "Echogenicity"
        case posteriorFeatures = "Posterior_features"
        case category = "BIRADS"
        case diagnosis = "Diagnosis"
        case classification = "Classification"
    }

    private static let imagesFolder = "BrEaST-Lesions_USG-images_and_masks"

    /// The sheet of clinical data; files that Excel keeps while a workbook is open begin with `~$`.
    private static func workbook(in listing: FolderListing) -> URL? {
        listing.files.first { $0.lastPathComponent.hasPrefix("BrEaST") && $0.pathExtension.lowercased() == "xlsx" }
    }

    /// The folder of images beside the sheet, under its published name or, if that was changed, the one that has cases.
    private func imagesFolder(beside listing: FolderListing, root: URL, search: DatasetFolder) throws -> URL {
        func holdsCases(_ folder: URL) -> Bool {
            let files = (try? FolderListing(folder))?.files ?? []
            return files.contains { $0.lastPathComponent.wholeMatch(of: /case\d+\.png/) != nil }
        }
        if let published = listing.folders.first(where: { $0.lastPathComponent == Self.imagesFolder }) {
            // The archive's tool may repeat the folder's name inside it.
            let nested = published.appendingPathComponent(Self.imagesFolder)
            return holdsCases(published) || !holdsCases(nested) ? published : nested
        }
        guard let images = ([root] + listing.folders).first(where: holdsCases) else { throw search.notFound() }
        return images
    }

    private func record(_ row: Table.Row, of table: Table, files: inout ListedFiles) throws -> SampleRecord {
        /// Existing files of a column that may be empty or hold a list.
        func take(_ column: Column) throws -> [URL] {
            let names = (row[column.rawValue] ?? "").split(separator: "&").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return try names.map { try files.take($0, row: row, column: column.rawValue, of: table) }
        }
        let pathology = try table.pathology(Column.classification.rawValue, of: row)
        let imageFiles = try take(.image)
        guard imageFiles.count == 1 else {
            throw table.unexpected(Column.image.rawValue, of: row, expected: "the name of one file")
        }
        let tumors = try take(.tumor)
        guard tumors.isEmpty == !pathology.hasLesion else {
            throw table.unexpected(
                Column.tumor.rawValue,
                of: row,
                expected: pathology.hasLesion
                    ? "the mask of a \(pathology.rawValue) tumor" : "empty, as the image is normal"
            )
        }
        let others = try take(.other)
        let pixelSize = Double(table: try table.value(Column.pixelSize.rawValue, of: row)) ?? 0
        guard pixelSize > 0, pixelSize.isFinite else {
            throw table.unexpected(Column.pixelSize.rawValue, of: row, expected: "a pixel's side in cm")
        }
        let millimeters = pixelSize * 10
        let identifier = try table.value(Column.identifier.rawValue, of: row)
        var record = SampleRecord(
            id: imageFiles[0].deletingPathExtension().lastPathComponent,
            group: "case \(identifier)",
            imageFile: imageFiles[0],
            maskFiles: tumors,
            pathology: pathology,
            pixelSpacing: PixelSpacing(x: millimeters, y: millimeters),
            clinical: try Self.descriptors(of: row, in: table, patient: identifier),
            metadata: row.values
        )
        if hasOtherMasks { record.labelFiles["other"] = others }
        return record
    }
}
