public import Foundation
public import SegCore
import SegFiles

/// BUSI: 780 breast-ultrasound images from Cairo, benign, malignant and normal.
///
/// Layout: `Dataset_BUSI_with_GT/{benign,malignant,normal}` with `benign (1).png`, `benign (1)_mask.png` and for some
/// images `_mask_1.png`, `_mask_2.png`, whose lesions are joined. Masks are 1-bit gray or RGBA. The masks of normal
/// images are black and are not listed as masks; their names stay in the metadata.
///
/// Labels are those of the folders. The set names no patients, so every image is a group of its own; many images are
/// near-duplicates, some across classes, so it suits testing better than training. A published keep-list
/// (``Selection``) leaves 450 images without them.
///
/// - Source: Al-Dhabyani et al. 2020, doi 10.1016/j.dib.2019.104863.
public struct BUSI: DocumentedDataset {
    public let name = "BUSI"
    /// The folder as downloaded and unpacked, or `Dataset_BUSI_with_GT` in it.
    public var folder: URL
    /// Which images are listed.
    public var selection: Selection

    public init(folder: URL, selection: Selection = .all) {
        self.folder = folder
        self.selection = selection
    }

    public var decodingVersion: String? { "1" }

    /// What the publication counts, or, of its own keep-list, the authors of ``Selection/curated``.
    public var publishedCounts: PublishedCounts? {
        switch selection {
        case .all: PublishedCounts(images: [.benign: 437, .malignant: 210, .normal: 133])
        case .curated: PublishedCounts(images: [.benign: 222, .malignant: 164, .normal: 64])
        case .listed: nil
        }
    }

    /// Benign, malignant and normal images, each by number.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, if a lesion has no mask, a mask no image, if a PNG
    ///   has a name that the set does not know, or if the keep-list is missing or names an image that does not exist.
    public func records() throws -> [SampleRecord] {
        let classes: [Pathology] = [.benign, .malignant, .normal]
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "the folders benign, malignant and normal of Dataset_BUSI_with_GT"
        )
        let root = try search.locate { listing in
            Set(listing.folders.map(\.lastPathComponent)).isSuperset(of: classes.map(\.rawValue))
        }
        let all = try classes.flatMap { pathology in
            try records(of: pathology, in: root.appendingPathComponent(pathology.rawValue))
        }
        guard let list = try keepList(root: root) else { return all }
        return try Self.records(all, listedIn: list)
    }

    /// A normal image whose mask is not empty.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        try MaskNames.doubtsAboutNormal(record, decoder: decoder)
    }

    private func records(of pathology: Pathology, in folder: URL) throws -> [SampleRecord] {
        var images: [(id: String, file: URL)] = []
        var masks: [String: [URL]] = [:]
        let pattern = /^(?<id>(benign|malignant|normal) \(\d+\))(?<mask>_mask(_\d+)?)?$/
        for file in try FolderListing(folder).files where file.pathExtension.lowercased() == "png" {
            let stem = file.deletingPathExtension().lastPathComponent
            guard let match = stem.wholeMatch(of: pattern), stem.hasPrefix(pathology.rawValue + " ") else {
                throw SegmentationError(
                    file.path,
                    "BUSI has no file of this name in the folder \(pathology.rawValue)",
                    cure: "move it elsewhere; names are like '\(pathology.rawValue) (1).png' and '…_mask.png'"
                )
            }
            let id = String(match.id)
            if match.mask == nil { images.append((id, file)) } else { masks[id, default: []].append(file) }
        }
        guard !images.isEmpty else {
            throw SegmentationError(
                folder.path,
                "the folder does not contain images",
                cure: "unpack the data set again"
            )
        }
        let known = Set(images.map(\.id))
        if let orphan = masks.filter({ !known.contains($0.key) }).flatMap(\.value).min(by: { $0.path < $1.path }) {
            throw SegmentationError(orphan.path, "the image of this mask is missing", cure: "unpack the data set again")
        }
        return try images.map { id, file in
            let files = masks[id] ?? []
            if pathology.hasLesion && files.isEmpty {
                throw SegmentationError(
                    folder.appendingPathComponent("\(id)_mask.png").path,
                    "the mask of \(id) is missing",
                    cure: "unpack the data set again"
                )
            }
            var record = SampleRecord(
                id: id,
                imageFile: file,
                maskFiles: pathology.hasLesion ? files : [],
                pathology: pathology,
                metadata: files.isEmpty ? [:] : [MaskNames.key: MaskNames.text(files)]
            )
            if !pathology.hasLesion { record.emptyMaskFiles = files }
            return record
        }
    }
}
