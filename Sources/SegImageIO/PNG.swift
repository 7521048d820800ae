import CSegPNG
public import Foundation
import SegCore
import SegFiles

/// PNG files, in and out, through libpng.
public enum PNG {
    /// The largest image that is decoded unless a caller raises it, px. No ultrasound frame comes near it, and a
    /// damaged header cannot make the process take gigabytes.
    public static let defaultMaximumPixels = 1 << 26

    /// Decodes the bytes of a PNG of any color type and depth.
    ///
    /// Palettes become RGB and tRNS becomes alpha, the orientation of an `eXIf` chunk is applied as that of a TIFF; gamma
    /// and color profiles are ignored.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a PNG, are damaged or cut short, or promise more
    ///   than `maximumPixels`.
    public static func decode(
        _ bytes: Data,
        name: String = "PNG data",
        maximumPixels: Int = defaultMaximumPixels
    ) throws -> PNGImage {
        guard ImageFileKind(bytes) == .png else {
            throw ImageFileKind.error(bytes, name: name, isNot: "PNG")
        }
        var image = seg_png_image()
        let failure = withMessage { message in
            bytes.withUnsafeBytes { buffer in
                seg_png_decode(
                    buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    buffer.count,
                    UInt64(clamping: maximumPixels),
                    &image,
                    message
                )
            }
        }
        defer { seg_png_release(image.samples) }
        if let failure {
            throw SegmentationError(
                name,
                "the PNG cannot be decoded: \(failure)",
                cure: failure.contains("more than the limit")
                    ? "check that this is the file you mean; cut it, or scale it down"
                    : "restore the file from its source, or convert it again"
            )
        }
        guard let channels = PNGImage.Channels(rawValue: Int(image.channels)), let samples = image.samples else {
            preconditionFailure("libpng returned \(image.channels) channels")
        }
        let count = Int(image.width) * Int(image.height) * channels.count
        let values =
            image.bit_depth == 16
            ? Array(UnsafeBufferPointer(start: samples.assumingMemoryBound(to: UInt16.self), count: count))
            : widened(UnsafeBufferPointer(start: samples.assumingMemoryBound(to: UInt8.self), count: count))
        return PNGImage(image, channels: channels, values: values).upright(PNGOrientation(of: bytes))
    }

    /// Encodes an image. The same image gives the same bytes.
    ///
    /// - Edge cases: traps if a sample exceeds the image's `maximumSample`.
    public static func encode(_ image: PNGImage) throws -> Data {
        let maximum = image.maximumSample
        precondition(image.samples.allSatisfy { $0 <= maximum }, "a sample exceeds \(maximum)")
        var source = header(width: image.width, height: image.height, channels: image.channels.count)
        source.bit_depth = UInt32(image.bitDepth)
        if image.bitDepth == 16 { return try image.samples.withUnsafeBytes { try encode($0, as: source) } }
        return try narrowed(image.samples).withUnsafeBytes { try encode($0, as: source) }
    }

    /// Encodes pixels of 8 bits a channel: gray, or red, green and blue.
    ///
    /// - Parameter palette: the colors that pixels of one byte are indices of, at most 256; none for gray.
    static func encode(
        width: Int,
        height: Int,
        channels: PNGImage.Channels,
        bytes: [UInt8],
        palette: [ColorImage.Color] = []
    ) throws -> Data {
        precondition(bytes.count == width * height * channels.count, "a byte a pixel and channel")
        var source = header(width: width, height: height, channels: channels.count)
        source.bit_depth = 8
        source.palette_count = UInt32(palette.count)
        withUnsafeMutableBytes(of: &source.palette) { entries in
            for (index, color) in palette.enumerated() {
                entries[(4 * index)..<(4 * index + 4)].copyBytes(from: [color.red, color.green, color.blue, 255])
            }
        }
        return try bytes.withUnsafeBytes { try encode($0, as: source) }
    }

    /// Reads and decodes a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func read(_ file: URL, maximumPixels: Int = defaultMaximumPixels) throws -> PNGImage {
        try decode(FileReading.contents(of: file), name: file.path, maximumPixels: maximumPixels)
    }

    /// Encodes an image and writes it atomically.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func write(_ image: PNGImage, to file: URL) throws {
        try AtomicFile.write(encode(image), to: file)
    }

    private static func header(width: Int, height: Int, channels: Int) -> seg_png_image {
        var header = seg_png_image()
        header.width = UInt32(width)
        header.height = UInt32(height)
        header.channels = UInt32(channels)
        return header
    }

    private static func encode(_ samples: UnsafeRawBufferPointer, as header: seg_png_image) throws -> Data {
        var source = header
        source.samples = UnsafeMutableRawPointer(mutating: samples.baseAddress)
        var buffer = seg_png_buffer()
        let failure = withMessage { seg_png_encode(&source, &buffer, $0) }
        defer { seg_png_release(buffer.bytes) }
        if let failure {
            throw SegmentationError(
                "PNG of \(header.width)×\(header.height) px",
                "it cannot be encoded: \(failure)",
                cure: "write a smaller image"
            )
        }
        return Data(bytes: buffer.bytes, count: buffer.count)
    }

    /// Samples of at most 8 bits as bytes, without a check of each.
    private static func narrowed(_ samples: [UInt16]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: samples.count) { bytes, initializedCount in
            for index in samples.indices {
                bytes.initializeElement(at: index, to: UInt8(truncatingIfNeeded: samples[index]))
            }
            initializedCount = samples.count
        }
    }

    /// Bytes as 16-bit samples; a plain loop, which the compiler vectorizes where `map` would not.
    private static func widened(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt16] {
        [UInt16](unsafeUninitializedCapacity: bytes.count) { samples, initializedCount in
            for index in bytes.indices { samples.initializeElement(at: index, to: UInt16(bytes[index])) }
            initializedCount = bytes.count
        }
    }

    /// Runs a call of `CSegPNG`; its message if it failed.
    private static func withMessage(_ call: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SEG_PNG_MESSAGE_CAPACITY)) { message in
            guard let start = message.baseAddress, call(start) != 0 else { return nil }
            return String(cString: start)
        }
    }
}
