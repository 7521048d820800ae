import CSegTIFF
import Foundation
import SegCore

/// The pages of a TIFF file in memory.
struct TIFFReader: ~Copyable {
    private let reader: OpaquePointer
    private let name: String

    /// - Throws: ``SegmentationError`` about `name` if the bytes do not begin like a TIFF.
    ///
    /// - Parameter bytes: The file, which must outlive the reader.
    private init(_ bytes: UnsafeRawBufferPointer, name: String, maximumPixels: Int) throws {
        var reader: OpaquePointer?
        try Self.check(name) {
            seg_tiff_open(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                bytes.count,
                UInt64(clamping: maximumPixels),
                &reader,
                $0
            )
        }
        guard let reader else { preconditionFailure("a file that was opened has a reader") }
        self.reader = reader
        self.name = name
    }

    deinit { seg_tiff_close(reader) }

    /// Runs `body` with the pages of a file.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a TIFF; whatever `body` throws.
    static func read<Result>(
        _ bytes: Data,
        name: String,
        maximumPixels: Int,
        _ body: (borrowing TIFFReader) throws -> Result
    ) throws -> Result {
        guard ImageFileKind(bytes) == .tiff else { throw ImageFileKind.error(bytes, name: name, isNot: "TIFF") }
        return try bytes.withUnsafeBytes { try body(TIFFReader($0, name: name, maximumPixels: maximumPixels)) }
    }

    /// The number of pages, or `limit` if there are more.
    func pageCount(limit: Int = .max) throws -> Int {
        var count = 0
        try Self.check(name) { seg_tiff_count_pages(reader, limit, &count, $0) }
        return count
    }

    /// What the description of a page says about all pages, and the size of the page, px. Indices count from 0.
    func header(_ index: Int) throws -> (width: Int, height: Int, stack: ImageJDescription?) {
        var page = seg_tiff_page()
        try Self.check(name) { seg_tiff_read_header(reader, index, &page, $0) }
        return (Int(page.width), Int(page.height), Self.description(of: page))
    }

    /// Decodes a page. Indices count from 0.
    func page(_ index: Int) throws -> TIFFImage {
        var page = seg_tiff_page()
        try Self.check(name) { seg_tiff_read_page(reader, index, &page, $0) }
        defer {
            seg_tiff_release(page.samples)
            seg_tiff_release(page.palette)
        }
        guard let channels = TIFFImage.Channels(rawValue: Int(page.channels)), let samples = Self.samples(of: page)
        else { preconditionFailure("libtiff returned \(page.channels) channels of \(page.bits) bits") }
        let stack = Self.description(of: page)
        var image = TIFFImage(
            width: Int(page.width),
            height: Int(page.height),
            channels: channels,
            samples: samples,
            bitDepth: Int(page.bits),
            palette: Self.palette(of: page),
            isPremultiplied: page.alpha == SEG_TIFF_PREMULTIPLIED_ALPHA,
            pixelSpacing: PixelSpacing(page, unit: stack?.unit),
            sliceSpacing: stack?.sliceSpacing
        )
        image.isInverted = page.is_inverted != 0
        return image
    }

    private static func description(of page: seg_tiff_page) -> ImageJDescription? {
        page.description.flatMap { ImageJDescription(String(cString: $0)) }
    }

    private static func samples(of page: seg_tiff_page) -> TIFFImage.Samples? {
        let count = Int(page.width) * Int(page.height) * Int(page.channels)
        guard let samples = page.samples else { return nil }
        func values<Sample>(_: Sample.Type) -> [Sample] {
            Array(UnsafeBufferPointer(start: samples.assumingMemoryBound(to: Sample.self), count: count))
        }
        return switch (page.format, page.bits) {
        case (SEG_TIFF_UNSIGNED, ...8): .unsigned8(values(UInt8.self))
        case (SEG_TIFF_UNSIGNED, ...16): .unsigned16(values(UInt16.self))
        case (SEG_TIFF_UNSIGNED, 32): .unsigned32(values(UInt32.self))
        case (SEG_TIFF_SIGNED, 8): .signed8(values(Int8.self))
        case (SEG_TIFF_SIGNED, 16): .signed16(values(Int16.self))
        case (SEG_TIFF_SIGNED, 32): .signed32(values(Int32.self))
        case (SEG_TIFF_FLOAT, 32): .float32(values(Float.self))
        case (SEG_TIFF_FLOAT, 64): .float64(values(Double.self))
        default: nil
        }
    }

    private static func palette(of page: seg_tiff_page) -> TIFFImage.Palette? {
        guard let colors = page.palette else { return nil }
        let count = 1 << Int(page.bits)
        // Some programs write 8-bit colors where the format has 16.
        let isShallow = UnsafeBufferPointer(start: colors, count: 3 * count).allSatisfy { $0 < 256 }
        let parts = (0..<3).map { part in
            UnsafeBufferPointer(start: colors + part * count, count: count).map { isShallow ? $0 * 257 : $0 }
        }
        return TIFFImage.Palette(red: parts[0], green: parts[1], blue: parts[2])
    }

    /// Runs a call of `CSegTIFF`.
    static func check(_ name: String, _ call: (UnsafeMutablePointer<CChar>) -> seg_tiff_status) throws {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SEG_TIFF_MESSAGE_CAPACITY)) { message in
            guard let start = message.baseAddress else { return }
            let status = call(start)
            guard status != SEG_TIFF_OK else { return }
            let cure =
                switch status {
                case SEG_TIFF_UNSUPPORTED:
                    "save it as gray or RGB with 8 or 16 bits and deflate or no compression, or as a PNG"
                case SEG_TIFF_TOO_LARGE: "check that this is the file you mean; cut it, or scale it down"
                case SEG_TIFF_NO_MEMORY: "use a machine with more memory, or smaller images"
                case SEG_TIFF_NO_PAGE: "name one of its pages, which count from 1"
                default: "restore the file from its source, or convert it again"
                }
            throw SegmentationError(name, "the TIFF cannot be used: \(String(cString: start))", cure: cure)
        }
    }
}
