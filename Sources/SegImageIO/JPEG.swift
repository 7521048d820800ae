import CSegJPEG
public import Foundation
import SegCore
import SegFiles

/// JPEG files, read through libjpeg.
///
/// What a JPEG has lost is lost: it is a format for pictures, and a mask saved as JPEG contains values that no mask has.
public enum JPEG {
    /// Decodes the bytes of a JPEG of 8 bits, gray or color, baseline or progressive, to the samples that libjpeg's accurate
    /// integer transform and smooth up-sampling of colors give. The orientation of an EXIF profile is applied as that of a
    /// TIFF; color profiles are ignored.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a JPEG, are damaged or cut short, are of a kind
    ///   for print (four components), or promise more than `maximumPixels`.
    public static func decode(
        _ bytes: Data,
        name: String = "JPEG data",
        maximumPixels: Int = PNG.defaultMaximumPixels
    ) throws -> PNGImage {
        guard ImageFileKind(bytes) == .jpeg else { throw ImageFileKind.error(bytes, name: name, isNot: "JPEG") }
        return try samples(bytes, name: name, maximumPixels: maximumPixels).upright(orientation(of: bytes))
    }

    /// The samples as they are stored, whatever the orientation.
    static func samples(_ bytes: Data, name: String, maximumPixels: Int) throws -> PNGImage {
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
        return PNGImage(
            width: Int(image.width),
            height: Int(image.height),
            channels: image.channels == 1 ? .gray : .rgb,
            bitDepth: 8,
            samples: UnsafeBufferPointer(start: samples, count: count).map(UInt16.init)
        )
    }

    /// What a file says before its pixels.
    struct Header: Hashable {
        var width: Int
        var height: Int
        var components: Int
        /// Whether it says what its components are: by a marker of JFIF or Adobe. Without one libjpeg guesses.
        var saysColors: Bool
    }

    /// The header of a frame, before anything is decoded by it; `nil` where there is none.
    ///
    /// - Source: ITU-T T.81, B.2.2 (start of frame: precision, lines, samples per line, components).
    static func header(of file: Data) -> Header? {
        var header: Header?
        var saysColors = false
        visitSegments(of: file) { marker, content in
            switch marker {
            case 0xE0 where content.starts(with: Array("JFIF\0".utf8)),
                0xEE where content.starts(with: Array("Adobe".utf8)):
                saysColors = true
            // Frames of all kinds; 4, 8 and 12 are tables and reserved.
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker) && content.count >= 6:
                let numbers = Array(content.prefix(6)).map(Int.init)
                header = Header(
                    width: numbers[3] << 8 | numbers[4],
                    height: numbers[1] << 8 | numbers[2],
                    components: numbers[5],
                    saysColors: false
                )
                return false
            default: break
            }
            return true
        }
        header?.saysColors = saysColors
        return header
    }

    /// The file with a marker, as Adobe's programs write it, which says that its components are red, green and blue.
    static func markedAsRGB(_ file: Data) -> Data {
        let marker: [UInt8] = [0xFF, 0xEE, 0, 14] + Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0]
        var marked = Data(file.prefix(2))
        marked.append(contentsOf: marker)
        marked.append(contentsOf: file.dropFirst(2))
        return marked
    }

    /// The orientation in the first EXIF profile; upright where there is none.
    ///
    /// - Source: Exif 2.32, section 4.5.4 (application marker 1: `Exif`, two zeros, and a TIFF).
    private static func orientation(of file: Data) -> PNGOrientation {
        var orientation = PNGOrientation.upright
        visitSegments(of: file) { marker, content in
            guard marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) else { return true }
            orientation = PNGOrientation(profile: Data(content.dropFirst(6)))
            return false
        }
        return orientation
    }

    /// Goes through the segments before the first scan, until a visit returns `false`.
    private static func visitSegments(of file: Data, _ visit: (_ marker: UInt8, _ content: Data) -> Bool) {
        var place = file.startIndex + 2
        while file.endIndex - place >= 4, file[place] == 0xFF {
            let marker = file[place + 1]
            // Fill bytes before a marker.
            if marker == 0xFF {
                place += 1
                continue
            }
            let length = Int(file[place + 2]) << 8 | Int(file[place + 3])
            guard marker != 0xDA, length >= 2, length <= file.endIndex - place - 2,
                visit(marker, file[(place + 4)..<(place + 2 + length)])
            else { return }
            place += 2 + length
        }
    }
}
