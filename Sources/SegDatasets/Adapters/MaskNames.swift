import Foundation
import SegCore

/// Masks of normal images: there are files of them in some data sets, but a normal record lists none.
enum MaskNames {
    /// The metadata that names an image's mask files.
    static let key = "Mask_filename"

    /// The names as metadata, joined for the reader's eye.
    static func text(_ files: [URL]) -> String { files.map(\.lastPathComponent).joined(separator: "&") }

    /// A doubt for each mask of a normal image that is not empty.
    static func doubtsAboutNormal(
        _ record: SampleRecord,
        decoder: any ImageDecoder,
        rule: MaskRule = .bright
    ) throws -> [String] {
        try record.emptyMaskFiles.compactMap { file in
            let area = try decoder.mask(at: file.path, rule: rule).area
            if area == 0 { return nil }
            return "the image is labeled normal but its mask \(file.lastPathComponent) marks \(area) px"
        }
    }
}

extension Mask {
    /// Adds a mask that was read from a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file if the sizes differ.
    ///
    /// - Parameter isResizable: whether a setting of the data set stretches masks.
    mutating func formUnion(_ mask: Mask, of file: URL, isResizable: Bool = false) throws {
        guard mask.width == width && mask.height == height else {
            throw SegmentationError(
                file.path,
                "the mask is \(mask.width)×\(mask.height) px but its image is \(width)×\(height) px",
                cure: isResizable
                    ? "restore the mask that was drawn on this image, or stretch masks to their images: `resizeMasks: true`"
                    : "restore the file, from the data set's archive if it was published, or resize it to its image",
                trouble: .maskSize
            )
        }
        formUnion(mask)
    }
}
