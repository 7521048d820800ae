/// A separable resize, its filter widened when shrinking so that nothing is skipped.
///
/// - Formula: an output pixel at center `c` of the source weighs source pixel `i` by its distance `d = (i + ½ − c) /
///   s`, `s = max(1, source / output)`: with `max(0, 1 − |d|)` by the triangle filter, with 1 where `−½ < d ≤ ½` by the
///   box filter; the weights are normalized to sum 1. This is what Pillow's `resize(…, BILINEAR, box:)` and `resize(…,
///   BOX, box:)` compute in mode `F`.
/// - Edge cases: the region may reach beyond the source; weights outside it are dropped and the rest normalized.
package struct Resampler {
    /// How source pixels are weighed.
    package enum Filter: Sendable {
        /// Linear: smooth when it enlarges, the choice for images.
        case triangle
        /// The mean of the pixels whose centers an output pixel covers: sharper when it shrinks.
        case box

        /// Half of the filter's width, output px.
        var support: Double { self == .triangle ? 1 : 0.5 }

        func weight(_ distance: Double) -> Double {
            switch self {
            case .triangle: max(0, 1 - abs(distance))
            case .box: distance > -0.5 && distance <= 0.5 ? 1 : 0
            }
        }
    }

    /// The part of the source that fills the output, source px, pixel edges at whole numbers.
    package struct Region {
        package var x: Double
        package var y: Double
        package var width: Double
        package var height: Double

        package init(x: Double, y: Double, width: Double, height: Double) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    private let columns: Taps
    private let rows: Taps
    private let sourceWidth: Int
    private let sourceHeight: Int

    package init(
        sourceWidth: Int,
        sourceHeight: Int,
        region: Region,
        outputWidth: Int,
        outputHeight: Int,
        filter: Filter = .triangle
    ) {
        self.sourceWidth = sourceWidth
        self.sourceHeight = sourceHeight
        columns = Taps(filter, source: sourceWidth, start: region.x, length: region.width, output: outputWidth)
        rows = Taps(filter, source: sourceHeight, start: region.y, length: region.height, output: outputHeight)
    }

    /// Resizes `source`, row-major, `sourceWidth * sourceHeight`.
    package func callAsFunction(_ source: [Float]) -> [Float] {
        precondition(source.count == sourceWidth * sourceHeight, "the source does not have the resampler's size")
        // Only the source rows that the second pass reads are resized in the first one.
        let firstRow = rows.starts.min() ?? 0
        let lastRow = zip(rows.starts, rows.counts).map(+).max() ?? 0
        let width = columns.starts.count
        let height = rows.starts.count
        var narrowed = [Float](repeating: 0, count: (lastRow - firstRow) * width)
        var output = [Float](repeating: 0, count: height * width)
        source.withUnsafeBufferPointer { source in
            narrowed.withUnsafeMutableBufferPointer { narrowed in
                for row in firstRow..<lastRow {
                    for column in 0..<width {
                        let first = row * sourceWidth + columns.starts[column]
                        var sum: Float = 0
                        for tap in 0..<columns.counts[column] {
                            sum += columns.weights[column * columns.stride + tap] * source[first + tap]
                        }
                        narrowed[(row - firstRow) * width + column] = sum
                    }
                }
            }
        }
        narrowed.withUnsafeBufferPointer { narrowed in
            output.withUnsafeMutableBufferPointer { output in
                for row in 0..<height {
                    for tap in 0..<rows.counts[row] {
                        let weight = rows.weights[row * rows.stride + tap]
                        let first = (rows.starts[row] - firstRow + tap) * width
                        for column in 0..<width {
                            output[row * width + column] += weight * narrowed[first + column]
                        }
                    }
                }
            }
        }
        return output
    }
}

/// The weights of one axis: for every output pixel a run of source pixels.
private struct Taps {
    var starts: [Int] = []
    var counts: [Int] = []
    var weights: [Float]
    let stride: Int

    init(_ filter: Resampler.Filter, source: Int, start: Double, length: Double, output: Int) {
        let step = length / Double(output)
        let scale = max(1, step)
        let support = filter.support * scale
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = []
        weights.reserveCapacity(output * stride)
        for index in 0..<output {
            let center = start + (Double(index) + 0.5) * step
            let first = min(max(0, Int((center - support + 0.5).rounded(.down))), source - 1)
            let end = max(first + 1, min(source, Int((center + support + 0.5).rounded(.down))))
            var run = (first..<end).map { filter.weight((Double($0) + 0.5 - center) / scale) }
            let sum = run.reduce(0, +)
            // A center outside of the source sees no pixel: the nearest one stands in.
            run = sum > 0 ? run.map { $0 / sum } : [1] + Array(repeating: 0, count: run.count - 1)
            starts.append(first)
            counts.append(run.count)
            weights += run.map(Float.init) + Array(repeating: 0, count: stride - run.count)
        }
    }
}
