import SegTensor

/// A single-channel image.
///
/// - Shape: `height` rows of `width` pixels, row-major, the first row at the top (nearest to the transducer).
/// - Units: intensity in `0...1`, the full range of the source's bit depth.
public struct GrayImage: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// `width * height` intensities, row-major.
    public var pixels: [Float]
    /// How finely the source distinguishes intensities: 8 or fewer bits, 16, or 32 for floating point and for images that
    /// were computed. A prepared image is kept no finer than this.
    public var bitDepth: Int

    /// An image from its pixels. Traps if the count is not `width * height`.
    public init(width: Int, height: Int, pixels: [Float], bitDepth: Int = 32) {
        requireOperands(
            width > 0 && height > 0 && pixels.count == width * height,
            "\(pixels.count) pixels do not fill \(width)×\(height) px",
            cure: "give width · height of them, at least one",
            operation: "GrayImage"
        )
        requireOperands(
            (1...32).contains(bitDepth),
            "a bit depth of \(bitDepth) cannot be",
            cure: "use 1 to 32",
            operation: "GrayImage"
        )
        self.width = width
        self.height = height
        self.pixels = pixels
        self.bitDepth = bitDepth
    }

    /// A uniform image.
    public init(width: Int, height: Int, repeating value: Float = 0, bitDepth: Int = 32) {
        let pixels = Array(repeating: value, count: width * height)
        self.init(width: width, height: height, pixels: pixels, bitDepth: bitDepth)
    }

    /// The intensity at column `x`, row `y`.
    public subscript(x: Int, y: Int) -> Float {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }
}
