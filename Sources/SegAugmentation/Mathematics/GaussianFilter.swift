import Foundation

/// A separable Gaussian over a plane.
///
/// - Formula: weights `exp(−k²/2σ²)` for `|k| ≤ ⌊4σ + ½⌋`, as `scipy.ndimage.gaussian_filter` truncates them.
package struct GaussianFilter: Sendable {
    /// What lies beyond the plane.
    package enum Border: Sendable {
        /// Nothing: 0.
        case zero
        /// The plane again, as wallpaper.
        case periodic
    }

    /// What the weights of one axis are brought to.
    package enum Scale: Sendable {
        /// Weights that sum to 1: the mean is kept.
        case unitSum
        /// Squares that sum to 1: the variance of white noise is kept.
        case unitEnergy
    }

    private let across: [Float]
    private let down: [Float]
    private let border: Border

    /// - Parameters:
    ///   - sigmaX: standard deviation along rows, px.
    ///   - sigmaY: standard deviation along columns, px.
    package init(sigmaX: Float, sigmaY: Float, border: Border, scale: Scale = .unitSum) {
        across = Self.halfKernel(sigmaX, scale)
        down = Self.halfKernel(sigmaY, scale)
        self.border = border
    }

    /// The weight of the center and those to one side.
    private static func halfKernel(_ sigma: Float, _ scale: Scale) -> [Float] {
        let radius = Int(4 * sigma + 0.5)
        guard radius > 0 else { return [1] }
        let weights = (0...radius).map { exp(-0.5 * pow(Double($0) / Double(sigma), 2)) }
        let total =
            switch scale {
            case .unitSum: weights[0] + 2 * weights[1...].reduce(0, +)
            case .unitEnergy: (weights[0] * weights[0] + 2 * weights[1...].reduce(0) { $0 + $1 * $1 }).squareRoot()
            }
        return weights.map { Float($0 / total) }
    }

    /// The filtered plane. Shape: `width * height`, row-major, in and out.
    package func callAsFunction(_ plane: [Float], width: Int, height: Int) -> [Float] {
        precondition(plane.count == width * height, "the plane has another size")
        return filterColumns(filterRows(plane, width: width, height: height), width: width, height: height)
    }

    private func filterRows(_ plane: [Float], width: Int, height: Int) -> [Float] {
        guard across.count > 1 else { return plane }
        let radius = across.count - 1
        var line = [Float](repeating: 0, count: width + 2 * radius)
        return [Float](unsafeUninitializedCapacity: plane.count) { output, count in
            plane.withUnsafeBufferPointer { plane in
                line.withUnsafeMutableBufferPointer { line in
                    for row in 0..<height {
                        let source = row * width
                        for x in 0..<width { line[radius + x] = plane[source + x] }
                        if border == .periodic {
                            for x in 0..<radius {
                                line[radius - 1 - x] = plane[source + width - 1 - x % width]
                                line[radius + width + x] = plane[source + x % width]
                            }
                        }
                        let target = output.baseAddress! + source
                        let center = line.baseAddress! + radius
                        Self.scale(center, by: across[0], into: target, width)
                        for tap in 1...radius {
                            Self.accumulate(center - tap, center + tap, by: across[tap], into: target, width)
                        }
                    }
                }
            }
            count = plane.count
        }
    }

    private func filterColumns(_ plane: [Float], width: Int, height: Int) -> [Float] {
        guard down.count > 1 else { return plane }
        let radius = down.count - 1
        let zeros = [Float](repeating: 0, count: width)
        return [Float](unsafeUninitializedCapacity: plane.count) { output, count in
            plane.withUnsafeBufferPointer { plane in
                zeros.withUnsafeBufferPointer { zeros in
                    func line(_ row: Int) -> UnsafePointer<Float> {
                        if row >= 0 && row < height { return plane.baseAddress! + row * width }
                        guard border == .periodic else { return zeros.baseAddress! }
                        return plane.baseAddress! + ((row % height + height) % height) * width
                    }
                    for row in 0..<height {
                        let target = output.baseAddress! + row * width
                        Self.scale(line(row), by: down[0], into: target, width)
                        for tap in 1...radius {
                            Self.accumulate(line(row - tap), line(row + tap), by: down[tap], into: target, width)
                        }
                    }
                }
            }
            count = plane.count
        }
    }

    private static func scale(
        _ source: UnsafePointer<Float>,
        by weight: Float,
        into target: UnsafeMutablePointer<Float>,
        _ count: Int
    ) {
        for x in 0..<count { target[x] = weight * source[x] }
    }

    /// Both sides at once: the kernel is symmetric.
    private static func accumulate(
        _ left: UnsafePointer<Float>,
        _ right: UnsafePointer<Float>,
        by weight: Float,
        into target: UnsafeMutablePointer<Float>,
        _ count: Int
    ) {
        for x in 0..<count { target[x] += weight * (left[x] + right[x]) }
    }
}
