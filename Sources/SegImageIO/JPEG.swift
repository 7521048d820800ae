import CSegJPEG
public import Foundation
import SegCore
import SegFiles

/// JPEG files, read through libjpeg.
///
/// What a JPEG has lost is lost: it is a format for pictures, and as a mask it holds values that no mask has.
public enum JPEG {
    /// Decodes the bytes of a JPEG of 8 bits, grey or colour, baseline or progressive, to the samples that libjpeg's accurate
    /// integer transform and smooth up-sampling of colours give. The orientation of an EXIF profile is applied as that of a
    /// TIFF; colour profiles are ignored.
    ///
    /// Throws: ``SegmentationError`` about `name` if the bytes are no JPEG, are damaged or cut short, are of a kind for print
    /// (four components), or promise more than `maximumPixels`.
    public static func decode(
        _ bytes: Data,
        name: String = "JPEG data",
        maximumPixels: Int = PNG.defaultMaximumPixels
    ) throws -> PNGImage {
        guard ImageFileKind(bytes) == .jpeg else { throw ImageFileKind.error(bytes, name: name, isNot: "JPEG") }
        var image = seg_jpeg_image()
        let failure = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SEG_JPEG_MESSAGE_CAPACITY)) {
            message -> String? in
            guard let start = message.baseAddress else { return nil }
            let code = bytes.withUnsafeBytes { buffer in
                seg_jpeg_decode(
                    buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    buffer.count,
                    UInt64(clamping: maximumPixels),
                    &image,
                    start
                )
            }
            return code == 0 ? nil : String(cString: start)
        }
        defer { seg_jpeg_release(image.samples) }
        if let failure {
            throw SegmentationError(
                name,
                "the JPEG cannot be decoded: \(failure)",
                cure: failure.contains("more than the limit")
                    ? "check that this is the file you mean; cut it, or scale it down"
                    : "restore the file from its source, or convert it to PNG"
            )
        }
        guard let samples = image.samples else { preconditionFailure("libjpeg returned no samples") }
        let count = Int(image.width) * Int(image.height) * Int(image.channels)
        let decoded = PNGImage(
            width: Int(image.width),
            height: Int(image.height),
            channels: image.channels == 1 ? .gray : .rgb,
            bitDepth: 8,
            samples: UnsafeBufferPointer(start: samples, count: count).map(UInt16.init)
        )
        return decoded.upright(orientation(of: bytes))
    }

    /// The orientation in the first EXIF profile; upright where there is none.
    ///
    /// Source: Exif 2.32, section 4.5.4 (application marker 1: `Exif`, two zeros, and a TIFF).
    private static func orientation(of file: Data) -> PNGOrientation {
        var place = file.startIndex + 2
        while file.endIndex - place >= 4, file[place] == 0xFF {
            let marker = file[place + 1]
            // Fill bytes before a marker.
            if marker == 0xFF {
                place += 1
                continue
            }
            let length = Int(file[place + 2]) << 8 | Int(file[place + 3])
            guard marker != 0xDA, length >= 2, length <= file.endIndex - place - 2 else { break }
            let content = file[(place + 4)..<(place + 2 + length)]
            if marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) {
                return PNGOrientation(profile: Data(content.dropFirst(6)))
            }
            place += 2 + length
        }
        return .upright
    }
}
