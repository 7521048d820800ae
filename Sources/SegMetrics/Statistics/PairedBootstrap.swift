/// A bootstrap interval of a mean difference.
public struct BootstrapInterval: Hashable, Sendable {
    /// The observed mean difference, first minus second.
    public var estimate: Double
    public var lower: Double
    public var upper: Double
    /// The part of resampled differences that the interval covers, e.g. 0.95.
    public var confidence: Double
    public var resampleCount: Int
    /// The units that were resampled: groups, or pairs if there are no groups.
    public var groupCount: Int
}

/// The percentile interval of the mean paired difference, resampling whole groups (patients) with replacement.
///
/// Images of one patient are not independent: pass their patients as `groups`, or the interval is too narrow.
///
/// - Formula: per resample, draw as many groups as there are, pool their pairs, and take the mean of first − second
///   over all of these; the interval runs between the (1 ∓ confidence)/2 quantiles of those means, interpolated linearly.
/// - Edge cases: without `groups` every pair is its own. NaN for no pairs or if a value is not a number; a single group
///   gives an interval of width zero, which is no evidence of anything.
/// - Throws: ``MetricsError`` if the arrays differ in length.
/// - Determinism: the same seed gives the same bits. Groups are numbered by first appearance, so their names do not
///   matter, but the order of the pairs does.
/// - Source: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; A. C. Davison, D. V.
///   Hinkley, Bootstrap Methods and their Application (1997), section 3.8 for resampling of clusters.
public func pairedBootstrapInterval(
    _ first: [Double],
    _ second: [Double],
    groups: [String]? = nil,
    confidence: Double = 0.95,
    resampleCount: Int = 10_000,
    seed: UInt64
) throws -> BootstrapInterval {
    precondition(confidence > 0 && confidence < 1, "a confidence lies strictly between 0 and 1")
    precondition(resampleCount > 0, "a bootstrap needs at least one resample")
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    if let groups { try requireEqualCounts(("groups", groups.count), ("pairs", first.count)) }

    let differences = zip(first, second).map { $0 - $1 }
    let clusters = clusterSums(differences, groups: groups)
    var interval = BootstrapInterval(
        estimate: differences.reduce(0, +) / Double(differences.count),
        lower: .nan,
        upper: .nan,
        confidence: confidence,
        resampleCount: resampleCount,
        groupCount: clusters.count
    )
    guard !differences.isEmpty, !differences.contains(where: \.isNaN) else { return interval }

    var generator = SplitMix64(seed: seed)
    var means: [Double] = []
    means.reserveCapacity(resampleCount)
    for _ in 0..<resampleCount {
        var sum = 0.0
        var count = 0
        for _ in clusters.indices {
            let drawn = clusters[generator.next(below: clusters.count)]
            sum += drawn.sum
            count += drawn.count
        }
        means.append(sum / Double(count))
    }
    means.sort()
    interval.lower = quantile((1 - confidence) / 2, ofSorted: means)
    interval.upper = quantile((1 + confidence) / 2, ofSorted: means)
    return interval
}

private func clusterSums(_ differences: [Double], groups: [String]?) -> [(sum: Double, count: Int)] {
    guard let groups else { return differences.map { ($0, 1) } }
    var positions: [String: Int] = [:]
    var clusters: [(sum: Double, count: Int)] = []
    for (group, difference) in zip(groups, differences) {
        if let position = positions[group] {
            clusters[position].sum += difference
            clusters[position].count += 1
        } else {
            positions[group] = clusters.count
            clusters.append((difference, 1))
        }
    }
    return clusters
}
