/// The comparison of two AUROCs on the same cases; see ``deLongTest(_:_:confidence:)``.
public struct DeLongResult: Hashable, Sendable {
    public var firstArea: Double
    public var secondArea: Double
    public var firstVariance: Double
    public var secondVariance: Double
    public var covariance: Double
    /// First area − second area.
    public var difference: Double
    /// The bounds of the difference.
    public var lower: Double
    public var upper: Double
    public var confidence: Double
    /// The difference of the areas over its standard error.
    public var zStatistic: Double
    /// Two-sided.
    public var pValue: Double
}

/// An AUROC with its DeLong confidence interval; see ``deLongInterval(_:confidence:)``.
public struct DeLongInterval: Hashable, Sendable {
    public var area: Double
    public var variance: Double
    public var lower: Double
    public var upper: Double
}

/// Tests whether two trained models, or two sets of them on average, have the same AUROC on cases like these.
///
/// - Formula: z = (A₁ − A₂) / √V, V the variance over patients of the difference of the placements: with one case a patient
///   s₁₁ + s₂₂ − 2·s₁₂ of DeLong's covariance matrix S₁₀/m + S₀₁/n; else as ``ROCPlacements/variance`` says. Bounds are
///   A₁ − A₂ ∓ z·√V.
/// - Edge cases: variances need two patients with a positive and two with a negative case, else they, bounds and p are
///   NaN. If the difference has no variance, p is 1 for equal areas (the scores order the cases alike) and 0 otherwise.
/// - Throws: ``MetricsError`` if the two differ in cases or patients, or for a confidence outside 0...1.
/// - Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988); N. A. Obuchowski, Biometrics 53
///   (1997) for cases of one patient.
public func deLongTest(_ first: ROCPlacements, _ second: ROCPlacements, confidence: Double = 0.95) throws
    -> DeLongResult
{
    try requireConfidence(confidence)
    let covariance = try first.covariance(with: second)
    let difference = first.area - second.area
    let variance = first.varianceOfDifference(from: second)
    let margin = normalQuantile((1 + confidence) / 2) * variance.squareRoot()
    let z: Double
    if variance == 0 {
        z = difference == 0 ? 0 : (difference > 0 ? .infinity : -.infinity)
    } else {
        z = difference / variance.squareRoot()
    }
    return DeLongResult(
        firstArea: first.area,
        secondArea: second.area,
        firstVariance: first.variance,
        secondVariance: second.variance,
        covariance: covariance,
        difference: difference,
        lower: difference - margin,
        upper: difference + margin,
        confidence: confidence,
        zStatistic: z,
        pValue: 2 * normalUpperTail(abs(z))
    )
}

/// Tests whether two scores of the same cases have the same AUROC; ``deLongTest(_:_:confidence:)`` of two models.
///
/// - Parameter groups: the patient of every case; without them every case is its own.
/// - Throws: ``MetricsError`` if the arrays differ in length, or a score is not a number.
/// - Complexity: O(n log n).
public func deLongTest(first: [Double], second: [Double], labels: [Bool], groups: [String]? = nil) throws
    -> DeLongResult
{
    try deLongTest(
        ROCPlacements(scores: first, labels: labels, groups: groups),
        ROCPlacements(scores: second, labels: labels, groups: groups)
    )
}

/// The AUROC of a model, or the mean AUROC of several, and its normal confidence interval over patients, cut to 0...1.
///
/// - Formula: A ∓ z·√V, V as ``ROCPlacements/variance``.
/// - Edge cases: NaN bounds with fewer than two patients with a positive, or two with a negative case.
/// - Throws: ``MetricsError`` for a confidence outside 0...1.
public func deLongInterval(_ placements: ROCPlacements, confidence: Double = 0.95) throws -> DeLongInterval {
    try requireConfidence(confidence)
    let (area, variance) = (placements.area, placements.variance)
    let margin = normalQuantile((1 + confidence) / 2) * variance.squareRoot()
    let isDefined = !margin.isNaN
    return DeLongInterval(
        area: area,
        variance: variance,
        lower: isDefined ? max(0, area - margin) : .nan,
        upper: isDefined ? min(1, area + margin) : .nan
    )
}

/// An AUROC and its normal confidence interval; ``deLongInterval(_:confidence:)`` of one model.
///
/// - Parameter groups: the patient of every case; without them every case is its own.
/// - Throws: ``MetricsError`` if there is not one label per score, a score is not a number, or for a confidence outside
///   0...1.
public func deLongInterval(
    scores: [Double],
    labels: [Bool],
    groups: [String]? = nil,
    confidence: Double = 0.95
) throws -> DeLongInterval {
    try deLongInterval(ROCPlacements(scores: scores, labels: labels, groups: groups), confidence: confidence)
}
