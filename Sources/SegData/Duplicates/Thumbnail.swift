public import SegCache
public import SegCore

/// An image small enough to compare it with every other: 32×32 px, with hashes of its look and of its pixels.
///
/// The whole image is stretched to the square: a copy that was saved in other proportions still matches.
public struct Thumbnail: Hashable, Sendable {
    /// Side of the square, px.
    public static let side = 32

    /// Whose image it is.
    public var record: RecordReference
    /// Columns of the image, px.
    public let width: Int
    /// Rows of the image, px.
    public let height: Int
    /// Mean intensities. Shape: `side * side`, row-major.
    ///
    /// Each is the mean of the source pixels whose centers it covers, as Pillow's `resize((32, 32), BOX)` computes it
    /// in mode `F`.
    public let pixels: [Float]
    /// What the image looks like in 64 bits: the DCT hash of Zauner 2010.
    public let perceptualHash: UInt64
    /// A hash of all intensities in the image's own size. Equal for the same pixels in files of other kinds, such as
    /// gray stored as gray and as color.
    public let contentHash: ContentHash

    /// Shrinks and hashes an image.
    public init(image: GrayImage, record: RecordReference) {
        self.record = record
        width = image.width
        height = image.height
        let resampler = Resampler(
            sourceWidth: image.width,
            sourceHeight: image.height,
            region: .init(x: 0, y: 0, width: Double(image.width), height: Double(image.height)),
            outputWidth: Self.side,
            outputHeight: Self.side,
            filter: .box
        )
        pixels = resampler(image.pixels)
        perceptualHash = Self.perceptualHash(of: pixels)
        contentHash = image.pixels.withUnsafeBytes { ContentHash(of: $0) }
    }

    /// How many bits of two perceptual hashes differ, `0...64`.
    public func hashDistance(to other: Thumbnail) -> Int { (perceptualHash ^ other.perceptualHash).nonzeroBitCount }
}
