import SegTensor

/// A binary mask: which pixels belong to a lesion.
///
/// - Shape: `height` rows of `width` pixels, row-major, as ``GrayImage``. Values are 0 or 1.
public struct Mask: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// `width * height` values of 0 (background) or 1 (lesion), row-major.
    public var pixels: [UInt8]

    /// A mask from its pixels; every non-zero value becomes 1. Traps if the count is not `width * height`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        Self.requireSize(width, height, count: pixels.count)
        self.width = width
        self.height = height
        // A plain loop, which the compiler vectorizes where `map` would not.
        self.pixels = [UInt8](unsafeUninitializedCapacity: pixels.count) { values, initializedCount in
            for index in pixels.indices { values.initializeElement(at: index, to: pixels[index] == 0 ? 0 : 1) }
            initializedCount = pixels.count
        }
    }

    /// A mask without a lesion.
    public init(emptyWithWidth width: Int, height: Int) {
        Self.requireSize(width, height, count: width * height)
        self.width = width
        self.height = height
        pixels = Array(repeating: 0, count: width * height)
    }

    private static func requireSize(_ width: Int, _ height: Int, count: Int) {
        requireOperands(
            width > 0 && height > 0 && count == width * height,
            "\(count) pixels do not fill \(width)×\(height) px",
            cure: "give width · height of them, at least one",
            operation: "Mask"
        )
    }

    /// Whether the pixel at column `x`, row `y` belongs to the lesion.
    public subscript(x: Int, y: Int) -> Bool {
        get { pixels[y * width + x] != 0 }
        set { pixels[y * width + x] = newValue ? 1 : 0 }
    }

    /// The mask in another size, each pixel from the nearest one: for masks that were drawn in another size than their
    /// image and cover the same field of view.
    public func resized(toWidth newWidth: Int, height newHeight: Int) -> Mask {
        if newWidth == width && newHeight == height { return self }
        var result = Mask(emptyWithWidth: newWidth, height: newHeight)
        for y in 0..<newHeight {
            // The pixel below the center of the new one.
            let row = (2 * y + 1) * height / (2 * newHeight) * width
            for x in 0..<newWidth {
                result.pixels[y * newWidth + x] = pixels[row + (2 * x + 1) * width / (2 * newWidth)]
            }
        }
        return result
    }

    /// Lesion area in px.
    public var area: Int { pixels.reduce(0) { $0 + Int($1) } }

    /// Whether no pixel belongs to a lesion.
    public var isEmpty: Bool { !pixels.contains(1) }

    /// Adds another mask's lesion to this one. Traps if the sizes differ.
    public mutating func formUnion(_ other: Mask) {
        requireOperands(
            width == other.width && height == other.height,
            "masks of \(width)×\(height) px and \(other.width)×\(other.height) px cannot be joined",
            cure: "both must have one size"
        )
        for index in pixels.indices { pixels[index] |= other.pixels[index] }
    }
}
