import SegTensor

/// What a head says about each pixel of an image.
///
/// - Shape: `height` rows of `width` values, row-major.
public struct ValueMap: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// The values.
    public let pixels: [Float]
    /// What is black and what is white in a picture; values beyond are drawn as these.
    public let range: ClosedRange<Float>

    /// Traps if the count is not `width * height`, or the range has no extent.
    public init(width: Int, height: Int, pixels: [Float], range: ClosedRange<Float> = 0...1) {
        requireOperands(
            width > 0 && height > 0 && pixels.count == width * height,
            "\(pixels.count) values do not fill \(width)×\(height) px",
            cure: "give width · height of them, at least one",
            operation: "ValueMap"
        )
        requireOperands(
            range.lowerBound.isFinite && range.upperBound.isFinite && range.lowerBound < range.upperBound,
            "the range \(range) has no extent",
            cure: "give the values that are black and white in a picture, the lesser first",
            operation: "ValueMap"
        )
        self.width = width
        self.height = height
        self.pixels = pixels
        self.range = range
    }
}
