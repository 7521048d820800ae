public import SegCore

/// An image small enough to compare it with every other: 32×32 px, with hashes of its look and of its pixels.
///
/// The whole image is stretched to the square: a copy that was saved in other proportions still matches.
public struct Thumbnail: Hashable, Sendable, Codable {
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
    /// Each is the mean of the source pixels whose centres it covers, as Pillow's `resize((32, 32), BOX)` computes it
    /// in mode `F`.
    public let pixels: [Float]
    /// What the image looks like in 64 bits: see ``perceptualHash(of:)``.
    public let perceptualHash: UInt64
    /// A hash of the image's size and of all its intensities. Equal for the same pixels in files of other kinds, such
    /// as grey stored as grey and as colour.
    ///
    /// Source: FNV-1a (Fowler, Noll and Vo) over 64-bit words, finished by MurmurHash3's mixer.
    public let contentHash: UInt64

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
        contentHash = Self.contentHash(of: image)
    }

    /// How many bits of two perceptual hashes differ, `0...64`.
    public func hashDistance(to other: Thumbnail) -> Int { (perceptualHash ^ other.perceptualHash).nonzeroBitCount }

    private static func contentHash(of image: GrayImage) -> UInt64 {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        func combine(_ word: UInt64) {
            state = (state ^ word) &* 0x100_0000_01b3
            state ^= state >> 32
        }
        combine(UInt64(image.width))
        combine(UInt64(image.height))
        for value in image.pixels { combine(UInt64(value.bitPattern)) }
        state = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        state = (state ^ (state >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return state ^ (state >> 33)
    }
}
