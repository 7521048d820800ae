import SegCore

/// Smooth random fields: a coarse grid of random values, interpolated.
enum SmoothNoise {
    /// A field in about ±1, of unit size `cellWidth × cellHeight` px. Shape: `height * width`, row-major.
    static func field(
        width: Int,
        height: Int,
        cellWidth: Float,
        cellHeight: Float,
        using stream: inout RandomStream
    ) -> [Float] {
        let columns = Int(Float(width) / cellWidth) + 2
        let rows = Int(Float(height) / cellHeight) + 2
        let grid = (0..<(columns * rows)).map { _ in stream.uniform(in: -1...1) }
        let across = (0..<width).map { Position(Float($0) / cellWidth) }
        var field = [Float](repeating: 0, count: width * height)
        var line = [Float](repeating: 0, count: columns)
        for y in 0..<height {
            let down = Position(Float(y) / cellHeight)
            for column in 0..<columns {
                let upper = grid[down.index * columns + column]
                line[column] = upper + down.fraction * (grid[(down.index + 1) * columns + column] - upper)
            }
            for x in 0..<width {
                let left = line[across[x].index]
                field[y * width + x] = left + across[x].fraction * (line[across[x].index + 1] - left)
            }
        }
        return field
    }

    /// A smooth curve over the columns in about ±1.
    static func curve(width: Int, cell: Float, using stream: inout RandomStream) -> [Float] {
        field(width: width, height: 1, cellWidth: cell, cellHeight: 1, using: &stream)
    }

    private struct Position {
        let index: Int
        let fraction: Float

        init(_ position: Float) {
            index = Int(position)
            let linear = position - Float(index)
            // Without the smooth step, the grid's lines would show as creases.
            fraction = linear * linear * (3 - 2 * linear)
        }
    }
}
