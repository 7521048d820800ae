public import Foundation
public import SegCore
import SegFiles
import SegTables

/// Images with outlines in a COCO annotation file: `images`, `annotations` and `categories` in one JSON.
///
/// Outlines are polygons or run lengths, packed or not; all of an image are joined to one mask. Polygons are filled by
/// the even-odd rule where pixels' centers are inside, and pixel (0, 0) covers 0 to 1, as in COCO's own programs, whose
/// masks differ from these in pixels whose center is nearer to the outline than a fifth of a pixel.
///
/// Labels are the categories' names: an image with a malignant category is malignant, one with benign categories alone
/// benign; ``doubts(about:decoder:)`` tells which images have both. An image without an annotation is normal if the
/// settings say so. Outlines that were drawn on an image of another size, or that lie outside of it, are errors, and
/// run lengths that fit their bounding box by rows alone are read by rows. All plain fields of an image stay in the metadata, and its categories as `categories`.
///
/// The annotation file is read once, when the adapter is made. A record names it as its mask's file, as there is no
/// other; only this adapter can read that mask.
public struct COCO: DocumentedDataset {
    public let name: String
    /// The annotation file.
    public let file: URL
    private let images: URL
    private let content: COCOFile
    private let lesions: [String: COCOCheck.Lesions]
    /// How categories and images are taken.
    public let settings: Settings

    /// - Parameters:
    ///   - folder: The folder that contains the annotation file, or the file itself.
    ///   - name: The folder's name if `nil`.
    ///
    /// - Throws: ``SegmentationError`` naming the annotation file if it is missing or damaged, an annotation without
    ///   outline or category, or the folder that has no images.
    public init(folder: URL, settings: Settings = Settings(), name: String? = nil) throws {
        try settings.validate()
        self.settings = settings
        self.name = name ?? folder.deletingPathExtension().lastPathComponent
        file = try Self.annotationFile(folder, settings)
        content = try COCOFile(file)
        images = try Self.imagesFolder(of: content, file: file, settings: settings)
        lesions = try COCOCheck(content: content, file: file, settings: settings).lesions()
    }

    public var decodingVersion: String? { "2, \(settings.emptyObjects)" + (settings.resizeMasks ? ", resized" : "") }

