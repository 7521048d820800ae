public import SegCore

/// A stack of gray images of one size, such as an automated breast volume scan.
///
/// - Shape: `depth` slices of `height` rows of `width` pixels, slice by slice, each row-major.
/// - Units: intensity in `0...1`, as ``SegCore/GrayImage``.
public struct GrayVolume: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// Slices.
    public let depth: Int
    /// `width * height * depth` intensities.
    public var pixels: [Float]
    /// The precision of the source's intensities, as ``SegCore/GrayImage/bitDepth``.
    public var bitDepth: Int
    /// The size of a pixel, mm, if known.
    public var pixelSpacing: PixelSpacing?
    /// The distance of slices, mm, if known.
    public var sliceSpacing: Double?

    /// A volume from its pixels. Traps if the count is not `width * height * depth`.
    public init(
        width: Int,
        height: Int,
        depth: Int,
        pixels: [Float],
        bitDepth: Int = 32,
        pixelSpacing: PixelSpacing? = nil,
        sliceSpacing: Double? = nil
    ) {
        precondition(
            width > 0 && height > 0 && depth > 0 && pixels.count == width * height * depth,
            "pixel count must be width * height * depth"
        )
        precondition((1...32).contains(bitDepth), "a bit depth is 1 to 32")
        self.width = width
        self.height = height
        self.depth = depth
        self.pixels = pixels
        self.bitDepth = bitDepth
        self.pixelSpacing = pixelSpacing
        self.sliceSpacing = sliceSpacing
    }

    /// A slice, from index 0. Traps beyond the last.
    public func slice(_ index: Int) -> GrayImage {
        precondition((0..<depth).contains(index), "slice \(index) of \(depth)")
        let area = width * height
        return GrayImage(
            width: width,
            height: height,
            pixels: Array(pixels[(index * area)..<((index + 1) * area)]),
            bitDepth: bitDepth
        )
    }
}
