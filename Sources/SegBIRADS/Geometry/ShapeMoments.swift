public import SegTensor

/// Area, centroid and second central moments of soft masks.
///
/// - Shape: `[batch, 1, height, width]` to `[batch, 6]`: area, centroid x, centroid y, variance x, covariance,
///   variance y.
/// - Units: px and px²; positions count from the center of the first pixel.
/// - Formula: with A = Σm and A′ = A + ε, ε = 10⁻³: x̄ = Σmx / A′, σxx = Σm(x − x̄)² / A′ + 1/12. The 1/12 is the
///   variance of one pixel's own extent; it makes a hard rectangle exact and keeps thin shapes from degenerating.
/// - Edge cases: an empty mask has area 0, its centroid at the image's center and variances 1/12.
/// - Gradient: exact, ε included. Sums run in double precision about the image's center, so that no digits cancel.
public func shapeMoments(of masks: Tensor) -> Tensor {
    let (batch, height, width) = (masks.shape[0], masks.shape[2], masks.shape[3])
    let plane = height * width
    let originX = Double(width - 1) / 2
    let originY = Double(height - 1) / 2
    var all = Array(repeating: MaskMoments(), count: batch)
    masks.withValues { values in
        all.withUnsafeMutableBufferPointer { all in
            WorkerPool.current.run(batch) { image, _ in
                let pixels = UnsafeBufferPointer(rebasing: values[image * plane..<(image + 1) * plane])
                all[image] = MaskMoments(pixels, width: width, originX: originX, originY: originY)
            }
        }
    }
    let moments = all
    let extent = 1.0 / 12
    let rows = moments.flatMap { m -> [Float] in
        let row: [Double] = [m.area, m.x + originX, m.y + originY, m.xx + extent, m.xy, m.yy + extent]
        return row.map { Float($0) }
    }
    return Tensor(rows, shape: [batch, 6]).recorded(from: [masks]) { gradient in
        let upstream = gradient.values().map(Double.init)
        return [
            Tensor(shape: [batch, 1, height, width]) { result in
                WorkerPool.current.run(batch) { image, _ in
                    moments[image].pullBack(
                        upstream[image * 6..<image * 6 + 6],
                        into: UnsafeMutableBufferPointer(rebasing: result[image * plane..<(image + 1) * plane]),
                        width: width,
                        originX: originX,
                        originY: originY
                    )
                }
            }
        ]
    }
}

/// The moments of one mask about the image's center, without the pixel's own extent.
private struct MaskMoments: Sendable {
    static let epsilon = 1e-3

    var area = 0.0
    var x = 0.0
    var y = 0.0
    var xx = 0.0
    var xy = 0.0
    var yy = 0.0

    init() {}

    init(_ pixels: UnsafeBufferPointer<Float>, width: Int, originX: Double, originY: Double) {
        var sum = MaskMoments()
        for row in 0..<pixels.count / max(width, 1) {
            let base = row * width
            var mass = 0.0
            var first = 0.0
            var second = 0.0
            for column in 0..<width {
                let value = Double(pixels[base + column])
                let position = Double(column) - originX
                mass += value
                first += value * position
                second += value * position * position
            }
            let depth = Double(row) - originY
            sum.area += mass
            sum.x += first
            sum.y += depth * mass
            sum.xx += second
            sum.xy += depth * first
            sum.yy += depth * depth * mass
        }
        let scale = 1 / (sum.area + Self.epsilon)
        area = sum.area
        x = sum.x * scale
        y = sum.y * scale
        // Σm(x − x̄)(y − ȳ) by the raw sums; with ε in x̄ the cross terms do not fold into one.
        xx = (sum.xx - 2 * x * sum.x + x * x * area) * scale
        xy = (sum.xy - x * sum.y - y * sum.x + x * y * area) * scale
        yy = (sum.yy - 2 * y * sum.y + y * y * area) * scale
    }

    func pullBack(
        _ upstream: ArraySlice<Double>,
        into result: UnsafeMutableBufferPointer<Float>,
        width: Int,
        originX: Double,
        originY: Double
    ) {
        let g = Array(upstream)
        let scale = 1 / (area + Self.epsilon)
        // Moving the centroid changes the central moments only through ε: Σm(x − x̄) = x̄ε.
        let slack = Self.epsilon * scale
        let alongX = scale * (g[1] - slack * (2 * g[3] * x + g[4] * y))
        let alongY = scale * (g[2] - slack * (2 * g[5] * y + g[4] * x))
        let constant = g[0] - scale * (g[3] * xx + g[4] * xy + g[5] * yy)
        for row in 0..<result.count / max(width, 1) {
            let dy = Double(row) - originY - y
            let rowTerm = constant + dy * (alongY + scale * g[5] * dy)
            let slope = alongX + scale * g[4] * dy
            for column in 0..<width {
                let dx = Double(column) - originX - x
                result[row * width + column] = Float(rowTerm + dx * (slope + scale * g[3] * dx))
            }
        }
    }
}
