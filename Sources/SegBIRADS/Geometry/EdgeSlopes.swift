import Foundation
import SegTensor

/// The slope of a batch's images where their lesions have edges, on the grid of ``maskGradient(of:)``.
struct EdgeSlopes {
    /// ∇Iσ over the image's standard deviation, 0 where ``weight`` is, `[batch, 2, height + 4, width + 4]`.
    let field: Tensor
    /// 1 where the 5×5 neighborhood belongs to the image, else 0, `[batch, 1, height + 4, width + 4]`.
    let weight: Tensor

    /// - Parameter sigma: the Gaussian's standard deviation, px.
    init(_ lesion: SoftLesion, sigma: Float) {
        let (batch, height, width) = (lesion.count, lesion.height, lesion.width)
        let plane = height * width
        let outerPlane = (height + 4) * (width + 4)
        var weight: Tensor?
        field = Tensor(shape: [batch, 2, height + 4, width + 4]) { field in
            field.update(repeating: 0)
            weight = Tensor(shape: [batch, 1, height + 4, width + 4]) { weight in
                weight.update(repeating: 0)
                lesion.intensities.withValues { image in
                    lesion.coverage.withValues { coverage in
                        lesion.mask.withValues { mask in
                            WorkerPool.current.run(batch) { index, _ in
                                let work = ImageSlopes(
                                    height: height,
                                    width: width,
                                    image: UnsafeBufferPointer(rebasing: image[index * plane..<(index + 1) * plane]),
                                    coverage: coverage.part(index, of: batch),
                                    mask: mask.part(index, of: batch)
                                )
                                work.fill(
                                    field: field.part(index, of: batch),
                                    weight: UnsafeMutableBufferPointer(
                                        rebasing: weight[index * outerPlane..<(index + 1) * outerPlane]
                                    ),
                                    sigma: sigma
                                )
                            }
                        }
                    }
                }
            }
        }
        self.weight = weight ?? Tensor(0)
    }
}

/// One image of a batch.
private struct ImageSlopes {
    let height: Int
    let width: Int
    let image: UnsafeBufferPointer<Float>
    let coverage: UnsafeBufferPointer<Float>
    let mask: UnsafeBufferPointer<Float>

    func fill(
        field: UnsafeMutableBufferPointer<Float>,
        weight: UnsafeMutableBufferPointer<Float>,
        sigma: Float
    ) {
        // Slopes elsewhere are multiplied by a mask gradient of 0. A mask's pixels reach two pixels far.
        guard let box = maskBox(margin: 2) else { return }
        let radius = Int((3 * sigma).rounded(.up))
        let smoothed = smooth(rows: box.rows, columns: box.columns, sigma: sigma, radius: radius)
        let outerWidth = width + 4
        let outerPlane = (height + 4) * outerWidth
        let scale = 1 / (2 * standardDeviation)
        let boxWidth = box.columns.count
        for row in box.rows.lowerBound + 1..<max(box.rows.lowerBound + 1, box.rows.upperBound - 1) {
            for column in box.columns.lowerBound + 1..<max(box.columns.lowerBound + 1, box.columns.upperBound - 1)
            where isInside(row, column) {
                let here = (row - box.rows.lowerBound) * boxWidth + column - box.columns.lowerBound
                let outer = (row + 2) * outerWidth + column + 2
                weight[outer] = 1
                field[outer] = (smoothed[here + 1] - smoothed[here - 1]) * scale
                field[outerPlane + outer] = (smoothed[here + boxWidth] - smoothed[here - boxWidth]) * scale
            }
        }
    }

    /// The rows and columns that the mask reaches, grown by `margin` for the stencil and by one for the slopes.
    private func maskBox(margin: Int) -> (rows: Range<Int>, columns: Range<Int>)? {
        var (top, bottom, left, right) = (height, -1, width, -1)
        for row in 0..<height {
            let base = row * width
            guard let first = (0..<width).first(where: { mask[base + $0] > 0 }),
                let last = (0..<width).last(where: { mask[base + $0] > 0 })
            else { continue }
            (top, bottom) = (min(top, row), row)
            (left, right) = (min(left, first), max(right, last))
        }
        guard bottom >= 0 else { return nil }
        return (
            max(0, top - margin - 1)..<min(height, bottom + margin + 2),
            max(0, left - margin - 1)..<min(width, right + margin + 2)
        )
    }

    private func isInside(_ row: Int, _ column: Int) -> Bool {
        guard row >= 2, row < height - 2, column >= 2, column < width - 2 else { return false }
        for y in row - 2...row + 2 {
            for x in column - 2...column + 2 where coverage[y * width + x] < 0.5 { return false }
        }
        return true
    }

    /// The standard deviation of the covered pixels, with an ε inside.
    private var standardDeviation: Float {
        var (mass, first, second) = (0.0, 0.0, 0.0)
        for index in image.indices {
            let share = Double(coverage[index])
            let value = Double(image[index])
            mass += share
            first += share * value
            second += share * value * value
        }
        let mean = first / max(mass, 1)
        return Float((max(0, second / max(mass, 1) - mean * mean) + 1e-6).squareRoot())
    }

    /// The image over a box, smoothed by a Gaussian that leaves out what is not covered: G∗(cI) / (G∗c).
    private func smooth(rows: Range<Int>, columns: Range<Int>, sigma: Float, radius: Int) -> [Float] {
        let taps = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sourceRows = max(0, rows.lowerBound - radius)..<min(height, rows.upperBound + radius)
        // Along x first, over all source rows; then along y. Weighted values and weights go side by side.
        var values = Array(repeating: Float(0), count: sourceRows.count * columns.count)
        var weights = values
        for row in sourceRows {
            let base = row * width
            let target = (row - sourceRows.lowerBound) * columns.count
            for tap in -radius...radius {
                let factor = taps[tap + radius]
                let inside =
                    max(columns.lowerBound, -tap)..<max(columns.lowerBound, -tap, min(columns.upperBound, width - tap))
                for column in inside {
                    let share = factor * coverage[base + column + tap]
                    values[target + column - columns.lowerBound] += share * image[base + column + tap]
                    weights[target + column - columns.lowerBound] += share
                }
            }
        }
        var result = Array(repeating: Float(0), count: rows.count * columns.count)
        var mass = result
        for row in rows {
            let target = (row - rows.lowerBound) * columns.count
            for tap in max(-radius, -row)...min(radius, height - 1 - row) {
                let factor = taps[tap + radius]
                let source = (row + tap - sourceRows.lowerBound) * columns.count
                for column in 0..<columns.count {
                    result[target + column] += factor * values[source + column]
                    mass[target + column] += factor * weights[source + column]
                }
            }
        }
        for index in result.indices { result[index] /= max(mass[index], 1e-6) }
        return result
    }
}
