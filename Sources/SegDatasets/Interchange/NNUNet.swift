public import Foundation
public import SegCore
import SegFiles
import SegTables

/// A data set in the layout of nnU-Net version 2: `dataset.json`, `imagesTr`, `labelsTr`, with PNG or TIFF images.
///
/// An image is `imagesTr/{case}_0000.png`, its label image `labelsTr/{case}.png`; of several channels, the settings name
/// one. A label image that holds a value which `dataset.json` does not declare is an error. Lesion is every label but `background` and `ignore`, or those that the settings name. `imagesTs` is listed where
/// `labelsTs` is there, and is then the split `test`; without truth it is not part of the data set.
///
/// Labels: what an image shows stands in no table of this layout, so the pathology is that of the settings, or unknown.
/// A label image without a lesion is a normal image only in its pixels.
///
/// - Source: nnU-Net's `documentation/dataset_format.md`.
public struct NNUNet: MaskRuleStating, LabelStating {
    /// What a configuration can set of an nnU-Net data set.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// The channel that is read: 0 for `_0000`; the only one if negative.
        public var channel = -1
        /// The names of labels that are lesion; all but background and ignore if empty.
        public var lesion: TextList = []
        /// What all images show: `benign` or `malignant`; unknown if empty.
        public var pathology = ""
        /// The side of a pixel, mm; unknown if 0.
        public var pixelSpacing = 0.0
        /// The names of labels that get a mask of their own, as `[benign, malignant]`; the lesion alone if not set.
        @OptionalSetting public var labels: TextList?

        public static let meanings: [String: SettingMeaning] = [
            "channel": "The channel that is read: 0 for `_0000`; the only one if negative",
            "lesion": "The names of labels that are lesion; all but background and ignore if empty",
            "pathology": SettingMeaning(
                "The label of images for which nothing else states it; unknown if empty",
                range: "`benign`, `malignant`, `normal` or empty"
            ),
            "pixelSpacing": SettingMeaning("The side of a pixel; unknown if 0", unit: "mm", range: "0 or more"),
            "labels":
                "The names of labels that get a mask of their own, as `[benign, malignant]`; the lesion alone if not set",
        ]

        public init() {}

