public import Foundation
public import SegCore
import SegFiles

/// BUSI: 780 breast-ultrasound images from Cairo, benign, malignant and normal.
///
/// Layout: `Dataset_BUSI_with_GT/{benign,malignant,normal}` with `benign (1).png`, `benign (1)_mask.png` and for some
/// images `_mask_1.png`, `_mask_2.png`, whose lesions are joined. Masks are 1-bit grey or RGBA. The masks of normal
/// images are black and are not listed as masks; their names stay in the metadata.
///
/// The set names no patients, so every image is a group of its own; many images are near-duplicates, some across
/// classes, so it suits testing better than training.
///
/// Source: Al-Dhabyani et al. 2020, doi 10.1016/j.dib.2019.104863.
public struct BUSI: DatasetAdapter {
    public let name = "BUSI"
    /// The folder as downloaded and unpacked, or `Dataset_BUSI_with_GT` in it.
    public var folder: URL

    public init(folder: URL) {
        self.folder = folder
    }

    /// Benign, malignant and normal images, each by number.
    ///
    /// Throws: ``SegmentationError`` if the folder is another one, if a lesion has no mask, a mask no image, or if a
    /// PNG has a name that the set does not know.
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
        return try classes.flatMap { pathology in
            try records(of: pathology, in: root.appendingPathComponent(pathology.rawValue))
        }
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
            throw SegmentationError(folder.path, "the folder holds no images", cure: "unpack the data set again")
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
            return SampleRecord(
                id: id,
                imageFile: file,
                maskFiles: pathology.hasLesion ? files : [],
                pathology: pathology,
                metadata: files.isEmpty
                    ? [:] : ["Mask_filename": files.map(\.lastPathComponent).joined(separator: "&")]
            )
        }
    }
}
