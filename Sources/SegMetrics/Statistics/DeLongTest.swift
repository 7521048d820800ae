/// The comparison of two AUROCs on the same cases; see ``deLongTest(first:second:labels:)``.
public struct DeLongResult: Hashable, Sendable {
    public var firstArea: Double
    public var secondArea: Double
    public var firstVariance: Double
    public var secondVariance: Double
    public var covariance: Double
    /// The difference of the areas over its standard error.
    public var zStatistic: Double
    /// Two-sided.
    public var pValue: Double
}

/// An AUROC with its DeLong confidence interval; see ``deLongInterval(scores:labels:confidence:)``.
public struct DeLongInterval: Hashable, Sendable {
    public var area: Double
    public var variance: Double
    public var lower: Double
    public var upper: Double
}

/// Tests whether two scores of the same cases have the same AUROC.
///
/// - Formula: V₁₀ and V₀₁, the placements of each positive among the negatives and the other way round, give the
///   covariance matrix S₁₀/m + S₀₁/n of the two areas; z = (A₁ − A₂) / √(s₁₁ + s₂₂ − 2·s₁₂).
/// - Edge cases: variances need two positives and two negatives, else they and the p-value are NaN. If the difference has
///   no variance, p is 1 for equal areas (the scores order the cases alike) and 0 otherwise.
/// - Throws: ``MetricsError`` if the arrays differ in length, or a score is not a number.
/// - Complexity: O(n log n), through midranks.
/// - Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988); X. Sun, W. Xu, Fast implementation
///   of DeLong's algorithm, IEEE Signal Processing Letters 21 (2014), eq. 5–9.
public func deLongTest(first: [Double], second: [Double], labels: [Bool]) throws -> DeLongResult {
    let one = try Placements(scores: first, labels: labels)
    let two = try Placements(scores: second, labels: labels)
    let firstVariance = one.covariance(with: one)
    let secondVariance = two.covariance(with: two)
    let covariance = one.covariance(with: two)
    let difference = one.area - two.area
    // The variance of the differences of the placements, rather than s₁₁ + s₂₂ − 2·s₁₂, which cancels.
    let variance = one.varianceOfDifference(from: two)
    let z: Double
    if variance == 0 {
        z = difference == 0 ? 0 : (difference > 0 ? .infinity : -.infinity)
    } else {
        z = difference / variance.squareRoot()
    }
    return DeLongResult(
        firstArea: one.area,
        secondArea: two.area,
        firstVariance: firstVariance,
        secondVariance: secondVariance,
        covariance: covariance,
        zStatistic: z,
        pValue: 2 * normalUpperTail(abs(z))
    )
}

/// An AUROC and its normal confidence interval by DeLong's variance, cut to 0...1.
///
/// - Edge cases: NaN bounds with fewer than two positives or two negatives.
/// - Throws: ``MetricsError`` if there is not one label per score, a score is not a number, or for a confidence outside
///   0...1.
public func deLongInterval(scores: [Double], labels: [Bool], confidence: Double = 0.95) throws -> DeLongInterval {
    try requireConfidence(confidence)
    let placements = try Placements(scores: scores, labels: labels)
    let variance = placements.covariance(with: placements)
    let margin = normalQuantile((1 + confidence) / 2) * variance.squareRoot()
    guard !margin.isNaN else {
        return DeLongInterval(area: placements.area, variance: variance, lower: .nan, upper: .nan)
    }
    return DeLongInterval(
        area: placements.area,
        variance: variance,
        lower: max(0, placements.area - margin),
        upper: min(1, placements.area + margin)
    )
}

/// Where each positive stands among the negatives and each negative among the positives, as shares.
private struct Placements {
    let ofPositives: [Double]
    let ofNegatives: [Double]
    let area: Double

    init(scores: [Double], labels: [Bool]) throws {
        try requireEqualCounts(("scores", scores.count), ("labels", labels.count))
        try requireNumbers(scores, named: "score")
        let positives = zip(scores, labels).filter(\.1).map(\.0)
        let negatives = zip(scores, labels).filter { !$0.1 }.map(\.0)
        let pooled = midranks(positives + negatives).ranks
        let amongPositives = midranks(positives).ranks
        let amongNegatives = midranks(negatives).ranks
        // The pooled rank less the rank among one's own kind counts the others below, a tie as one half.
        ofPositives = positives.indices.map { (pooled[$0] - amongPositives[$0]) / Double(negatives.count) }
        ofNegatives = negatives.indices.map {
            1 - (pooled[positives.count + $0] - amongNegatives[$0]) / Double(positives.count)
        }
        area =
            negatives.isEmpty || positives.isEmpty ? .nan : ofPositives.reduce(0, +) / Double(positives.count)
    }

    func covariance(with other: Placements) -> Double {
        sampleCovariance(ofPositives, other.ofPositives) / Double(ofPositives.count)
            + sampleCovariance(ofNegatives, other.ofNegatives) / Double(ofNegatives.count)
    }

    func varianceOfDifference(from other: Placements) -> Double {
        let positives = zip(ofPositives, other.ofPositives).map { $0 - $1 }
        let negatives = zip(ofNegatives, other.ofNegatives).map { $0 - $1 }
        return sampleCovariance(positives, positives) / Double(positives.count)
            + sampleCovariance(negatives, negatives) / Double(negatives.count)
    }
}
