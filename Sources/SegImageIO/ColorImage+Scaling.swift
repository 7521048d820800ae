extension ColorImage {
    /// How a picture is scaled.
    public enum Interpolation: Sendable {
        /// The nearest pixel: hard edges, no new colors.
        case nearest
        /// Linear between the four nearest pixels.
        case bilinear
    }

    /// The picture in another size, pixel centers at half-integers, edges repeated.
    public func scaled(toWidth newWidth: Int, height newHeight: Int, by interpolation: Interpolation) -> ColorImage {
        guard newWidth != width || newHeight != height else { return self }
        var result = ColorImage(width: newWidth, height: newHeight)
        let columns = Self.taps(from: width, to: newWidth, interpolation)
        let rows = Self.taps(from: height, to: newHeight, interpolation)
        for (y, row) in rows.enumerated() {
            for (x, column) in columns.enumerated() {
                for channel in 0..<3 {
                    func component(_ x: Int, _ y: Int) -> Double { Double(components[(y * width + x) * 3 + channel]) }
                    let top =
                        component(column.first, row.first) * (1 - column.weight)
                        + component(column.second, row.first) * column.weight
                    let bottom =
                        component(column.first, row.second) * (1 - column.weight)
                        + component(column.second, row.second) * column.weight
                    let value = top * (1 - row.weight) + bottom * row.weight
                    result.components[(y * newWidth + x) * 3 + channel] = UInt8(value.rounded())
                }
            }
        }
        return result
    }

    /// The picture scaled down, its proportions kept, to fit into a square of `side` px; unchanged if it fits.
    public func fitted(into side: Int, by interpolation: Interpolation = .bilinear) -> ColorImage {
        let longest = max(width, height)
        guard longest > side else { return self }
        func scaled(_ length: Int) -> Int { max(1, Int((Double(length * side) / Double(longest)).rounded())) }
        return self.scaled(toWidth: scaled(width), height: scaled(height), by: interpolation)
    }

    /// Two source positions and the weight of the second.
    private struct Tap {
        var first: Int
        var second: Int
        var weight: Double
    }

    private static func taps(from count: Int, to newCount: Int, _ interpolation: Interpolation) -> [Tap] {
        precondition(newCount > 0, "a picture has at least one pixel")
        return (0..<newCount).map { index in
            if interpolation == .nearest {
                // In integers, so that the source pixel does not hang on rounding.
                let source = min((2 * index + 1) * count / (2 * newCount), count - 1)
                return Tap(first: source, second: source, weight: 0)
            }
            let position = (Double(index) + 0.5) * Double(count) / Double(newCount) - 0.5
            let clamped = min(max(position, 0), Double(count - 1))
            let first = Int(clamped)
            return Tap(first: first, second: min(first + 1, count - 1), weight: clamped - Double(first))
        }
    }
}
