/// A single-channel image.
///
/// Shape: `height` rows of `width` pixels, row-major, the first row at the top (nearest to the transducer).
/// Units: intensity in `0...1`, the full range of the source's bit depth.
public struct GrayImage: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// `width * height` intensities, row-major.
    public var pixels: [Float]

    /// An image from its pixels. Traps if the count is not `width * height`.
    public init(width: Int, height: Int, pixels: [Float]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "pixel count must be width * height")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A uniform image.
    public init(width: Int, height: Int, repeating value: Float = 0) {
        self.init(width: width, height: height, pixels: Array(repeating: value, count: width * height))
    }

    /// The intensity at column `x`, row `y`.
    public subscript(x: Int, y: Int) -> Float {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }
}
