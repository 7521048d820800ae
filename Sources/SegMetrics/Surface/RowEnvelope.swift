/// The lower envelope of a row's parabolas: at column x the parabola of column v is (x − v)² + (rows from v's nearest)².
///
/// The envelope at x is the squared distance from (x, row) to the nearest set pixel of the grid.
///
/// - Complexity: O(width) to build, O(width) to read in ascending order.
/// - Source: P. F. Felzenszwalb, D. P. Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8
///   (2012), algorithm 1.
struct RowEnvelope {
    private let spacing: GridSpacing
    /// 1 / (2·k·sx²) for a distance of k columns.
    private let inverses: [Double]
    /// Columns whose parabola is lowest somewhere, from left to right, with its height and where its part begins.
    private var apexes: [Int]
    private var heights: [Double]
    private var starts: [Double]
    private var count = 0
    private var reader = 0

    init(width: Int, spacing: GridSpacing) {
        self.spacing = spacing
        let square = spacing.x * spacing.x
        inverses = (0...width).map { 1 / (2 * Double($0) * square) }
        apexes = [Int](repeating: 0, count: width)
        heights = [Double](repeating: 0, count: width)
        starts = [Double](repeating: 0, count: width)
    }

    /// Takes a row of ``ColumnDistances``; columns without a set pixel take no part.
    mutating func build(_ row: UnsafePointer<Float>, width: Int) {
        count = 0
        reader = 0
        let square = spacing.x * spacing.x
        for column in 0..<width where row[column] != .infinity {
            let vertical = Double(row[column]) * spacing.y
            let height = vertical * vertical
            let position = Double(column)
            var start = -Double.infinity
            while count > 0 {
                let apex = apexes[count - 1]
                let other = Double(apex)
                let numerator = height - heights[count - 1] + square * (position - other) * (position + other)
                start = numerator * inverses[column - apex]
                if start > starts[count - 1] { break }
                count -= 1
                start = -.infinity
            }
            apexes[count] = column
            heights[count] = height
            starts[count] = start
            count += 1
        }
    }

    /// The squared distance at a column, which must not be left of the one before; ∞ if nothing is set.
    mutating func squaredDistance(at column: Int) -> Double {
        guard count > 0 else { return .infinity }
        let position = Double(column)
        while reader + 1 < count, starts[reader + 1] < position { reader += 1 }
        let horizontal = Double(column - apexes[reader]) * spacing.x
        return horizontal * horizontal + heights[reader]
    }
}
