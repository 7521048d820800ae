public import Foundation
public import SegCore
import SegFiles
import SegSettings

/// Images with outlines in a COCO annotation file: `images`, `annotations` and `categories` in one JSON.
///
/// Outlines are polygons or run lengths, packed or not; all of an image are joined to one mask. Polygons are filled by
/// the even-odd rule where pixels' centres are inside, and pixel (0, 0) covers 0 to 1, as in COCO's own programs, whose
/// masks differ from these in pixels whose centre is nearer to the outline than a fifth of a pixel.
///
/// Labels are the categories' names: an image with a malignant category is malignant, one with benign categories alone
/// benign; ``doubts(about:decoder:)`` tells which images have both. An image without an annotation is normal if the
/// settings say so. All plain fields of an image stay in the metadata, and its categories as `categories`.
///
/// The annotation file is read once, when the adapter is made. A record names it as its mask's file, as there is no
/// other; only this adapter can read that mask.
public struct COCO: DatasetAdapter {
    public let name: String
    /// The annotation file.
    public let file: URL
    private let images: URL
    private let content: COCOFile
    private let outlines: [String: [COCOOutline]]
    /// How categories and images are taken.
    public let settings: Settings

    /// - Parameters:
    ///   - folder: The folder that holds the annotation file, or the file itself.
    ///   - name: The folder's name if `nil`.
    ///
    /// Throws: ``SegmentationError`` naming the annotation file if it is missing or damaged, an annotation without
    /// outline or category, or the folder that has no images.
    public init(folder: URL, settings: Settings = Settings(), name: String? = nil) throws {
        try settings.validate()
        self.settings = settings
        self.name = name ?? folder.deletingPathExtension().lastPathComponent
        file = try Self.annotationFile(folder, settings)
        content = try JSONTable.decode(COCOFile.self, file)
        images = try Self.imagesFolder(of: content, file: file, settings: settings)
        outlines = try COCOCheck(content: content, file: file, settings: settings).outlines()
    }

    public var decodingVersion: String? { "1" }

