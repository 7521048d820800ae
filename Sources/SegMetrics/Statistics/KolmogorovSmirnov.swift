private import Foundation

/// The methods and the outcome of the one-sample Kolmogorov–Smirnov test; see
/// ``kolmogorovSmirnovTest(_:method:distribution:)``.
public enum KolmogorovSmirnov {
    /// Where the p-value comes from.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// Exact up to 1,000 values, asymptotic beyond.
        case automatic
        /// The distribution for this many values.
        case exact
        /// Kolmogorov's limit: P = 2·Σ (−1)^(k − 1)·exp(−2k²nD²).
        case asymptotic
    }

    /// The outcome of a test.
    public struct Result: Hashable, Sendable {
        /// The largest distance of the empirical from the supposed distribution, D.
        public var statistic: Double
        public var pValue: Double
        /// The method that gave the p-value; never ``Method/automatic``.
        public var method: Method
    }
}

/// Tests whether values come from a continuous distribution, the uniform one on 0...1 unless another is given.
///
/// p-values under a true null hypothesis are uniform, so this test checks tests. Two-sided.
///
/// - Formula: D = max over sorted values of max(i/n − F(x₍ᵢ₎), F(x₍ᵢ₎) − (i − 1)/n).
/// - Edge cases: NaN without values or if one is not a number. For values with ties, as from a discrete distribution, the
///   p-value is too large.
/// - Complexity: O(n log n), and O(n·(nD)²) for the exact p-value.
/// - Source: A. N. Kolmogorov, Giorn. Ist. Ital. Attuari 4 (1933); G. Marsaglia, W. W. Tsang, J. Wang, Evaluating
///   Kolmogorov's distribution, J. Stat. Software 8:18 (2003); R. Simard, P. L'Ecuyer, Computing the two-sided
///   Kolmogorov–Smirnov distribution, J. Stat. Software 39:11 (2011), for which formula holds where.
public func kolmogorovSmirnovTest(
    _ values: [Double],
    method: KolmogorovSmirnov.Method = .automatic,
    distribution: (Double) -> Double = { min(1, max(0, $0)) }
) -> KolmogorovSmirnov.Result {
    let count = Double(values.count)
    let resolved = method == .automatic ? (values.count <= 1_000 ? .exact : .asymptotic) : method
    guard !values.isEmpty, !values.contains(where: \.isNaN) else {
        return KolmogorovSmirnov.Result(statistic: .nan, pValue: .nan, method: resolved)
    }
    var statistic = 0.0
    for (index, value) in values.sorted().enumerated() {
        let share = distribution(value)
        statistic = max(statistic, Double(index + 1) / count - share, share - Double(index) / count)
    }
    let pValue =
        resolved == .exact
        ? kolmogorovUpperTail(statistic, count: values.count) : kolmogorovLimitUpperTail(statistic * count.squareRoot())
    return KolmogorovSmirnov.Result(statistic: statistic, pValue: min(1, max(0, pValue)), method: resolved)
}

/// P(√n·D ≥ x) in the limit of many values.
package func kolmogorovLimitUpperTail(_ x: Double) -> Double {
    if x <= 0 { return 1 }
    var sum = 0.0
    if x < 1 {
        // The theta function's other series converges fast where the usual one cancels.
        for odd in stride(from: 1.0, through: 39, by: 2) {
            sum += exp(-odd * odd * Double.pi * Double.pi / (8 * x * x))
        }
        return 1 - (2 * Double.pi).squareRoot() / x * sum
    }
    for k in stride(from: 1.0, through: 39, by: 2) {
        sum += exp(-2 * k * k * x * x) - exp(-2 * (k + 1) * (k + 1) * x * x)
    }
    return 2 * sum
}

/// P(D ≥ d) for `count` values.
package func kolmogorovUpperTail(_ d: Double, count: Int) -> Double {
    let n = Double(count)
    if n * d <= 0.5 { return 1 }
    if d >= 1 { return 0 }
    // Beyond here both one-sided bounds are crossed too rarely to matter (Simard and L'Ecuyer, section 3).
    let isFarOut = d >= 0.5 || n * d * d >= (count <= 140 ? 4 : 2.2)
    return isFarOut ? 2 * smirnovUpperTail(d, count: count) : 1 - marsagliaProbability(d, count: count)
}

/// P(D⁺ ≥ d), one-sided: d·Σ C(n, j)·(d + j/n)^(j − 1)·(1 − d − j/n)^(n − j) over j ≤ n(1 − d).
private func smirnovUpperTail(_ d: Double, count: Int) -> Double {
    let n = Double(count)
    var logChoices = 0.0
    var sum = 0.0
    for j in 0...Int(n * (1 - d)) {
        let share = d + Double(j) / n
        if share < 1 {
            sum += exp(logChoices + Double(j - 1) * log(share) + (n - Double(j)) * log1p(-share))
        } else if j == count {
            sum += 1
        }
        logChoices += log(Double(count - j) / Double(j + 1))
    }
    return d * sum
}

/// P(D < d) as an entry of n!/nⁿ·Hⁿ, H being the matrix of Marsaglia, Tsang and Wang of order 2⌈nd⌉ − 1.
private func marsagliaProbability(_ d: Double, count: Int) -> Double {
    let n = Double(count)
    let k = Int((n * d).rounded(.up))
    let h = Double(k) - n * d
    let order = 2 * k - 1
    var matrix = [Double](repeating: 0, count: order * order)
    func factorial(_ value: Int) -> Double { tgamma(Double(value + 1)) }
    for row in 0..<order {
        for column in 0...min(order - 1, row + 1) {
            var entry = 1.0
            if column == 0 { entry -= pow(h, Double(row + 1)) }
            if row == order - 1 { entry -= pow(h, Double(order - column)) }
            if column == 0, row == order - 1, h > 0.5 { entry += pow(2 * h - 1, Double(order)) }
            matrix[row * order + column] = entry / factorial(row - column + 1)
        }
    }
    // H grows by about e a step; the nth root of n!/nⁿ, about 1/e, in every step keeps the row in range.
    var sign: Int32 = 0
    let scale = exp(lgamma_r(n + 1, &sign) / n - log(n))
    var row = [Double](repeating: 0, count: order)
    row[k - 1] = 1
    for _ in 0..<count {
        var next = [Double](repeating: 0, count: order)
        for (from, weight) in row.enumerated() {
            for to in 0...min(order - 1, from + 1) { next[to] += weight * scale * matrix[from * order + to] }
        }
        row = next
    }
    return row[k - 1]
}
