/// How two measurements of the same things agree.
///
/// - Formula: the bias is the mean of the differences, the limits of agreement are the bias ± 1.96 standard deviations
///   (divisor n − 1) of them.
/// - Source: J. M. Bland, D. G. Altman, Statistical methods for assessing agreement between two methods of clinical
///   measurement, Lancet 327 (1986).
package struct AgreementStatistics: Sendable, Hashable {
    package let count: Int
    /// Mean difference.
    package let bias: Double
    /// Sample standard deviation of the differences; NaN for a single one.
    package let standardDeviation: Double
    /// Lower limit of agreement.
    package var low: Double { bias - 1.96 * standardDeviation }
    /// Upper limit of agreement.
    package var high: Double { bias + 1.96 * standardDeviation }

    /// Summarizes differences; `nil` if there are none.
    package init?(differences: [Double]) {
        guard !differences.isEmpty else { return nil }
        count = differences.count
        let mean = differences.reduce(0, +) / Double(differences.count)
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        bias = mean
        standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : .nan
    }
}
