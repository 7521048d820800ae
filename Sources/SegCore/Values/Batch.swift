import Foundation
public import SegTensor

/// Samples as a model sees them.
public struct Batch {
    /// Standardized images, `[batch, 1, height, width]`, padding 0.
    public var images: Tensor
    /// True masks, `[batch, 1, height, width]`, values in 0...1.
    public var masks: Tensor
    /// True masks of further labels by name, each as ``masks``; empty for data sets with the lesion's alone.
    public var labels: [String: Tensor]
    /// What the data set says about each image: descriptors, spacing, patient.
    public var records: [SampleRecord]
    /// What each image shows; `nil` where unknown.
    public var pathologies: [Pathology?]
    /// The samples' identifiers.
    public var identifiers: [String]
    /// Images before standardization, intensity `0...1`, `[batch, 1, height, width]`: for features of echogenicity.
    public var intensities: Tensor
    /// 1 where a pixel belongs to the image, 0 in the padding around it, `[batch, 1, height, width]`.
    public var coverage: Tensor

    /// - Parameter records: one for each image; without them, records that state identifier and pathology alone.
    public init(
        images: Tensor,
        masks: Tensor,
        pathologies: [Pathology?],
        identifiers: [String],
        intensities: Tensor,
        coverage: Tensor,
        records: [SampleRecord]? = nil,
        labels: [String: Tensor] = [:]
    ) {
        requireOperands(
            images.shape.rank == 4 && images.shape[0] == pathologies.count && identifiers.count == pathologies.count,
            "images of shape \(images.shape) do not fit \(pathologies.count) pathologies and \(identifiers.count) "
                + "identifiers",
            cure: "images have shape [batch, channels, height, width]; give one of each for each image",
            operation: "Batch"
        )
        self.images = images
        self.records =
            records
            ?? zip(identifiers, pathologies).map {
                SampleRecord(id: $0, imageFile: URL(fileURLWithPath: $0), pathology: $1)
            }
        self.masks = masks
        self.labels = labels
        self.pathologies = pathologies
        self.identifiers = identifiers
        self.intensities = intensities
        self.coverage = coverage
    }

    /// The true mask of a label, `[batch, 1, height, width]`, ``masks`` for `lesion`; `nil` if the data set does not have it.
    public func mask(of label: String) -> Tensor? { labels[label] ?? (label == LabelSet.lesionName ? masks : nil) }

    /// The number of images.
    public var count: Int { pathologies.count }

    /// 1 for malignant, else 0, `[batch]`. Unknown ones count 0 here and have weight 0 in ``pathologyKnown``.
    public var malignancy: Tensor {
        Tensor(pathologies.map { $0 == .malignant ? 1 : 0 }, shape: [count])
    }

    /// 1 where the pathology is known, else 0, `[batch]`.
    public var pathologyKnown: Tensor { Tensor(pathologies.map { $0 == nil ? 0 : 1 }, shape: [count]) }

    /// 1 where there is or may be a lesion, 0 for normal images, `[batch]`.
    public var hasLesion: Tensor { Tensor(pathologies.map { $0 == .normal ? 0 : 1 }, shape: [count]) }
}
