/// One estimate from several studies, such as external sets, which may differ beyond chance.
public struct RandomEffectsResult: Hashable, Sendable {
    public var estimate: Double
    /// Hartung and Knapp's, never below the classical one.
    public var standardError: Double
    public var lower: Double
    public var upper: Double
    public var confidence: Double
    /// Two-sided, against an effect of 0, by Student's distribution with one degree of freedom less than studies.
    public var pValue: Double
    /// τ², the variance of the studies' true effects, by DerSimonian and Laird.
    public var betweenVariance: Double
    /// I², the share of the estimates' scatter that is more than their own errors, 0 to 1.
    public var heterogeneity: Double
    /// Cochran's Q.
    public var qStatistic: Double
    public var studyCount: Int
}

/// Pools estimates by a random-effects model.
///
/// - Formula: wᵢ = 1/vᵢ; Q = Σ wᵢ(yᵢ − ȳ)² with ȳ weighted by w; τ² = max(0, (Q − (k − 1)) / (Σw − Σw²/Σw)); the estimate is
///   weighted by wᵢ* = 1/(vᵢ + τ²); its variance max(1, q)/Σw* with q = Σ wᵢ*(yᵢ − estimate)²/(k − 1), and the interval goes by
///   Student's distribution with k − 1 degrees of freedom; I² = max(0, (Q − (k − 1))/Q).
/// - Edge cases: NaN for fewer than two studies, and if an estimate or a variance is not finite or a variance is not above 0.
/// - Throws: ``MetricsError`` if the arrays differ in length, or for a confidence outside 0...1.
/// - Source: R. DerSimonian, N. Laird, Controlled Clinical Trials 7 (1986); J. Hartung, G. Knapp, Statistics in Medicine 20
///   (2001); G. Knapp, J. Hartung, Statistics in Medicine 22 (2003) for the bound at the classical variance.
public func randomEffects(
    _ estimates: [Double],
    variances: [Double],
    confidence: Double = 0.95
) throws -> RandomEffectsResult {
    try requireEqualCounts(("estimates", estimates.count), ("variances", variances.count))
    try requireConfidence(confidence)
    var result = RandomEffectsResult(
        estimate: .nan,
        standardError: .nan,
        lower: .nan,
        upper: .nan,
        confidence: confidence,
        pValue: .nan,
        betweenVariance: .nan,
        heterogeneity: .nan,
        qStatistic: .nan,
        studyCount: estimates.count
    )
    guard estimates.count > 1, estimates.allSatisfy(\.isFinite), variances.allSatisfy({ $0.isFinite && $0 > 0 }) else {
        return result
    }
    let degrees = Double(estimates.count - 1)
    let weights = variances.map { 1 / $0 }
    let total = weights.reduce(0, +)
    let q = scatter(estimates, weights)
    let denominator = total - weights.reduce(0) { $0 + $1 * $1 } / total
    result.qStatistic = q.sum
    result.betweenVariance = max(0, (q.sum - degrees) / denominator)
    result.heterogeneity = q.sum > 0 ? max(0, (q.sum - degrees) / q.sum) : 0
    let random = variances.map { 1 / ($0 + result.betweenVariance) }
    let around = scatter(estimates, random)
    result.estimate = around.mean
    result.standardError = (max(1, around.sum / degrees) / random.reduce(0, +)).squareRoot()
    let width = studentTwoSidedQuantile(1 - confidence, degreesOfFreedom: degrees) * result.standardError
    (result.lower, result.upper) = (result.estimate - width, result.estimate + width)
    result.pValue = studentTwoSidedTail(result.estimate / result.standardError, degreesOfFreedom: degrees)
    return result
}

/// The weighted mean, and the weighted sum of squares around it.
private func scatter(_ values: [Double], _ weights: [Double]) -> (mean: Double, sum: Double) {
    let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    return (mean, zip(values, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) })
}
