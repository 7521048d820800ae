public import Foundation

/// One image of a data set as its folder lists it, before any pixel is read.
public struct SampleRecord: Hashable, Sendable {
    /// Unique within the data set, and stable from run to run: `case010`, `benign (433)`.
    public var id: String
    /// The patient, or the case where patients are unknown. A split never divides a group.
    public var group: String
    /// The image file.
    public var imageFile: URL
    /// Files of lesion masks, joined by union. Empty for an image without a lesion.
    public var maskFiles: [URL]
    /// Files of masks that should show no lesion, as the image is normal: a check reports if they do.
    public var emptyMaskFiles: [URL] = []
    /// Files of the masks of further labels, by the label's name; empty for data sets with the lesion's alone.
    public var labelFiles: [String: [URL]] = [:]
    /// What the image shows; `nil` where the data set does not say.
    public var pathology: Pathology?
    /// The side of a pixel in mm, where the data set gives it.
    public var pixelSpacing: PixelSpacing?
    /// What the data set says about the lesion, the patient and the scanner, typed.
    public var clinical: ClinicalDescriptors
    /// All columns of the data set as published, by their published names.
    public var metadata: [String: String]

    public init(
        id: String,
        group: String? = nil,
        imageFile: URL,
        maskFiles: [URL] = [],
        pathology: Pathology? = nil,
        pixelSpacing: PixelSpacing? = nil,
        clinical: ClinicalDescriptors = ClinicalDescriptors(),
        metadata: [String: String] = [:]
    ) {
        self.id = id
        self.group = group ?? id
        self.imageFile = imageFile
        self.maskFiles = maskFiles
        self.pathology = pathology
        self.pixelSpacing = pixelSpacing
        self.clinical = clinical
        self.metadata = metadata
    }
}

/// The size of a pixel, mm.
public struct PixelSpacing: Hashable, Sendable, Codable {
    /// Width of a pixel, mm.
    public var x: Double
    /// Height of a pixel, mm.
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// One image with its truth, decoded, in its native size.
public struct Sample: Hashable, Sendable {
    /// Where it came from.
    public var record: SampleRecord
    /// The image, native size, intensity `0...1`.
    public var image: GrayImage
    /// The lesion, same size as the image; empty for normal images.
    public var lesion: Mask
    /// The masks of further labels, same size as the image, as `LabelStating` names them; empty for
    /// data sets with the lesion's alone.
    public var labels: [LabelMask]

    /// Throws if image and masks differ in size, or if a lesion's presence contradicts the record's pathology.
    public init(record: SampleRecord, image: GrayImage, lesion: Mask, labels: [LabelMask] = []) throws {
        for label in labels where label.mask.width != image.width || label.mask.height != image.height {
            throw SegmentationError(
                record.labelFiles[label.name]?.first?.path ?? record.imageFile.path,
                "the mask of `\(label.name)` is \(label.mask.width)×\(label.mask.height) px but the image is "
                    + "\(image.width)×\(image.height) px",
                cure: "replace the file by the published one, or resize the mask in the adapter's `sample(for:)`",
                trouble: .maskSize
            )
        }
        guard image.width == lesion.width && image.height == lesion.height else {
            throw SegmentationError(
                record.maskFiles.first?.path ?? record.imageFile.path,
                "the mask is \(lesion.width)×\(lesion.height) px but the image is \(image.width)×\(image.height) px",
                cure: "replace the file by the published one, or resize the mask in the adapter's `sample(for:)`",
                trouble: .maskSize
            )
        }
        if let pathology = record.pathology, pathology.hasLesion, lesion.isEmpty {
            throw SegmentationError(
                record.maskFiles.first?.path ?? record.imageFile.path,
                "the mask is empty although the image is labeled \(pathology.rawValue)",
                cure: "restore the mask, or label the image normal",
                trouble: .emptyMask
            )
        }
        self.record = record
        self.image = image
        self.lesion = lesion
        self.labels = labels
    }
}
