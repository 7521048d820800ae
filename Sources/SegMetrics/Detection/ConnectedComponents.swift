/// Which neighbors join pixels into one lesion.
public enum PixelConnectivity: String, Hashable, Sendable, Codable, CaseIterable {
    /// Above, below, left and right.
    case four = "4"
    /// Those and the diagonal ones.
    case eight = "8"
}

/// The connected components of a mask, as lesions are counted.
///
/// Components are numbered from 0 in the order of their first pixel, row by row: SciPy's `ndimage.label` less one.
///
/// - Complexity: O(pixels / 64 + runs), a run being a stretch of lesion within a row.
public struct ConnectedComponents: Sendable {
    /// A stretch of lesion within a row.
    struct Run {
        var row: Int
        /// The first column, and the one behind the last.
        var start: Int
        var end: Int
        var component: Int
    }

    public let width: Int
    public let height: Int
    /// Pixels of each component.
    public let areas: [Int]
    /// Row by row, from left to right.
    let runs: [Run]

    public var count: Int { areas.count }

    /// Finds the components of a mask in row-major order; every value but 0 is lesion.
    ///
    /// - Edge cases: components of less than `minimumArea` pixels are dropped, as if they were background.
    /// - Throws: ``MetricsError`` if the mask does not have `width` × `height` pixels.
    public init(
        of mask: [UInt8],
        width: Int,
        height: Int,
        connectivity: PixelConnectivity = .eight,
        minimumArea: Int = 1
    ) throws {
        try requireMask(mask, named: "mask", width: width, height: height)
        self.init(
            BitGrid(mask, width: width, height: height),
            width: width,
            connectivity: connectivity,
            minimumArea: minimumArea
        )
    }

    init(_ grid: BitGrid, width: Int, connectivity: PixelConnectivity, minimumArea: Int) {
        self.width = width
        height = grid.height
        var runs = Self.runs(of: grid)
        var parents = Self.joined(runs, reach: connectivity == .eight ? 1 : 0)

        // A component's root is its first run, so that roots come in the order of the first pixels.
        var areas = [Int](repeating: 0, count: runs.count)
        for index in runs.indices {
            let root = Self.root(of: index, &parents)
            runs[index].component = root
            areas[root] += runs[index].end - runs[index].start
        }
        var numbers = [Int](repeating: -1, count: runs.count)
        var kept: [Int] = []
        for root in runs.indices where runs[root].component == root && areas[root] >= minimumArea {
            numbers[root] = kept.count
            kept.append(areas[root])
        }
        self.areas = kept
        self.runs = runs.compactMap { run in
            var numbered = run
            numbered.component = numbers[run.component]
            return numbered.component < 0 ? nil : numbered
        }
    }

    /// The number of each pixel's component from 1 on, row by row; 0 is background.
    public var labels: [Int32] {
        var labels = [Int32](repeating: 0, count: width * height)
        for run in runs {
            for column in run.start..<run.end { labels[run.row * width + column] = Int32(run.component + 1) }
        }
        return labels
    }

    private static func runs(of grid: BitGrid) -> [Run] {
        var runs: [Run] = []
        for row in 0..<grid.height {
            var start: Int?
            for index in 0..<grid.wordsPerRow {
                let word = grid.words[row * grid.wordsPerRow + index]
                let before: UInt64 = start == nil ? 0 : 1
                // A bit for every pixel that differs from the one before it.
                var changes = word ^ (word << 1 | before)
                while changes != 0 {
                    let column = index << 6 + changes.trailingZeroBitCount
                    if let begun = start {
                        runs.append(Run(row: row, start: begun, end: column, component: 0))
                        start = nil
                    } else {
                        start = column
                    }
                    changes &= changes - 1
                }
            }
            if let begun = start { runs.append(Run(row: row, start: begun, end: grid.width, component: 0)) }
        }
        return runs
    }

    /// For each run an earlier one of its component, or itself.
    private static func joined(_ runs: [Run], reach: Int) -> [Int] {
        var parents = Array(runs.indices)
        var above = 0
        for index in runs.indices {
            let run = runs[index]
            while above < index, runs[above].row < run.row - 1 || isLeft(runs[above], of: run, reach) { above += 1 }
            var other = above
            while other < index, runs[other].row == run.row - 1, runs[other].start < run.end + reach {
                let (first, second) = (root(of: other, &parents), root(of: index, &parents))
                parents[max(first, second)] = min(first, second)
                other += 1
            }
        }
        return parents
    }

    private static func isLeft(_ other: Run, of run: Run, _ reach: Int) -> Bool {
        other.row == run.row - 1 && other.end + reach <= run.start
    }

    private static func root(of index: Int, _ parents: inout [Int]) -> Int {
        var index = index
        while parents[index] != index {
            parents[index] = parents[parents[index]]
            index = parents[index]
        }
        return index
    }
}
