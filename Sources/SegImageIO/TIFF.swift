public import Foundation
import SegCore
import SegFiles

/// TIFF files, in and out, through libtiff.
///
/// Pages count from 1, as in the path `stack.tif#page=3` and in error messages. Copies of reduced resolution and
/// transparency masks, which some programs put between the pages, are not pages.
public enum TIFF {
    /// The largest page that is decoded unless a caller raises it, px. A page may also not exceed eight bytes for each
    /// of these pixels.
    public static let defaultMaximumPixels = PNG.defaultMaximumPixels

    /// The largest volume that is decoded unless a caller raises it, px.
    public static let defaultMaximumVoxels = 1 << 28

    /// Decodes a page.
    ///
    /// Read are gray, RGB and palette pages with and without alpha; 1 to 16 and 32 bits unsigned, 8, 16 and 32 bits
    /// signed, floats of 16, 32 and 64 bits; strips and tiles, interleaved and separate planes, both byte orders and
    /// BigTIFF; LZW, deflate, PackBits, zstd, JPEG, CCITT and no compression.
    ///
    /// - Parameters:
    ///   - page: From 1; the only page if `nil`.
    ///   - name: What errors are about.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a TIFF, are damaged or cut short, are of
    ///   another kind, promise more than `maximumPixels`, do not have the page, or have several pages while none is
    ///   named.
    public static func decode(
        _ bytes: Data,
        page: Int? = nil,
        name: String = "TIFF data",
        maximumPixels: Int = defaultMaximumPixels
    ) throws -> TIFFImage {
        try TIFFReader.read(bytes, name: name, maximumPixels: maximumPixels) { reader in
            if let page {
                guard page >= 1 else {
                    throw SegmentationError(name, "it has no page \(page)", cure: "name a page from 1")
                }
                return try reader.page(page - 1)
            }
            let count = try reader.pageCount(limit: 2)
            guard count > 0 else { throw withoutPages(name) }
            let images = count > 1 ? count : try reader.header(0).stack?.images ?? 1
            guard images == 1 else {
                throw SegmentationError(
                    name,
                    "it is a stack of several images, and none is named",
                    cure: "name a page, such as \(name)#page=1, or read it as a volume"
                )
            }
            return try reader.page(0)
        }
    }

    /// The number of pages.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a TIFF, or if the list of pages is damaged.
    public static func pageCount(of bytes: Data, name: String = "TIFF data") throws -> Int {
        try TIFFReader.read(bytes, name: name, maximumPixels: defaultMaximumPixels) { try $0.pageCount() }
    }

    /// Reads and decodes a page of a file, from 1; the only page if `nil`.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func read(
        _ file: URL,
        page: Int? = nil,
        maximumPixels: Int = defaultMaximumPixels
    ) throws -> TIFFImage {
        try decode(FileReading.contents(of: file), page: page, name: file.path, maximumPixels: maximumPixels)
    }

    /// The number of pages of a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func pageCount(of file: URL) throws -> Int {
        try pageCount(of: FileReading.contents(of: file), name: file.path)
    }

    static func withoutPages(_ name: String) -> SegmentationError {
        SegmentationError(name, "it has no pages", cure: "restore the file from its source, or convert it again")
    }
}
