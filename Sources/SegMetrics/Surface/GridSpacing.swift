/// What a length is counted in.
public enum LengthUnit: String, Hashable, Sendable, Codable, CaseIterable {
    case pixels = "px"
    case millimeters = "mm"
}

/// How far apart the centers of neighboring pixels are, and in which unit: lengths come out in it.
public struct GridSpacing: Hashable, Sendable {
    /// From one column to the next: the width of a pixel.
    public let x: Double
    /// From one row to the next: the height of a pixel.
    public let y: Double
    public let unit: LengthUnit

    private init(x: Double, y: Double, unit: LengthUnit) {
        self.x = x
        self.y = y
        self.unit = unit
    }

    /// Lengths in pixels, which are taken for square.
    public static let pixels = GridSpacing(x: 1, y: 1, unit: .pixels)

    /// Lengths in millimeters, from the size of a pixel.
    ///
    /// - Throws: ``MetricsError`` unless both are positive and finite.
    public static func millimeters(x: Double, y: Double) throws -> GridSpacing {
        guard x > 0, y > 0, x.isFinite, y.isFinite else {
            throw MetricsError(
                "a pixel of \(x) mm by \(y) mm has no size to measure with",
                cure: "give the spacing that the data set states, or measure in pixels"
            )
        }
        return GridSpacing(x: x, y: y, unit: .millimeters)
    }

    func squaredLength(columns: Double, rows: Double) -> Double {
        let horizontal = columns * x
        let vertical = rows * y
        return horizontal * horizontal + vertical * vertical
    }
}
