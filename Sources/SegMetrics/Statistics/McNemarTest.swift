/// The methods and the outcome of McNemar's test; see ``mcNemarTest(firstOnly:secondOnly:method:)``.
public enum McNemar {
    /// Where the p-value comes from. All are two-sided.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// Binomial: never above its level, and timid for it.
        case exact
        /// Binomial, the observed split counting one half: nearer to its level with few cases.
        case midP
        /// χ² with one degree of freedom.
        case chiSquare
        /// χ² with Edwards' correction for continuity.
        case correctedChiSquare
    }

    /// The outcome of a test.
    public struct Result: Hashable, Sendable {
        /// Cases that only the first classifier got right.
        public var firstOnly: Int
        /// Cases that only the second classifier got right.
        public var secondOnly: Int
        /// χ², or the smaller of the two counts in the binomial methods.
        public var statistic: Double
        public var pValue: Double
        public var method: Method
    }
}

/// Tests whether two classifiers of the same cases are right equally often, from the cases on which they disagree.
///
/// - Formula: with b and c the cases that only the first and only the second got right, n = b + c: exact p =
///   2·P(X ≤ min(b, c)), X binomial(n, ½); mid-p subtracts P(X = min(b, c)); χ² = (|b − c| − k)²/n, k = 1 if corrected.
/// - Edge cases: p = 1 if b = c, and so without disagreement; the correction never passes |b − c|, where statsmodels,
///   otherwise equal, has a χ² of 1/n for b = c.
/// - Throws: ``MetricsError`` for a negative count.
/// - Complexity: O(min(b, c)).
/// - Source: Q. McNemar, Psychometrika 12 (1947); A. L. Edwards, Psychometrika 13 (1948); M. W. Fagerland, S. Lydersen,
///   P. Laake, BMC Medical Research Methodology 13:91 (2013) for mid-p.
public func mcNemarTest(firstOnly: Int, secondOnly: Int, method: McNemar.Method = .exact) throws -> McNemar.Result {
    guard firstOnly >= 0, secondOnly >= 0 else {
        throw MetricsError(
            "\(firstOnly) and \(secondOnly) discordant cases cannot be",
            cure: "count the cases that only one of the classifiers got right"
        )
    }
    let disagreements = firstOnly + secondOnly
    let smaller = min(firstOnly, secondOnly)
    let difference = Double(abs(firstOnly - secondOnly))
    let statistic: Double
    let pValue: Double
    switch method {
    case .exact, .midP:
        let (tail, last) = fairBinomialTail(smaller, of: disagreements)
        statistic = Double(smaller)
        pValue = difference == 0 ? 1 : min(1, 2 * tail - (method == .midP ? last : 0))
    case .chiSquare, .correctedChiSquare:
        let excess = method == .correctedChiSquare ? max(0, difference - 1) : difference
        statistic = difference == 0 ? 0 : excess * excess / Double(disagreements)
        // A χ² of one degree of freedom is a squared standard normal.
        pValue = 2 * normalUpperTail(statistic.squareRoot())
    }
    return McNemar.Result(
        firstOnly: firstOnly,
        secondOnly: secondOnly,
        statistic: statistic,
        pValue: pValue,
        method: method
    )
}

/// Tests whether two classifiers of the same cases are right equally often.
///
/// - Throws: ``MetricsError`` if there is not one prediction of each classifier per label.
/// - Source: as ``mcNemarTest(firstOnly:secondOnly:method:)``, which takes the counts.
public func mcNemarTest(
    first: [Bool],
    second: [Bool],
    labels: [Bool],
    method: McNemar.Method = .exact
) throws -> McNemar.Result {
    try requireEqualCounts(("first predictions", first.count), ("labels", labels.count))
    try requireEqualCounts(("second predictions", second.count), ("labels", labels.count))
    let disagreements = labels.indices.filter { first[$0] != second[$0] }
    let firstOnly = disagreements.count { first[$0] == labels[$0] }
    return try mcNemarTest(firstOnly: firstOnly, secondOnly: disagreements.count - firstOnly, method: method)
}

/// P(X ≤ k) and P(X = k) for X binomial(n, ½), k ≤ n/2.
private func fairBinomialTail(_ k: Int, of n: Int) -> (tail: Double, last: Double) {
    // C(n, k)/2ⁿ, halved while it is built, so that it neither overflows nor vanishes.
    var last = 1.0
    var halvings = n
    for factor in stride(from: 1, through: k, by: 1) {
        last *= Double(n - k + factor) / Double(factor)
        while last > 1, halvings > 0 {
            last /= 2
            halvings -= 1
        }
    }
    last *= Double(sign: .plus, exponent: max(-1074, -halvings), significand: 1)
    var tail = last
    var term = last
    for value in stride(from: k, to: 0, by: -1) {
        term *= Double(value) / Double(n - value + 1)
        tail += term
    }
    return (tail, last)
}
