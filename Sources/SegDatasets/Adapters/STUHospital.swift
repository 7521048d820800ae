public import Foundation
public import SegCore
import SegFiles

/// STU-Hospital: 42 breast-ultrasound images with a lesion each, from Shantou, without labels.
///
/// Layout: `Hospital` with `Test_Image_1.png` and `mask_1.png`. The repository that publishes it has other folders
/// beside, with images that have no masks; they do not disturb.
///
/// The set does not say what is benign and what malignant, so the pathology is `nil`: it can test segmentation, not
/// classification. Patients are unknown; every image is a group of its own. Images are 128×128 px, masks gray and of
/// 128 to 512 px: a mask is cut at one half of the full range and brought to its image's size.
///
/// - Source: Zhuang et al. 2019, doi 10.1371/journal.pone.0221535.
public struct STUHospital: DocumentedDataset {
    public let name = "STU-Hospital"
    /// The folder `Hospital`, one around it, or the zip archive.
    public var folder: URL

    public init(folder: URL) {
        self.folder = folder
    }

    public var decodingVersion: String? { "1" }

    public var publishedCounts: PublishedCounts? { PublishedCounts(total: 42) }

    /// The images by number.
    ///
    /// - Throws: ``SegmentationError`` if the folder is another one, an image has no mask, a mask no image, or if a PNG
    ///   has a name that the set does not know.
    public func records() throws -> [SampleRecord] {
        let search = DatasetFolder(
            dataset: name,
            folder: folder,
            expected: "Test_Image_1.png and mask_1.png in the folder Hospital"
        )
        let pattern = /(?<kind>Test_Image|mask)_(?<number>\d+)/
        func match(_ file: URL) -> (kind: String, number: String)? {
            let stem = file.deletingPathExtension().lastPathComponent
            guard file.pathExtension.lowercased() == "png", let match = stem.wholeMatch(of: pattern) else { return nil }
            return (String(match.kind), String(match.number))
        }
        let root = try search.locate { listing in
            Set(listing.files.compactMap { match($0)?.kind }).count == 2
        }
        var images: [(number: String, file: URL)] = []
        var masks: [String: URL] = [:]
        for file in try FolderListing(root).files where file.pathExtension.lowercased() == "png" {
            switch match(file) {
            case (kind: "mask", let number)?: masks[number] = file
            case (_, let number)?: images.append((number, file))
            case nil:
                throw SegmentationError(
                    file.path,
                    "STU-Hospital has no file of this name",
                    cure: "move it elsewhere; names are like Test_Image_1.png and mask_1.png"
                )
            }
        }
        let records = try images.map { number, file in
            guard let mask = masks.removeValue(forKey: number) else {
                throw SegmentationError(
                    root.appendingPathComponent("mask_\(number).png").path,
                    "the mask of \(file.lastPathComponent) is missing",
                    cure: "download the data set again"
                )
            }
            return SampleRecord(
                id: file.deletingPathExtension().lastPathComponent,
                imageFile: file,
                maskFiles: [mask]
            )
        }
        if let orphan = masks.values.min(by: { $0.path < $1.path }) {
            throw SegmentationError(
                orphan.path,
                "the image of this mask is missing",
                cure: "download the data set again"
            )
        }
        return records
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for file in record.maskFiles {
            let mask = try decoder.mask(at: file.path)
            lesion.formUnion(mask.resized(toWidth: image.width, height: image.height))
        }
        // Without labels nothing else would notice.
        guard !lesion.isEmpty else {
            throw SegmentationError(
                record.maskFiles.first?.path ?? record.imageFile.path,
                "the mask is empty although every image of the set shows a lesion",
                cure: "download the data set again",
                trouble: .emptyMask
            )
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    /// A mask whose sides have another ratio than its image's, so that resizing distorts it.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        let image = try decoder.grayImage(at: record.imageFile.path)
        return try record.maskFiles.compactMap { file in
            let mask = try decoder.mask(at: file.path)
            // Within a pixel of the mask's own grid.
            let width = Double(mask.height * image.width) / Double(image.height)
            if abs(width - Double(mask.width)) <= 1 { return nil }
            return "the mask is \(mask.width)×\(mask.height) px and the image \(image.width)×\(image.height) px, "
                + "so resizing distorts it"
        }
    }
}
