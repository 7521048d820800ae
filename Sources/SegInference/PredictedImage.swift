public import Foundation
import SegCache
public import SegConfiguration
public import SegCore
import SegData
import SegImageIO
import SegTensor

/// An image that is to be predicted: a file, or an image of a data set.
public struct PredictedImage: Sendable {
    /// The image's file; of a data set whose images are not files, what its record says.
    public let file: URL
    /// What the names of its predictions begin with.
    public let name: String
    /// Where it is an image of a data set.
    let membership: Membership?

    /// An image's place in a data set. By reference, so that an image in a file takes no room for it.
    final class Membership: Sendable {
        let record: SampleRecord
        let dataset: String
        let adapter: any DatasetAdapter

        init(_ record: SampleRecord, _ dataset: OpenedDataset) {
            self.record = record
            (self.dataset, adapter) = (dataset.name, dataset.adapter)
        }
    }

    /// An image in a file of its own.
    public init(_ file: URL) {
        self.file = file
        name = StandardImageDecoder.name(of: file.path)
        membership = nil
    }

    /// An image of a data set. Its name is the record's id, with what a file's name cannot contain as numbers.
    public init(_ record: SampleRecord, of dataset: OpenedDataset) {
        file = record.imageFile
        name = Self.fileName(record.id)
        membership = Membership(record, dataset)
    }

    /// The image as a reader knows it: its path, or data set and id.
    public var title: String { membership.map { "\($0.dataset), \($0.record.id)" } ?? file.path }

    /// What an image is known by when it is predicted again: a hash of its file or, where there is none, of its pixels.
    ///
    /// - Parameter decoded: the image, if it is at hand.
    func identity(decoded: GrayImage? = nil) throws -> ContentHash {
        guard let membership else { return try ContentHash(ofFile: StandardImageDecoder.file(of: file.path)) }
        let place = StandardImageDecoder.file(of: file.path)
        if file.isFileURL, FileManager.default.fileExists(atPath: place.path) { return try ContentHash(ofFile: place) }
        let image = try decoded ?? membership.sample(StandardImageDecoder()).image
        return image.pixels.withUnsafeBytes { ContentHash(of: $0) }
    }

    /// An id as the name of a file: another one for every id. Slashes, tildes, control characters and a leading point are
    /// hexadecimal numbers between `~` and `.`; everything else stays.
    static func fileName(_ id: String) -> String {
        var name = ""
        for scalar in id.unicodeScalars {
            let isEscaped =
                scalar == "/" || scalar == "~" || scalar.properties.generalCategory == .control
                || (scalar == "." && name.isEmpty)
            if isEscaped { name += "~\(String(scalar.value, radix: 16))." } else { name.unicodeScalars.append(scalar) }
        }
        return name
    }
}

extension PredictedImage.Membership {
    func sample(_ decoder: StandardImageDecoder) throws -> Sample {
        try PluginContext.with(adapter) { try adapter.sample(for: record, decoder: decoder) }
    }
}

/// An image that was read, and is yet to be predicted.
public struct ReadImage {
    /// Which image it is.
    public let image: PredictedImage
    /// As it was read, without what a data set knows of its lesion.
    let sample: Sample
    /// Red, green and blue where the model sees colors.
    let colors: [GrayImage]
    /// Whether a patient's name may be burned into it.
    public let mayNamePatient: Bool
}

extension ImagePredictor {
    /// Reads an image.
    ///
    /// - Throws: ``SegmentationError`` if it is missing or damaged. What is thrown is about this image alone: others may be readable.
    public func read(_ image: PredictedImage) throws -> ReadImage {
        let decoder = StandardImageDecoder()
        let hasColors = trained.description.hasColors
        guard let membership = image.membership else {
            let picture = try decoder.picture(at: image.file.path, hasColors: hasColors)
            return try ReadImage(
                image: image,
                sample: blank(image.name, image.file, picture.image, picture.spacing),
                colors: picture.colors,
                mayNamePatient: picture.mayNamePatient
            )
        }
        let known = try membership.sample(decoder)
        let place = StandardImageDecoder.file(of: image.file.path)
        let isDICOM = image.file.isFileURL && DICOM.isDICOM(place)
        return try ReadImage(
            image: image,
            sample: blank(known.record.id, image.file, known.image, known.record.pixelSpacing),
            colors: hasColors ? known.colors(in: image.file, of: membership.dataset, decoder: decoder) : [],
            mayNamePatient: isDICOM && DICOM.burnedInText(in: place) != .absent
        )
    }

    private func blank(_ id: String, _ file: URL, _ image: GrayImage, _ spacing: PixelSpacing?) throws -> Sample {
        try Sample(
            record: SampleRecord(id: id, imageFile: file, pixelSpacing: spacing),
            image: image,
            lesion: Mask(emptyWithWidth: image.width, height: image.height)
        )
    }
}
