/// Distances from some pixels to the nearest set pixel of a grid.
///
/// Where two masks agree roughly, the nearest pixel is a few columns away: it is looked for to both sides, no farther
/// than the best one so far. A row in which that takes long is solved by its lower envelope instead, so that no mask
/// costs more than O(pixels).
struct NearestPixels {
    private let columns: ColumnDistances
    private let spacing: GridSpacing

    init(of grid: BitGrid, spacing: GridSpacing) {
        columns = ColumnDistances(to: grid)
        self.spacing = spacing
    }

    /// The distance of every pixel of `queries`, row by row; ∞ if the grid is empty.
    func distances(from queries: BitGrid) -> [Double] {
        var distances: [Double] = []
        distances.reserveCapacity(queries.count)
        var envelope: RowEnvelope?
        let width = columns.width
        columns.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            var currentRow = -1
            var remainingSteps = 0
            var isSolved = false
            queries.forEachPixel { column, row in
                if row != currentRow {
                    currentRow = row
                    remainingSteps = 4 * width
                    isSolved = false
                }
                let line = base + row * width
                if !isSolved, let squared = nearest(column, in: line, width: width, steps: &remainingSteps) {
                    distances.append(squared.squareRoot())
                    return
                }
                if !isSolved {
                    if envelope == nil { envelope = RowEnvelope(width: width, spacing: spacing) }
                    envelope?.build(line, width: width)
                    isSolved = true
                }
                distances.append((envelope?.squaredDistance(at: column) ?? .infinity).squareRoot())
            }
        }
        return distances
    }

    /// The squared distance, or nil if the steps do not suffice.
    @inline(__always)
    private func nearest(_ column: Int, in line: UnsafePointer<Float>, width: Int, steps: inout Int) -> Double? {
        let below = Double(line[column]) * spacing.y
        var best = below * below
        var step = 1
        while true {
            let horizontal = Double(step) * spacing.x
            let square = horizontal * horizontal
            if square >= best { break }
            let hasLeft = column >= step
            let hasRight = column + step < width
            if !hasLeft && !hasRight { break }
            let left = hasLeft ? line[column - step] : .infinity
            let right = hasRight ? line[column + step] : .infinity
            let vertical = Double(min(left, right)) * spacing.y
            best = min(best, square + vertical * vertical)
            step += 1
            if step > steps { return nil }
        }
        steps -= step
        return best
    }
}
