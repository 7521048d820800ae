public import Foundation
public import SegCore
import SegFiles
import SegTables

/// A folder of images and masks that are matched by their file names; no code is needed for it.
///
/// ```yaml
/// dataset: folder
/// folder: /data/hospital
/// settings:
///   image: "{pathology}/{patient}_{id}.png"
///   masks: "{pathology}/{patient}_{id}_mask*.png"
/// ```
///
/// Labels are what `{pathology}` stands for, or the setting `pathology`. Normal images have no lesion: masks that lie
/// beside them are not listed, and ``doubts(about:decoder:)`` reports those that are not empty. `{patient}` is the group.
///
/// Further labels have files of their own, by `labelMasks`, or are values of the masks, by `labelValues`.
///
/// Nothing is left out in silence: an image without a mask, a mask without an image, a mask of two images, and a picture
/// beside them that fits no pattern are errors.
public struct FolderPattern: MaskRuleStating, LabelStating {
    public let name: String
    /// The folder, or zip archive.
    public let folder: URL
    private let layout: Layout

    /// The data set in `folder`, named after it by default.
    ///
    /// - Throws: ``SegmentationError`` for patterns that cannot be understood.
    public init(folder: URL, settings: Settings = Settings(), name: String? = nil) throws {
        self.folder = folder
        self.name = name ?? folder.deletingPathExtension().lastPathComponent
        layout = try Layout(settings)
    }

    public var decodingVersion: String? {
        "2, \(layout.reading.version)" + (otherMaskValues.isEmpty ? "" : ", others \(otherMaskValues.sorted())")
            + layout.labels.version
    }

    public var labels: LabelSet { layout.labels.set }

    public var maskRule: MaskRule { layout.reading.rule }

    public var otherMaskValues: Set<Int> { layout.otherLabels }

    public var isMaskRuleSetting: Bool { true }

    /// The images in natural order of their paths.
    ///
    /// - Throws: ``SegmentationError`` naming the file that is missing, doubtful or unexpected.
    public func records() throws -> [SampleRecord] {
        guard FileReading.isFolder(folder) else {
            // Listing it says what is wrong.
            _ = try FolderListing(folder)
            throw SegmentationError(folder.path, "this is not a folder", cure: "give the folder of the images")
        }
        let depths = layout.patterns.map(\.depth)
        let paths = try Self.files(below: folder, depth: depths.contains(nil) ? nil : depths.compactMap { $0 }.max())
        let sorting = try PatternSorting(paths: paths, layout: layout, folder: folder)
        var ids: [String: String] = [:]
        return try sorting.images.map { image in
            let record = try record(image)
            if let other = ids.updateValue(image.path, forKey: record.id) {
                throw SegmentationError(
                    record.imageFile.path,
                    "the image has the id \(record.id), as has \(other)",
                    cure: uniqueIDCure(image)
                )
            }
            return record
        }
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        try layout.reading.sample(for: record, labels: layout.labels, decoder: decoder)
    }

    /// A normal image whose mask is not empty.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        try MaskNames.doubtsAboutNormal(record, decoder: decoder, rule: layout.reading.rule)
    }

    private func record(_ image: PatternSorting.Image) throws -> SampleRecord {
        let file = folder.appendingPathComponent(image.path)
        let told = try known(image.values[.pathology]).map { text in
            guard let pathology = Pathology(rawValue: text.lowercased()) else {
                throw SegmentationError(
                    file.path,
                    "{pathology} stands for '\(text)' in this path",
                    cure: "rename it to benign, malignant or normal, or correct the pattern `\(layout.image.text)`"
                )
            }
            return pathology
        }
        let rule = PathologyRule(standard: layout.pathology, masksOptional: layout.masksOptional)
        let pathology = try rule.pathology(told: told, hasMasks: !image.masks.isEmpty, image: file.path)
        var id = layout.id
        for (placeholder, value) in image.values { id = id.replacing("{\(placeholder.rawValue)}", with: value) }
        var clinical = ClinicalDescriptors()
        clinical.patient = known(image.values[.patient])
        let isNormal = pathology == .normal
        let masks = image.masks.map { folder.appendingPathComponent($0) }
        var record = SampleRecord(
            id: id,
            group: clinical.patient,
            imageFile: file,
            maskFiles: isNormal ? [] : masks,
            pathology: pathology,
            pixelSpacing: layout.pixelSpacing,
            clinical: clinical,
            metadata: isNormal && !masks.isEmpty ? [MaskNames.key: MaskNames.text(masks)] : [:]
        )
        if isNormal { record.emptyMaskFiles = masks }
        let labeled = image.labels.mapValues { $0.map { folder.appendingPathComponent($0) } }
        record.labelFiles = try layout.labels.files(labeled, image: file)
        return record
    }

    /// How ids become unique: by the pattern's other placeholders.
    private func uniqueIDCure(_ image: PatternSorting.Image) -> String {
        let others = image.values.keys.filter { $0 != .id }.map { "{\($0.rawValue)}-" }.sorted().joined()
        return others.isEmpty
            ? "rename one of them, or put {patient} or {pathology} into the pattern and into `id`"
            : "set `id` so that ids are unique, as in `id: \"\(others){id}\"`"
    }

    /// What a placeholder stands for; `nil` for a word that says nothing.
    private func known(_ text: String?) -> String? {
        text.flatMap { UnknownWords.contain($0, adding: layout.unknown) ? nil : $0 }
    }

    /// The paths of all files, in natural order.
    private static func files(below folder: URL, depth: Int?) throws -> [String] {
        let listing = try FolderListing(folder)
        let own = listing.files.map(\.lastPathComponent)
        if depth == 0 { return own }
        return try own
            + listing.folders.flatMap { inner in
                try files(below: inner, depth: depth.map { $0 - 1 }).map { "\(inner.lastPathComponent)/\($0)" }
            }
    }
}
