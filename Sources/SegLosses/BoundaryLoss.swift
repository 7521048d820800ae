public import SegCore
public import SegTensor

/// The probability at each pixel times its distance from the true contour, negative inside.
///
/// Falls without end the better the prediction is, so it is added to a region loss, best with a weight that grows.
///
/// - Formula: `mean of p φ`, φ the signed distance divided by the image's longer side; 0 in an image without a lesion, or of
///   nothing else.
/// - Gradient: with respect to the logits; distances are constants.
/// - Source: Kervadec et al. 2019, whose distances are in px.
public struct BoundaryLoss: MaskLoss {
    public static let name = "boundary"
    public static let summary = "Probability times the distance from the true contour; for use beside a region loss"

    public init(_ settings: NoSettings = NoSettings()) throws {}

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        requireOperands(
            logits.shape == targets.shape && logits.shape.rank == 4 && logits.shape.count > 0
                && (coverage == nil || coverage?.shape == logits.shape),
            "logits of shape \(logits.shape) and targets of shape \(targets.shape) do not fit",
            cure: "all have one shape [batch, 1, height, width]",
            operation: "BoundaryLoss"
        )
        let shape = logits.shape
        let (height, width) = (shape[2], shape[3])
        let truth = targets.values()
        let distances = Tensor(shape: shape) { buffer in
            // Each task writes the one plane that is its own.
            nonisolated(unsafe) let target = buffer
            WorkerPool.current.run(shape[0] * shape[1]) { plane, _ in
                let start = plane * height * width
                let mask = truth[start..<start + height * width].map { $0 >= 0.5 }
                let scale = 1 / Float(max(height, width))
                for (index, distance) in signedDistances(mask, height: height, width: width).enumerated() {
                    target[start + index] = distance * scale
                }
            }
        }
        let products = logits.sigmoid() * distances
        guard let coverage else { return products.mean() }
        return (products * coverage.detached).sum() / max(coverage.sum().item, 1)
    }
}

/// The distance of each pixel from the nearest one of the other kind, px: of the outside as it is, of the inside less 1 and
/// negative. 0 everywhere if there is one kind only.
func signedDistances(_ mask: [Bool], height: Int, width: Int) -> [Float] {
    guard mask.contains(true), mask.contains(false) else { return Array(repeating: 0, count: mask.count) }
    let outside = squaredDistances(to: mask, height: height, width: width)
    let inside = squaredDistances(to: mask.map { !$0 }, height: height, width: width)
    return mask.indices.map { mask[$0] ? 1 - inside[$0].squareRoot() : outside[$0].squareRoot() }
}

/// The squared distance of each pixel from the nearest one of a set, exact.
///
/// - Source: Felzenszwalb & Huttenlocher 2012: columns, then the lower envelope of parabolas along rows.
private func squaredDistances(to set: [Bool], height: Int, width: Int) -> [Float] {
    let far = Float(height * height + width * width)
    var columns = Array(repeating: far, count: set.count)
    for x in 0..<width {
        var last: Int?
        for y in 0..<height {
            if set[y * width + x] { last = y }
            if let last { columns[y * width + x] = Float((y - last) * (y - last)) }
        }
        last = nil
        for y in (0..<height).reversed() {
            if set[y * width + x] { last = y }
            if let last { columns[y * width + x] = min(columns[y * width + x], Float((last - y) * (last - y))) }
        }
    }
    var result = columns
    var centres = Array(repeating: 0, count: width)
    var borders = Array(repeating: Float(0), count: width + 1)
    for y in 0..<height {
        let row = y * width
        func crossing(_ a: Int, _ b: Int) -> Float {
            (columns[row + b] + Float(b * b) - columns[row + a] - Float(a * a)) / Float(2 * (b - a))
        }
        var count = 0
        centres[0] = 0
        (borders[0], borders[1]) = (-.infinity, .infinity)
        for x in 1..<max(width, 1) where width > 1 {
            var place = crossing(centres[count], x)
            while count > 0, place <= borders[count] {
                count -= 1
                place = crossing(centres[count], x)
            }
            count += 1
            centres[count] = x
            (borders[count], borders[count + 1]) = (place, .infinity)
        }
        var index = 0
        for x in 0..<width {
            while borders[index + 1] < Float(x) { index += 1 }
            let step = x - centres[index]
            result[row + x] = Float(step * step) + columns[row + centres[index]]
        }
    }
    return result
}
