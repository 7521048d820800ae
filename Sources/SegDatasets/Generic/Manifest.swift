public import Foundation
public import SegCore
import SegFiles
import SegTables

/// A list of images as a table: a CSV or JSON file of one's own; no code is needed for it.
///
/// ```yaml
/// dataset: manifest
/// folder: /data/hospital     # holds manifest.csv
/// ```
/// ```
/// image,mask,patient,pathology,pixelSpacing,split
/// img/001.png,seg/001_a.png;seg/001_b.png,P17,benign,0.078,train
/// ```
///
/// Several masks are separated by `;` (a name that holds one is found as well), and are a list in JSON.
/// Only `image` must be there; ``Column`` has the others. Case, spaces, `-` and `_` in their names do not matter, and
/// all columns stay in the metadata under their own names. A JSON file is an array of objects, which may lie under the
/// key `samples`. Paths are taken from the manifest's folder, several masks are separated by `;`, and what the manifest
/// does not list is not part of the data set.
///
/// Further labels have masks in columns of their own, by `labelColumns`, or are values of the masks, by `labelValues`.
///
/// Labels are those of the column `pathology`, or the setting of that name. Normal images have no lesion: masks of
/// theirs are not listed as masks, and ``doubts(about:decoder:)`` reports those that are not empty.
public struct Manifest: MaskRuleStating, LabelStating {
    public let name: String
    /// The folder with the manifest, the zip archive, or the manifest itself.
    public let folder: URL
    /// How images without a mask or a label are taken, and masks read.
    public let settings: Settings
    private let reading: MaskReading
    private let labelReading: LabelReading

    /// The data set of a manifest, named after its folder unless `name` says otherwise.
    ///
    /// - Throws: ``SegmentationError`` for settings out of range.
    public init(folder: URL, settings: Settings = Settings(), name: String? = nil) throws {
        try settings.validate()
        self.folder = folder
        self.settings = settings
        self.name = name ?? folder.deletingPathExtension().lastPathComponent
        reading = try settings.reading
        labelReading = try settings.labelReading
    }

    public var labels: LabelSet { labelReading.set }

    public var decodingVersion: String? {
        "2, \(reading.version)" + (otherMaskValues.isEmpty ? "" : ", others \(otherMaskValues.sorted())")
            + labelReading.version
    }

    public var maskRule: MaskRule { reading.rule }

    public var otherMaskValues: Set<Int> {
        let stored = labelReading.values.filter { !labels.lesion.contains($0.key) }
        return Set(settings.otherLabels).union(stored.values.joined())
    }

    public var isMaskRuleSetting: Bool { true }

    /// One record a row, in the manifest's order.
    ///
    /// - Throws: ``SegmentationError`` naming the manifest, the row and the column that is wrong, or the file that is
    ///   missing.
    public func records() throws -> [SampleRecord] { try entries().map(\.record) }

    /// The column `split` as a split of that name: the images of `test`, with those of `val` to validate on; or, where
    /// it has other words than train, val and test, each of them a part.
    ///
    /// - Throws: as ``records()``, and for a mixture of both.
    public func publishedSplits() throws -> [PublishedSplit] {
        let entries = try entries()
        return try Self.split(entries.map { ($0.record.id, $0.split) }, name: "split", subject: manifestFile().path)
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        try reading.sample(for: record, labels: labelReading, decoder: decoder)
    }

    /// A normal image whose mask is not empty.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        try MaskNames.doubtsAboutNormal(record, decoder: decoder, rule: reading.rule)
    }

    /// The manifest's file.
    func manifestFile() throws -> URL {
        if FileReading.isFile(folder) { return folder }
        let listing = try FolderListing(folder)
        if !settings.file.isEmpty { return folder.appendingPathComponent(settings.file) }
        let found = listing.files.filter {
            ["manifest.csv", "manifest.json"].contains($0.lastPathComponent.lowercased())
        }
        guard found.count == 1 else {
            throw SegmentationError(
                folder.path,
                found.isEmpty ? "there is no manifest.csv or manifest.json" : "there are \(found.count) manifests",
                cure: "name the manifest: `file: cases.csv`"
            )
        }
        return found[0]
    }

    private func entries() throws -> [ManifestEntry] {
        let file = try manifestFile()
        let unknown = Set(settings.unknown.texts.map { $0.lowercased() })
        let table =
            switch file.pathExtension.lowercased() {
            case "json": try JSONTable.read(file, unknown: unknown)
            default: try CSVReader(file: file).table(unknown: unknown)
            }
        let reader = try ManifestReader(table: table, settings: settings, root: file.deletingLastPathComponent())
        return try reader.entries()
    }
}
