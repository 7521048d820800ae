import Foundation

/// A data set in the layout in which it was published, or in which a hospital keeps it.
///
/// An adapter lists what is there. The default ``sample(for:decoder:)`` then decodes an image as gray and joins its
/// masks, those of further labels each by its name, which serves every data set whose masks have the size of their images;
/// override it for the others. What else a data set states is in ``DocumentedDataset``.
///
/// Conformance is checked by `SegTestKit`'s `checkDatasetAdapter(_:)`.
public protocol DatasetAdapter: Sendable {
    /// The name shown in reports: `BrEaST`.
    var name: String { get }

    /// Every image of the data set, in a stable order, without decoding pixels.
    ///
    /// - Throws: ``SegmentationError`` naming the file that is missing, unreadable or unexpected. Nothing is dropped in
    ///   silence.
    func records() throws -> [SampleRecord]

    /// Decodes one record.
    ///
    /// - Throws: ``SegmentationError`` naming the damaged or mismatched file.
    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample
}

extension DatasetAdapter {
    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for file in record.maskFiles {
            let mask = try decoder.mask(at: file.path)
            guard mask.width == lesion.width && mask.height == lesion.height else {
                throw SegmentationError(
                    file.path,
                    "the mask is \(mask.width)×\(mask.height) px but its image is \(image.width)×\(image.height) px",
                    cure: "replace the file by the published one, or resize it in the adapter's `sample(for:decoder:)`",
                    trouble: .maskSize
                )
            }
            lesion.formUnion(mask)
        }
        let labels = try (self as? any LabelStating)?.labels ?? .lesionOnly
        return try Sample(
            record: record,
            image: image,
            lesion: lesion,
            labels: try labels.masks(of: record, width: image.width, height: image.height) {
                try decoder.mask(at: $0.path)
            }
        )
    }

    /// The adapter as one that states more about its data set; `nil` if it does not.
    public var documented: (any DocumentedDataset)? { self as? any DocumentedDataset }
}
