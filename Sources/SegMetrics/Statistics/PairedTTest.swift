/// The mean of paired differences, tested against zero; see ``pairedTTest(_:_:confidence:)``.
public struct PairedTResult: Hashable, Sendable {
    /// Number of pairs.
    public var pairs: Int
    /// Mean of first − second.
    public var difference: Double
    /// Standard deviation of the differences, divisor n − 1; NaN for a single pair.
    public var standardDeviation: Double
    /// The lower bound of the mean difference.
    public var lower: Double
    /// The upper bound.
    public var upper: Double
    /// The share of such intervals that contain the true mean.
    public var confidence: Double
    /// Infinite where all differences are equal and not zero.
    public var tStatistic: Double
    /// Two-sided.
    public var pValue: Double
}

/// Student's paired t test, with the interval of the mean difference.
///
/// For a handful of pairs, such as the seeds of a study: signed ranks of fewer than six pairs cannot reach 0.05, whatever
/// the values. The price is the assumption that the differences are about normal, which so few cannot check.
///
/// - Formula: t = d̄ √n / s with n − 1 degrees of freedom; interval d̄ ± t₍n−1, confidence₎ s / √n.
/// - Edge cases: NaN p-value and bounds for fewer than two pairs or an undefined value. Differences that are all equal,
///   to within round-off (s below 1e-12 of the largest value), have p = 1 if they are zero and p = 0 otherwise.
/// - Throws: ``MetricsError`` for two lists of different lengths and for a confidence outside 0...1.
/// - Source: Student, The probable error of a mean, Biometrika 6 (1908).
public func pairedTTest(
    _ first: [Double],
    _ second: [Double],
    confidence: Double = 0.95
) throws -> PairedTResult {
    try requireConfidence(confidence)
    try requireEqualCounts(("first", first.count), ("second", second.count))
    let differences = zip(first, second).map { $0 - $1 }
    let summary = ScoreSummary(of: differences)
    let isDefined = differences.count > 1 && !differences.contains { !$0.isFinite }
    let spread = isDefined ? summary.standardDeviation : .nan
    var result = PairedTResult(
        pairs: differences.count,
        difference: differences.reduce(0, +) / Double(differences.count),
        standardDeviation: spread,
        lower: .nan,
        upper: .nan,
        confidence: confidence,
        tStatistic: .nan,
        pValue: .nan
    )
    guard isDefined else { return result }
    let roundOff = 1e-12 * (first + second).reduce(0) { max($0, abs($1)) }
    guard spread > roundOff else {
        let isZero = abs(result.difference) <= roundOff
        result.tStatistic = isZero ? 0 : (result.difference > 0 ? .infinity : -.infinity)
        result.pValue = isZero ? 1 : 0
        (result.lower, result.upper) = (result.difference, result.difference)
        return result
    }
    let freedom = Double(differences.count - 1)
    let error = spread / Double(differences.count).squareRoot()
    let margin = error * studentTwoSidedQuantile(1 - confidence, degreesOfFreedom: freedom)
    result.tStatistic = result.difference / error
    result.pValue = studentTwoSidedTail(result.tStatistic, degreesOfFreedom: freedom)
    (result.lower, result.upper) = (result.difference - margin, result.difference + margin)
    return result
}
