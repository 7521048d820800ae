public import SegCore

/// An 8-bit RGB picture to draw overlays on.
///
/// - Shape: `height` rows of `width` pixels of red, green and blue, row-major, the first row at the top.
public struct ColorImage: Hashable, Sendable {
    /// A color, 8 bits a component.
    public struct Color: Hashable, Sendable {
        public var red: UInt8
        public var green: UInt8
        public var blue: UInt8

        public init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        public static let black = Color(red: 0, green: 0, blue: 0)
        public static let white = Color(red: 255, green: 255, blue: 255)
        /// For the true lesion in overlays. Green and orange stay apart for most color-blind readers.
        public static let truth = Color(red: 0, green: 200, blue: 120)
        /// For the predicted lesion in overlays.
        public static let prediction = Color(red: 255, green: 140, blue: 0)
        /// Further labels, one after the other: truth and prediction of each.
        public static let labels: [(truth: Color, prediction: Color)] = [
            (Color(red: 60, green: 130, blue: 255), Color(red: 255, green: 80, blue: 220)),
            (Color(red: 120, green: 220, blue: 255), Color(red: 255, green: 225, blue: 60)),
            (Color(red: 150, green: 100, blue: 255), Color(red: 255, green: 90, blue: 90)),
        ]
    }

    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// `width * height * 3` components.
    public internal(set) var components: [UInt8]

    /// A picture of one color.
    public init(width: Int, height: Int, color: Color = .black) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        self.width = width
        self.height = height
        let colors = [color.red, color.green, color.blue]
        components = [UInt8](unsafeUninitializedCapacity: width * height * 3) { components, initializedCount in
            for index in 0..<(width * height * 3) { components.initializeElement(at: index, to: colors[index % 3]) }
            initializedCount = width * height * 3
        }
    }

    /// A picture from its components. Traps if the count is not `width * height * 3`.
    public init(width: Int, height: Int, components: [UInt8]) {
        precondition(width > 0 && height > 0 && components.count == width * height * 3, "three components a pixel")
        self.width = width
        self.height = height
        self.components = components
    }

    /// A gray image in RGB; intensities outside `0...1` are clamped.
    public init(_ image: GrayImage) {
        let gray = PNGImage(image).samples
        self.init(
            width: image.width,
            height: image.height,
            components: [UInt8](unsafeUninitializedCapacity: gray.count * 3) { components, initializedCount in
                for pixel in gray.indices {
                    let level = UInt8(truncatingIfNeeded: gray[pixel])
                    for channel in 0..<3 { components.initializeElement(at: pixel * 3 + channel, to: level) }
                }
                initializedCount = gray.count * 3
            }
        )
    }

    /// The color at column `x`, row `y`.
    public subscript(x: Int, y: Int) -> Color {
        get {
            let start = (y * width + x) * 3
            return Color(red: components[start], green: components[start + 1], blue: components[start + 2])
        }
        set {
            let start = (y * width + x) * 3
            components[start] = newValue.red
            components[start + 1] = newValue.green
            components[start + 2] = newValue.blue
        }
    }
}