    /// One record an image, in the file's order.
    ///
    /// Throws: ``SegmentationError`` naming an image that is missing, listed twice or without annotation.
    public func records() throws -> [SampleRecord] {
        let names = Dictionary(content.categories.map { ($0.id, $0.name) }) { first, _ in first }
        let annotations = Dictionary(grouping: content.annotations, by: \.image)
        let rule = PathologyRule(
            standard: try Pathology(setting: settings.pathology),
            masksOptional: settings.masksOptional
        )
        var seen: Set<String> = []
        return try content.images.enumerated().map { index, image in
            let url = images.appendingPathComponent(image.fileName)
            let id = (image.fileName as NSString).deletingPathExtension
            guard FileReading.isFile(url) else {
                throw SegmentationError(
                    url.path,
                    "the image is missing; \(file.lastPathComponent) lists it",
                    cure: "restore it, or name the folder of images in `images`"
                )
            }
            guard seen.insert(id).inserted else {
                throw SegmentationError(file.path, "the image \(image.fileName) is listed twice", cure: "remove one")
            }
            let own = (annotations[image.id] ?? []).compactMap { names[$0.category] }.filter(settings.isLesion)
            let categories = Set(own).naturallySorted()
            var metadata = try image.fields.filter { $0.value.members == nil }
                .compactMapValues { try JSONTable.text(of: $0, file: file, row: index + 1) }
            if !categories.isEmpty { metadata["categories"] = categories.joined(separator: "&") }
            var clinical = ClinicalDescriptors()
            clinical.patient = try patient(of: image, metadata)
            // The place in the file tells one image's mask from another's.
            let mask = URL(string: "\(file.absoluteString)#image=\(index)") ?? file
            return SampleRecord(
                id: id,
                group: clinical.patient,
                imageFile: url,
                maskFiles: own.isEmpty ? [] : [mask],
                pathology: try rule.pathology(
                    told: settings.pathology(of: categories),
                    hasMasks: !own.isEmpty,
                    image: url.path
                ),
                pixelSpacing: try PixelSpacing(setting: settings.pixelSpacing),
                clinical: clinical,
                metadata: metadata
            )
        }
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for outline in outlines[record.id] ?? [] {
            switch outline {
            case .polygons(let polygons): for polygon in polygons { lesion.formUnion(polygon: polygon) }
            case .runs(let runs):
                guard let mask = runs.mask else {
                    throw COCOCheck.damaged(file, "the run lengths of \(record.id) do not fill its mask")
                }
                try lesion.formUnion(mask, of: file)
            case .damaged: throw COCOCheck.damaged(file, "the run lengths of \(record.id) cannot be read")
            }
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    /// Benign and malignant categories in one image, and an image of another size than the file says.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        var doubts: [String] = []
        let categories = (record.metadata["categories"] ?? "").split(separator: "&").map(String.init)
        if Set(categories.compactMap { settings.pathology(of: [$0]) }).count > 1 {
            doubts.append("the image has benign and malignant annotations, and counts as malignant")
        }
        let image = try decoder.grayImage(at: record.imageFile.path)
        for (field, size) in [("width", image.width), ("height", image.height)] {
            if let told = record.metadata[field], told != String(size) {
                doubts.append("the annotation file says \(field) \(told), but it is \(size) px")
            }
        }
        return doubts
    }

    private func patient(of image: COCOFile.Image, _ metadata: [String: String]) throws -> String? {
        if settings.patient.isEmpty { return nil }
        if let patient = metadata[settings.patient] { return patient }
        throw SegmentationError(
            file.path,
            "the image \(image.fileName) has no field \(settings.patient), which should name its patient",
            cure: "add it, or correct `patient`"
        )
    }

    private static func annotationFile(_ folder: URL, _ settings: Settings) throws -> URL {
        if FileReading.isFile(folder) { return folder }
        let listing = try FolderListing(folder)
        if !settings.file.isEmpty { return folder.appendingPathComponent(settings.file) }
        let nested = try listing.folders.filter { $0.lastPathComponent == "annotations" }.flatMap {
            try FolderListing($0).files
        }
        let found = (listing.files + nested).filter { $0.pathExtension.lowercased() == "json" }
        guard found.count == 1 else {
            throw SegmentationError(
                folder.path,
                found.isEmpty ? "there is no annotation file" : "there are \(found.count) JSON files",
                cure: "name the annotation file: `file: annotations/train.json`"
            )
        }
        return found[0]
    }

    private static func imagesFolder(of content: COCOFile, file: URL, settings: Settings) throws -> URL {
        guard let first = content.images.first?.fileName else {
            throw SegmentationError(file.path, "the file lists no images", cure: "restore it")
        }
        let root = file.deletingLastPathComponent()
        let folders =
            settings.images.isEmpty
            ? [
                root, root.appendingPathComponent("images"),
                root.deletingLastPathComponent().appendingPathComponent("images"),
            ]
            : [root.appendingPathComponent(settings.images)]
        // Where none has it, the first tells what is missing.
        return folders.first { FileReading.isFile($0.appendingPathComponent(first)) } ?? folders[0]
    }
}

extension COCO.Settings {
    func isLesion(_ category: String) -> Bool { categories.texts.isEmpty || categories.texts.contains(category) }

    /// What an image of these categories shows; `nil` if they do not say.
    func pathology(of names: [String]) -> Pathology? {
        func isIn(_ list: TextList, _ name: String) -> Bool {
            list.texts.contains { $0.lowercased() == name.lowercased() }
        }
        if names.contains(where: { isIn(malignant, $0) }) { return .malignant }
        return !names.isEmpty && names.allSatisfy { isIn(benign, $0) } ? .benign : nil
    }
}
