import Foundation
public import SegCore

extension BUSUCLM {
    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for file in record.maskFiles {
            var mask = try decoder.mask(at: file.path)
            if "\(mask.width)x\(mask.height)" == record.metadata[Column.resolution.rawValue] {
                mask = mask.resized(toWidth: image.width, height: image.height)
            }
            try lesion.formUnion(mask, of: file)
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    /// A mask of the other class's color, a normal image's mask that is not black, and an image of another size than
    /// the table says.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        var doubts = try MaskNames.doubtsAboutNormal(record, decoder: decoder)
        for file in record.maskFiles {
            // The first channel alone decides on red, and green is lesion that is not red.
            let malignant = try decoder.mask(at: file.path, rule: .labels([255])).area
            let benign = try decoder.mask(at: file.path).area - malignant
            if record.pathology == .benign && malignant > 0 || record.pathology == .malignant && benign > 0 {
                let (color, area) = record.pathology == .benign ? ("red", malignant) : ("green", benign)
                doubts.append(
                    "the image is labeled \(record.pathology?.rawValue ?? "") but \(area) px of its mask are \(color)"
                )
            }
        }
        let image = try decoder.grayImage(at: record.imageFile.path)
        if let published = record.metadata[Column.resolution.rawValue], published != "\(image.width)x\(image.height)" {
            doubts.append(
                "the image is \(image.width)×\(image.height) px where the table says \(published), "
                    + "so its mask is stretched"
            )
        }
        return doubts
    }
}
