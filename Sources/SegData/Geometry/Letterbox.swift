public import SegCore

/// How an image of any size sits in a square canvas: centered, its aspect kept, the rest padded.
///
/// The aspect must be kept: stretching to a square changes the depth-to-width ratio, a sign of malignancy. One scale
/// serves both axes exactly, to a fraction of a pixel, although the content covers whole pixels of the canvas.
///
/// - Formula: `canvas = source * scale + offset` for positions whose pixel edges are whole numbers (the center of the
///   first pixel is at ½).
/// - Units: px of the source and of the canvas. Pixels are taken as square.
public struct Letterbox: Hashable, Sendable, Codable {
    /// Columns of the source, px.
    public let sourceWidth: Int
    /// Rows of the source, px.
    public let sourceHeight: Int
    /// Side of the square canvas, px.
    public let size: Int
    /// Canvas px per source px.
    public let scale: Double
    /// Where the source's left edge lies in the canvas, px.
    public let offsetX: Double
    /// Where the source's top edge lies in the canvas, px.
    public let offsetY: Double
    /// The pixels of the canvas that show the source; all others are padding.
    public let content: PixelRectangle

    /// The letterbox of a source of the given size. Traps if a size is not positive.
    public init(sourceWidth: Int, sourceHeight: Int, size: Int) {
        precondition(sourceWidth > 0 && sourceHeight > 0 && size > 0, "a letterbox needs positive sizes")
        self.sourceWidth = sourceWidth
        self.sourceHeight = sourceHeight
        self.size = size
        let scale = Double(size) / Double(max(sourceWidth, sourceHeight))
        self.scale = scale
        let width = min(size, max(1, Int((Double(sourceWidth) * scale).rounded())))
        let height = min(size, max(1, Int((Double(sourceHeight) * scale).rounded())))
        content = PixelRectangle(x: (size - width) / 2, y: (size - height) / 2, width: width, height: height)
        // The center of the source lies at the center of the content, whose edges are rounded to whole pixels.
        offsetX = Double(content.x) + (Double(width) - Double(sourceWidth) * scale) / 2
        offsetY = Double(content.y) + (Double(height) - Double(sourceHeight) * scale) / 2
    }

    /// A source position in the canvas, px.
    public func canvasPosition(x: Double, y: Double) -> (x: Double, y: Double) {
        (x * scale + offsetX, y * scale + offsetY)
    }

    /// A canvas position in the source, px.
    public func sourcePosition(x: Double, y: Double) -> (x: Double, y: Double) {
        ((x - offsetX) / scale, (y - offsetY) / scale)
    }
}
