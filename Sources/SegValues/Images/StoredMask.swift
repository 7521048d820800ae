/// A mask file as it is stored: palette indices, gray levels or colors, before a ``MaskRule`` makes lesions of them.
///
/// - Shape: `height` rows of `width` pixels, row-major, as the ``Mask`` that is read from the same file.
public struct StoredMask: Hashable, Sendable {
    /// One of the values in the file.
    public struct Value: Hashable, Sendable {
        /// As messages show it: `1`, `255`, `#ff0000`.
        public var name: String
        /// The number, of gray levels and palette indices; `nil` for colors and fractions.
        public var number: Int?
        /// Whether it is nothing: zero in every channel, or fully transparent.
        public var isNothing: Bool
        /// How many pixels have it.
        public var count: Int

        public init(name: String, number: Int?, isNothing: Bool, count: Int) {
            self.name = name
            self.number = number
            self.isNothing = isNothing
            self.count = count
        }
    }

    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// The different values, ascending; more than ``mostValues`` are not counted one by one, and the list is empty.
    public let values: [Value]
    /// The index into ``values`` of each pixel; empty as they are.
    public let plane: [UInt8]
    /// What the numbers are: `palette indices`, `gray levels of 16 bits`, `colors`.
    public let kind: String

    /// More different values than this are those of a picture, not of a mask.
    public static let mostValues = 256

    /// Traps if the plane is neither empty nor of the mask's size.
    public init(width: Int, height: Int, values: [Value], plane: [UInt8], kind: String) {
        precondition(plane.isEmpty == values.isEmpty, "a plane refers to values")
        precondition(plane.isEmpty || plane.count == width * height, "pixel count must be width * height")
        self.width = width
        self.height = height
        self.values = values
        self.plane = plane
        self.kind = kind
    }

    /// The values that are something.
    public var marks: [Value] { values.filter { !$0.isNothing } }

    /// The values in words, at most eight of them: `0, 1 and 255`.
    public var valueList: String { Self.list(values.map(\.name)) }

    /// `a, b and c`, at most eight of them.
    public static func list(_ names: [String]) -> String {
        if names.count > 8 { return names.prefix(7).joined(separator: ", ") + " and \(names.count - 7) more" }
        guard let last = names.last, names.count > 1 else { return names.first ?? "none" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
