public import SegTensor

/// The eigenvalues of covariance matrices, larger first.
///
/// - Shape: `[batch, 6]` as ``shapeMoments(of:)`` returns it, to `[batch, 2]`.
/// - Formula: with h = (σxx + σyy)/2 and t = √(((σxx − σyy)/2)² + σxy² + (εh)²), ε = 10⁻³: λ1 = h + t,
///   λ2 = (σxxσyy − σxy²)/λ1.
/// - Edge cases: λ2 stays positive for a line one pixel wide, where h − t would cancel to nothing.
/// - Gradient: finite where λ1 = λ2 thanks to ε, where that of the bare root is singular.
public func principalVariances(of moments: Tensor) -> Tensor {
    let batch = moments.shape[0]
    let solved = moments.withValues { values in
        (0..<batch).map { row in
            PrincipalAxes(
                xx: Double(values[row * 6 + 3]),
                xy: Double(values[row * 6 + 4]),
                yy: Double(values[row * 6 + 5])
            )
        }
    }
    let result = Tensor(solved.flatMap { [Float($0.major), Float($0.minor)] }, shape: [batch, 2])
    return result.recorded(from: [moments]) { gradient in
        let upstream = gradient.values()
        let rows = solved.enumerated().flatMap { row, axes -> [Float] in
            let parts = axes.pulledBack(Double(upstream[row * 2]), Double(upstream[row * 2 + 1]))
            return [0, 0, 0] + parts.map { Float($0) }
        }
        return [Tensor(rows, shape: [batch, 6])]
    }
}

private struct PrincipalAxes: Sendable {
    static let epsilon = 1e-3

    let xx: Double
    let xy: Double
    let yy: Double
    let half: Double
    let root: Double
    let determinant: Double

    init(xx: Double, xy: Double, yy: Double) {
        self.xx = xx
        self.xy = xy
        self.yy = yy
        half = (xx + yy) / 2
        let difference = (xx - yy) / 2
        let slack = Self.epsilon * half
        root = (difference * difference + xy * xy + slack * slack).squareRoot()
        // With 1/12 on the diagonal the true determinant is at least 1/144; only rounding can take it lower.
        determinant = max(xx * yy - xy * xy, 1.0 / 144)
    }

    var major: Double { half + root }
    var minor: Double { determinant / major }

    func pulledBack(_ major: Double, _ minor: Double) -> [Double] {
        // λ2 = D / λ1, so ∂λ2 = ∂D / λ1 − λ2 ∂λ1 / λ1.
        let toDeterminant = minor / self.major
        let toMajor = major - minor * self.minor / self.major
        let quarter = (xx - yy) / (4 * root)
        let slack = Self.epsilon * Self.epsilon * half / (2 * root)
        return [
            toMajor * (0.5 + slack + quarter) + toDeterminant * yy,
            toMajor * xy / root - 2 * toDeterminant * xy,
            toMajor * (0.5 + slack - quarter) + toDeterminant * xx,
        ]
    }
}
