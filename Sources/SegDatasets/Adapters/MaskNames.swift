import Foundation
import SegCore

/// Masks of normal images: there are files of them in some data sets, but a normal record lists none.
enum MaskNames {
    /// The metadata that names an image's mask files, joined by ``separator``.
    static let key = "Mask_filename"
    static let separator = "&"

    /// A doubt for each mask of a normal image that is not empty.
    static func doubtsAboutNormal(
        _ record: SampleRecord,
        folder: URL,
        decoder: any ImageDecoder,
        rule: MaskRule = .bright
    ) throws -> [String] {
        guard record.pathology == .normal, let names = record.metadata[key] else { return [] }
        return try names.split(separator: separator).compactMap { name in
            let area = try decoder.mask(at: folder.appendingPathComponent(String(name)).path, rule: rule).area
            return area == 0 ? nil : "the image is labelled normal but its mask \(name) marks \(area) px"
        }
    }
}

extension Mask {
    /// Adds a mask that was read from a file. Throws: ``SegmentationError`` naming the file if the sizes differ.
    mutating func formUnion(_ mask: Mask, of file: URL) throws {
        guard mask.width == width && mask.height == height else {
            throw SegmentationError(
                file.path,
                "the mask is \(mask.width)×\(mask.height) px but its image is \(width)×\(height) px",
                cure: "replace the file by the published one, or resize it to its image"
            )
        }
        formUnion(mask)
    }
}
