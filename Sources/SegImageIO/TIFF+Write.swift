import CSegTIFF
public import Foundation
import SegCore
import SegFiles

extension TIFF {
    /// How samples are packed. None of them loses anything.
    public enum Compression: String, Hashable, Sendable, CaseIterable {
        case none
        case lzw
        case deflate
        case zstd
    }

    /// Encodes pages. The same pages give the same bytes with the same libtiff.
    ///
    /// Little-endian; in the BigTIFF format if the samples alone would take the file to the 4 GB that TIFF can address.
    /// Pixel spacing becomes the resolution in px per cm, and the distance of slices an ImageJ description.
    ///
    /// - Parameters:
    ///   - compression: Deflate is read everywhere; zstd is not, ImageJ for one does not know it.
    ///   - isBig: Whether to write BigTIFF; when needed if `nil`.
    ///
    /// - Edge cases: a spacing that is not positive and finite is left out. Traps without pages, and if a sample exceeds
    ///   its page's depth.
    ///
    /// - Throws: ``SegmentationError`` if memory runs out, or if this system's libtiff lacks the compression.
    public static func encode(
        _ pages: [TIFFImage],
        compression: Compression = .deflate,
        isBig: Bool? = nil
    ) throws -> Data {
        precondition(!pages.isEmpty, "a TIFF has at least one page")
        return try encode(count: pages.count, compression: compression, isBig: isBig) { pages[$0] }
    }

    /// Encodes a page, otherwise as ``encode(_:compression:isBig:)``.
    public static func encode(_ page: TIFFImage, compression: Compression = .deflate) throws -> Data {
        try encode([page], compression: compression)
    }

    /// Encodes a volume, a page for each slice, otherwise as ``encode(_:compression:isBig:)``.
    ///
    /// - Parameter bitDepth: 8, 16 or 32; the fewest that keep the volume's own depth if `nil`.
    public static func encode(
        _ volume: GrayVolume,
        bitDepth: Int? = nil,
        compression: Compression = .deflate
    ) throws -> Data {
        try encode(count: volume.depth, compression: compression, isBig: nil) { index in
            var page = TIFFImage(volume.slice(index), bitDepth: bitDepth, pixelSpacing: volume.pixelSpacing)
            page.sliceSpacing = volume.sliceSpacing
            return page
        }
    }

    /// Encodes pages and writes them atomically.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func write(_ pages: [TIFFImage], to file: URL, compression: Compression = .deflate) throws {
        try AtomicFile.write(encode(pages, compression: compression), to: file)
    }

    /// Encodes a page and writes it atomically.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func write(_ page: TIFFImage, to file: URL, compression: Compression = .deflate) throws {
        try write([page], to: file, compression: compression)
    }

    /// Encodes a volume and writes it atomically.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func write(
        _ volume: GrayVolume,
        to file: URL,
        bitDepth: Int? = nil,
        compression: Compression = .deflate
    ) throws {
        try AtomicFile.write(encode(volume, bitDepth: bitDepth, compression: compression), to: file)
    }

    /// Beyond this many bytes of samples the offsets of TIFF may not reach the end of the file.
    private static let largestClassicFile = 4_000_000_000

    private static func encode(
        count: Int,
        compression: Compression,
        isBig: Bool?,
        page: (Int) -> TIFFImage
    ) throws -> Data {
        let first = page(0)
        let isLarge = first.samples.count * first.samples.width / 8 >= largestClassicFile / count
        let name = "TIFF of \(first.width)×\(first.height) px"
        var writer: OpaquePointer?
        try TIFFReader.check(name) { seg_tiff_begin(isBig ?? isLarge ? 1 : 0, &writer, $0) }
        do {
            for index in 0..<count {
                let page = index == 0 ? first : page(index)
                try TIFFReader.check(name) { message in
                    page.withCPage { seg_tiff_append(writer, &$0, compression.code, message) }
                }
            }
        } catch {
            seg_tiff_abandon(writer)
            throw error
        }
        var buffer = seg_tiff_buffer()
        defer { seg_tiff_release(buffer.bytes) }
        try TIFFReader.check(name) { seg_tiff_end(writer, &buffer, $0) }
        return Data(bytes: buffer.bytes, count: buffer.count)
    }
}

extension TIFF.Compression {
    fileprivate var code: seg_tiff_compression {
        switch self {
        case .none: SEG_TIFF_NONE
        case .lzw: SEG_TIFF_LZW
        case .deflate: SEG_TIFF_DEFLATE
        case .zstd: SEG_TIFF_ZSTD
        }
    }
}