    /// One record an image, in the file's order.
    ///
    /// - Throws: ``SegmentationError`` naming an image that is missing, listed twice or without annotation.
    public func records() throws -> [SampleRecord] {
        let rule = PathologyRule(
            standard: try Pathology(setting: settings.pathology),
            masksOptional: settings.masksOptional
        )
        let finder = FileFinder(root: images)
        var seen: Set<String> = []
        let patientKey = settings.patient.isEmpty ? patientField : settings.patient
        return try content.images.enumerated().map { index, image in
            let id = (image.fileName as NSString).deletingPathExtension
            guard let url = try finder.file(image.fileName) else {
                throw SegmentationError(
                    finder.url(image.fileName).path,
                    "the image is missing; \(file.lastPathComponent) lists it",
                    cure: "restore it, or name the folder of images in `images`"
                )
            }
            guard seen.insert(id).inserted else {
                throw SegmentationError(file.path, "the image \(image.fileName) is listed twice", cure: "remove one")
            }
            let own = lesions[id]?.categories ?? []
            let categories = Set(own).naturallySorted()
            var metadata = try image.fields.filter { $0.value.members == nil }
                .mapValues { try JSONTable.texts(of: $0, file: file, row: index + 1).joined(separator: ";") }
                .filter { !$0.value.isEmpty }
            if !categories.isEmpty { metadata["categories"] = categories.joined(separator: "&") }
            var clinical = ClinicalDescriptors()
            clinical.patient = try patient(of: image, named: patientKey)
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
        let outlines = lesions[record.id]?.outlines ?? []
        let scale = outlines.isEmpty ? (x: 1, y: 1) : try scale(of: record, to: image)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for outline in outlines {
            switch outline {
            case .polygons(let polygons):
                try requireWithin(polygons, scale: scale, of: image, record)
                for polygon in polygons {
                    lesion.formUnion(
                        polygon: polygon.enumerated().map { $0.isMultiple(of: 2) ? $1 * scale.x : $1 * scale.y }
                    )
                }
            case .runs(let runs):
                // The size is compared before the mask takes any memory.
                guard settings.resizeMasks || (runs.width, runs.height) == (image.width, image.height) else {
                    throw otherSize(record, "\(runs.width)×\(runs.height)", image)
                }
                guard runs.fillMask else {
                    throw COCOCheck.damaged(file, "the run lengths of \(record.id) do not fill its mask")
                }
                lesion.formUnion(runs.mask(width: image.width, height: image.height))
            case .damaged, .missing:
                throw COCOCheck.damaged(file, "the run lengths of \(record.id) cannot be read")
            }
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    /// How outlines are brought to the image's size.
    ///
    /// - Throws: ``SegmentationError`` if they were drawn on another one.
    private func scale(of record: SampleRecord, to image: GrayImage) throws -> (x: Double, y: Double) {
        func stated(_ field: String, _ size: Int) throws -> Int {
            guard let text = record.metadata[field], let told = Double(text) else { return size }
            guard told >= 1, told <= 1e6 else { throw otherSize(record, "\(field) \(text)", image) }
            return Int(told)
        }
        let (width, height) = (try stated("width", image.width), try stated("height", image.height))
        guard settings.resizeMasks || (width, height) == (image.width, image.height) else {
            throw otherSize(record, "\(width)×\(height)", image)
        }
        return (Double(image.width) / Double(width), Double(image.height) / Double(height))
    }

    private func otherSize(_ record: SampleRecord, _ size: String, _ image: GrayImage) -> SegmentationError {
        SegmentationError(
            file.path,
            "the outlines of \(record.id) were drawn on \(size) px, but its image is \(image.width)×\(image.height) px",
            cure: "restore the images that were annotated, or scale the outlines to these: `resizeMasks: true`",
            trouble: .maskSize
        )
    }

    /// - Throws: ``SegmentationError`` if more than half of an outline's box lies outside of its image.
    private func requireWithin(
        _ polygons: [[Double]],
        scale: (x: Double, y: Double),
        of image: GrayImage,
        _ record: SampleRecord
    ) throws {
        let box = COCOCheck.box(of: polygons)
        if box[0] >= 0, box[1] >= 0, box[0] + box[2] <= 1, box[1] + box[3] <= 1, min(image.width, image.height) > 8 {
            throw SegmentationError(
                file.path,
                "an outline of \(record.id) lies between 0 and 1: its places are shares of the image, not px",
                cure: "multiply x by the image's width and y by its height, or export the annotations in px",
                trouble: .maskSize
            )
        }
        func inside(_ start: Double, _ length: Double, _ size: Int) -> Double {
            max(0, min(start + length, Double(size)) - max(start, 0)) / max(length, 1e-9)
        }
        let share =
            inside(box[0] * scale.x, box[2] * scale.x, image.width)
            * inside(box[1] * scale.y, box[3] * scale.y, image.height)
        guard share >= 0.5 else {
            let ends = [box[0], box[1], box[0] + box[2], box[1] + box[3]].map(COCOCheck.brief)
            throw SegmentationError(
                file.path,
                "an outline of \(record.id) reaches from (\(ends[0]), \(ends[1])) to (\(ends[2]), \(ends[3])), "
                    + "but its image is \(image.width)×\(image.height) px",
                cure: "restore the images that were annotated, or correct the outline",
                trouble: .maskSize
            )
        }
    }

    /// Benign and malignant categories in one image, outlines that differ from the box and area that the file states or
    /// reach out of the image, and an image without outlines of another size than the file says.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        let own = lesions[record.id]
        var doubts = own?.doubts ?? []
        if Set((own?.categories ?? []).compactMap { settings.pathology(of: [$0]) }).count > 1 {
            doubts.append("the image has benign and malignant annotations, and counts as malignant")
        }
        let image = try decoder.grayImage(at: record.imageFile.path)
        let isOutlined = own?.outlines.isEmpty == false
        for (field, size) in [("width", image.width), ("height", image.height)] where !isOutlined {
            if let told = record.metadata[field], told != String(size) {
                doubts.append("the annotation file says \(field) \(told), but it is \(size) px")
            }
        }
        guard isOutlined, let scale = try? scale(of: record, to: image) else { return doubts }
        for case .polygons(let polygons) in own?.outlines ?? [] {
            let box = COCOCheck.box(of: polygons)
            let ends = (
                (box[0] + box[2]) * scale.x - Double(image.width), (box[1] + box[3]) * scale.y - Double(image.height)
            )
            if min(box[0], box[1]) < -2 || max(ends.0, ends.1) > 2 {
                doubts.append("an outline reaches out of the image, and is cut off at its border")
            }
        }
        return doubts
    }

    private func patient(of image: COCOFile.Image, named name: String?) throws -> String? {
        guard let name else { return nil }
        guard let field = image.fields[name] else {
            // Of a field that nobody named, the images without it have no known patient.
            if settings.patient.isEmpty { return nil }
            throw SegmentationError(
                file.path,
                "the image \(image.fileName) has no field \(settings.patient), which should name its patient",
                cure: "add it, or correct `patient`"
            )
        }
        let words = Set(settings.unknown.texts.map { $0.lowercased() })
        return field.written.flatMap { UnknownWords.contain($0, adding: words) ? nil : $0 }
    }

    /// The field of the images that is named as a patient's is; of several the first that says anything.
    private var patientField: String? {
        let known = ["patient", "patientid", "subject", "subjectid"]
        func rank(_ name: String) -> Int? {
            known.firstIndex(of: name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " })
        }
        let names = Set(content.images.flatMap(\.fields.keys)).compactMap { name in rank(name).map { (name, $0) } }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
        let words = Set(settings.unknown.texts.map { $0.lowercased() })
        return names.first { name in
            content.images.contains { image in
                image.fields[name]?.written.map { !UnknownWords.contain($0, adding: words) } ?? false
            }
        }
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
        // Where none has it, the first says what is missing.
        return try folders.first { try FileFinder(root: $0).file(first) != nil } ?? folders[0]
    }
}

extension COCO.Settings {
    /// Whether two names are of one category: case and blanks around do not matter, here as everywhere.
    static func isSame(_ first: String, _ second: String) -> Bool {
        first.trimmingCharacters(in: .whitespaces).lowercased()
            == second.trimmingCharacters(in: .whitespaces).lowercased()
    }

    func isLesion(_ category: String) -> Bool {
        categories.texts.isEmpty || categories.texts.contains { Self.isSame($0, category) }
    }

    /// What an image of these categories shows; `nil` if they do not say.
    func pathology(of names: [String]) -> Pathology? {
        func isIn(_ list: TextList, _ name: String) -> Bool { list.texts.contains { Self.isSame($0, name) } }
        if names.contains(where: { isIn(malignant, $0) }) { return .malignant }
        return !names.isEmpty && names.allSatisfy { isIn(benign, $0) } ? .benign : nil
    }
}
