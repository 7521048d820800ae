import Foundation

/// Logistic regression with weights that may not be negative.
///
/// Minimizes mean cross-entropy + ridge/2 · Σw² over w ≥ 0 and a free bias, by projected gradient steps with Nesterov's
/// acceleration. Deterministic, in double precision; the problem is strictly convex in w, so that the start does not
/// matter.
struct NonNegativeLogisticRegression {
    private(set) var weights: [Double]
    private(set) var bias: Double

    init(_ rows: [[Double]], labels: [Bool], ridge: Double, iterations: Int = 5_000) {
        let count = rows.first?.count ?? 0
        var parameters = Array(repeating: 0.0, count: count + 1)
        var look = parameters
        var momentum = 1.0
        // A bound of the Hessian's largest eigenvalue: a quarter of the mean squared length of a row, bias included.
        let energy = rows.reduce(0.0) { $0 + $1.reduce(1) { $0 + $1 * $1 } } / Double(max(rows.count, 1))
        let step = 1 / (energy / 4 + ridge)
        for _ in 0..<iterations {
            var gradient = look.map { $0 * ridge }
            gradient[count] = 0
            for (row, label) in zip(rows, labels) {
                let score = zip(row, look).reduce(look[count]) { $0 + $1.0 * $1.1 }
                let residual = (1 / (1 + exp(-score)) - (label ? 1 : 0)) / Double(rows.count)
                for index in 0..<count { gradient[index] += residual * row[index] }
                gradient[count] += residual
            }
            var next = zip(look, gradient).map { $0 - step * $1 }
            for index in 0..<count { next[index] = max(0, next[index]) }
            let change = zip(next, parameters).reduce(0) { max($0, abs($1.0 - $1.1)) }
            let following = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
            look = zip(next, parameters).map { $0 + (momentum - 1) / following * ($0 - $1) }
            (parameters, momentum) = (next, following)
            if change < 1e-9 { break }
        }
        weights = Array(parameters.dropLast())
        bias = parameters[count]
    }
}
