import SegCore

/// The directions in which rows of numbers vary most, and how much they vary beside them.
///
/// Found by orthogonal iteration with more directions than are kept, then by diagonalizing the small covariance that is left
/// (Rayleigh and Ritz). Sums are in one order: results do not depend on threads.
struct PrincipalDirections {
    /// The mean row.
    let mean: [Double]
    /// Orthonormal, from the one of the largest variance.
    let directions: [[Double]]
    /// Along each direction, divisor n − 1.
    let variances: [Double]
    /// The mean variance of the dimensions that are left.
    let residual: Double

    private static let iterations = 60
    private static let surplus = 8

    /// - Parameter count: directions to keep, fewer than both dimensions and rows.
    ///
    /// `nil` where nothing varies.
    init?(of rows: [[Double]], count: Int) {
        let (dimensions, number) = (rows[0].count, Double(rows.count))
        precondition(count > 0 && count < dimensions && count < rows.count, "fewer directions than rows and columns")
        var mean = [Double](repeating: 0, count: dimensions)
        for row in rows { for index in mean.indices { mean[index] += row[index] / number } }
        let centered = rows.map { row in zip(row, mean).map { $0 - $1 } }
        let total = centered.reduce(0) { $0 + Self.product($1, $1) } / (number - 1)
        // Equal rows leave round-off, which is not variance.
        guard total.isFinite, total > 1e-12 * Self.product(mean, mean), total > 0 else { return nil }
        let tried = min(count + Self.surplus, dimensions, rows.count - 1)
        var stream = RandomStream(seed: 1, "principal directions")
        var basis = (0..<tried).map { _ in (0..<dimensions).map { _ in Double(stream.uniform(in: -1...1)) } }
        Self.orthonormalize(&basis)
        for _ in 0..<Self.iterations {
            basis = basis.map { direction in
                var next = [Double](repeating: 0, count: dimensions)
                for row in centered {
                    let coordinate = Self.product(row, direction)
                    for index in next.indices { next[index] += coordinate * row[index] }
                }
                return next
            }
            Self.orthonormalize(&basis)
        }
        let coordinates = basis.map { direction in centered.map { Self.product($0, direction) } }
        let small = coordinates.map { first in coordinates.map { Self.product(first, $0) / (number - 1) } }
        let (values, vectors) = Self.diagonalized(small)
        let order = values.indices.sorted { values[$0] > values[$1] }.prefix(count)
        let floor = 1e-9 * total / Double(dimensions)
        self.mean = mean
        variances = order.map { max(values[$0], floor) }
        directions = order.map { column in
            (0..<dimensions).map { index in basis.indices.reduce(0) { $0 + vectors[$1][column] * basis[$1][index] } }
        }
        residual = max((total - variances.reduce(0, +)) / Double(dimensions - count), floor)
    }

    private static func product(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    /// By Gram and Schmidt, twice, since once leaves round-off; a direction that nothing is left of becomes zero.
    private static func orthonormalize(_ basis: inout [[Double]]) {
        for index in basis.indices {
            let before = product(basis[index], basis[index]).squareRoot()
            for _ in 0..<2 {
                for other in 0..<index {
                    let share = product(basis[index], basis[other])
                    for place in basis[index].indices { basis[index][place] -= share * basis[other][place] }
                }
            }
            let length = product(basis[index], basis[index]).squareRoot()
            let scale = length > 1e-12 * before && length > 0 ? 1 / length : 0
            for place in basis[index].indices { basis[index][place] *= scale }
        }
    }

    /// Eigenvalues and, as columns, eigenvectors of a symmetric matrix, by Jacobi's rotations.
    private static func diagonalized(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
        var a = matrix
        let size = a.count
        var v = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
        for index in 0..<size { v[index][index] = 1 }
        for _ in 0..<50 {
            var (off, diagonal) = (0.0, 1e-300)
            for row in 0..<size {
                for column in 0..<row { off += a[row][column] * a[row][column] }
                diagonal += a[row][row] * a[row][row]
            }
            if off < 1e-24 * diagonal { break }
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) where a[p][q] != 0 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let sign: Double = theta < 0 ? -1 : 1
                    let t = sign / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    func rotate(_ x: inout Double, _ y: inout Double) {
                        let turned: Double = c * x - s * y
                        y = s * x + c * y
                        x = turned
                    }
                    for k in 0..<size {
                        var (x, y) = (a[k][p], a[k][q])
                        rotate(&x, &y)
                        (a[k][p], a[k][q]) = (x, y)
                    }
                    for k in 0..<size {
                        var (x, y) = (a[p][k], a[q][k])
                        rotate(&x, &y)
                        (a[p][k], a[q][k]) = (x, y)
                    }
                    for k in 0..<size {
                        var (x, y) = (v[k][p], v[k][q])
                        rotate(&x, &y)
                        (v[k][p], v[k][q]) = (x, y)
                    }
                }
            }
        }
        return ((0..<size).map { a[$0][$0] }, v)
    }
}