        public func validate() throws {
            _ = try Pathology(setting: pathology)
            _ = try PixelSpacing(setting: pixelSpacing)
        }
    }

    public let name: String
    /// The folder that contains `dataset.json`.
    public let folder: URL
    private let settings: Settings
    private let description: NNUNetDescription
    private let reading: MaskReading
    private let labelReading: LabelReading

    /// - Parameters:
    ///   - folder: The folder that contains `dataset.json`, one around it or in it, or the zip archive.
    ///   - name: The name of the folder that holds `dataset.json` if `nil`.
    ///
    /// - Throws: ``SegmentationError`` for another folder, a `dataset.json` that is damaged, names other files than PNG
    ///   and TIFF, or lacks a label of the settings.
    public init(folder: URL, settings: Settings = Settings(), name: String? = nil) throws {
        try settings.validate()
        let search = DatasetFolder(
            dataset: "nnU-Net",
            folder: folder,
            expected: "dataset.json and the folders imagesTr and labelsTr"
        )
        self.folder = try search.locate { listing in
            listing.files.contains { $0.lastPathComponent == "dataset.json" }
                && listing.folders.contains { $0.lastPathComponent == "imagesTr" }
        }
        self.name = name ?? self.folder.deletingPathExtension().lastPathComponent
        self.settings = settings
        description = try NNUNetDescription(file: self.folder.appendingPathComponent("dataset.json"))
        var reading = MaskReading(rule: .labels(try description.labels(of: settings.lesion.texts)))
        reading.declared = description.declared
        self.reading = reading
        labelReading = try description.labelReading(settings.labels?.texts ?? [], rule: reading.rule)
    }

    public var labels: LabelSet { labelReading.set }

    public var decodingVersion: String? {
        "2, \(reading.version), of \(description.declared.sorted())" + labelReading.version
    }

    public var maskRule: MaskRule { reading.rule }

    public var otherMaskValues: Set<Int> { description.declared }

    /// The training cases in natural order, then those to test on.
    ///
    /// - Throws: ``SegmentationError`` naming an image without labels, labels without an image, a file of another name,
    ///   a case of several channels if the settings name none, and `dataset.json` where it states another number of
    ///   training cases.
    public func records() throws -> [SampleRecord] { try entries().map(\.record) }

    /// The split `test`: the cases of `imagesTs`. None where they have no labels.
    public func publishedSplits() throws -> [PublishedSplit] {
        let test = try entries().filter { $0.split == "test" }.map(\.record.id)
        return test.isEmpty ? [] : [PublishedSplit(name: "test", parts: [test])]
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        try reading.sample(for: record, labels: labelReading, decoder: decoder)
    }

    /// On the first case, that several labels are joined which the settings do not name.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        record.metadata[Self.doubt].map { [$0] } ?? []
    }

    /// Where the first case's metadata say what is doubtful about all.
    private static let doubt = "doubt"

    /// The cases as a manifest.
    private func entries() throws -> [ManifestEntry] {
        var rows = try cases(images: "imagesTr", labels: "labelsTr", part: "train", from: 1)
        if let count = description.trainingCount, count != rows.count {
            throw SegmentationError(
                description.file.path,
                "numTraining is \(count), and imagesTr holds \(rows.count) cases",
                cure: "restore the cases that are missing, or correct numTraining"
            )
        }
        if FileReading.isFolder(folder.appendingPathComponent("labelsTs")) {
            rows += try cases(images: "imagesTs", labels: "labelsTs", part: "test", from: rows.count + 1)
        }
        let table = Table(name: description.file.path, columns: ["id", "image", "mask", "split"], rows: rows)
        var manifest = Manifest.Settings()
        manifest.pathology = settings.pathology
        manifest.pixelSpacing = settings.pixelSpacing
        var entries = try ManifestReader(table: table, settings: manifest, root: folder).entries()
        if settings.lesion.texts.isEmpty, settings.labels == nil, !entries.isEmpty {
            entries[0].record.metadata[Self.doubt] = description.joinedDoubt
        }
        return entries
    }

    private func cases(images: String, labels: String, part: String, from number: Int) throws -> [Table.Row] {
        let imageFiles = try channels(in: images)
        var labelNames = Set(try FolderListing(folder.appendingPathComponent(labels)).files.map(\.lastPathComponent))
        let rows = try imageFiles.keys.naturallySorted().enumerated().map { index, id in
            let label = id + description.ending
            guard labelNames.remove(label) != nil else {
                throw SegmentationError(
                    folder.appendingPathComponent("\(labels)/\(label)").path,
                    "the label image of the case \(id) is missing",
                    cure: "restore it, or move the case elsewhere"
                )
            }
            let image = try imageName(of: id, channels: imageFiles[id] ?? [:], folder: images)
            return Table.Row(
                number: number + index,
                values: ["id": id, "image": "\(images)/\(image)", "mask": "\(labels)/\(label)", "split": part]
            )
        }
        if let orphan = labelNames.naturallySorted().first {
            throw SegmentationError(
                folder.appendingPathComponent("\(labels)/\(orphan)").path,
                "no image in \(images) belongs to this label image",
                cure: "restore the image, or move it elsewhere"
            )
        }
        return rows
    }

    /// The files of each case by channel.
    private func channels(in images: String) throws -> [String: [Int: String]] {
        var result: [String: [Int: String]] = [:]
        for file in try FolderListing(folder.appendingPathComponent(images)).files {
            let name = file.lastPathComponent
            guard name.hasSuffix(description.ending),
                let match = name.dropLast(description.ending.count).wholeMatch(of: /(.+)_(\d{4})/),
                let channel = Int(match.2)
            else {
                throw SegmentationError(
                    file.path,
                    "the name is not that of a case, a channel and the ending \(description.ending)",
                    cure: "name it as in case_0000\(description.ending), or move it elsewhere"
                )
            }
            result[String(match.1), default: [:]][channel] = name
        }
        return result
    }

    private func imageName(of id: String, channels: [Int: String], folder images: String) throws -> String {
        if settings.channel < 0 {
            if channels.count == 1, let only = channels.values.first { return only }
            throw SegmentationError(
                folder.appendingPathComponent(images).path,
                "the case \(id) has \(channels.count) channels",
                cure: "name the one to read: `channel: 0`"
            )
        }
        if let name = channels[settings.channel] { return name }
        let number = String(settings.channel)
        throw SegmentationError(
            folder.appendingPathComponent(
                "\(images)/\(id)_\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)"
            )
            .path + description.ending,
            "the image is missing",
            cure: "restore it, or choose another `channel`"
        )
    }
}
