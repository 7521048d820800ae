/// The bootstrap interval of any statistic of cases, resampling whole groups (patients) with replacement.
///
/// The statistic is given the indices of the cases in a resample, some of them several times; a paired statistic reads
/// both arms at these indices:
///
/// ```swift
/// let interval = try bootstrapInterval(
///     caseCount: labels.count, groups: patients, method: .biasCorrectedAccelerated, seed: 1
/// ) { cases in
///     try areaUnderROC(scores: cases.map { scores[$0] }, labels: cases.map { labels[$0] })
/// }
/// ```
///
/// Means are faster by ``meanBootstrapInterval(_:groups:method:confidence:resampleCount:seed:)``.
///
/// - Formula: per resample, draw as many groups as there are and pool their cases; the interval as `method` says.
///   Equals SciPy's `bootstrap` (1.17) over the same resamples where every case is its own group.
/// - Edge cases: without `groups` every case is its own. NaN for no cases, or if the statistic is NaN on the cases or on
///   a resample; with ``BootstrapMethod/biasCorrectedAccelerated`` also if it is with one group left out. A single group,
///   or a statistic that is the same on all resamples, gives an interval of width zero, which is not evidence of anything.
/// - Throws: ``MetricsError`` if there is not one group per case, for a confidence outside 0...1 or no resamples; what
///   the statistic throws.
/// - Determinism: the same seed gives the same bits. Groups are numbered by first appearance, so their names do not
///   matter, but the order of the cases does.
/// - Complexity: `resampleCount` calls of the statistic, and one per group for the acceleration of BCa.
/// - Source: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 14; A. C. Davison, D. V.
///   Hinkley, Bootstrap Methods and their Application (1997), section 3.8 for resampling of clusters.
public func bootstrapInterval(
    caseCount: Int,
    groups: [String]? = nil,
    method: BootstrapMethod,
    confidence: Double = 0.95,
    resampleCount: Int = 10_000,
    seed: UInt64,
    of statistic: (_ cases: [Int]) throws -> Double
) throws -> BootstrapInterval {
    try requireConfidence(confidence)
    try requireResamples(resampleCount)
    try requireGroups(groups, caseCount: caseCount)
    let members = CaseGroups(groups, caseCount: caseCount).members
    var interval = BootstrapInterval(
        undefinedAt: caseCount == 0 ? .nan : try statistic(Array(0..<caseCount)),
        confidence: confidence,
        resampleCount: resampleCount,
        groupCount: members.count,
        method: method
    )
    guard !interval.estimate.isNaN else { return interval }

    var generator = SplitMix64(seed: seed)
    var cases: [Int] = []
    let resampled = try (0..<resampleCount).map { _ in
        cases.removeAll(keepingCapacity: true)
        for _ in members.indices { cases += members[generator.next(below: members.count)] }
        return try statistic(cases)
    }
    try interval.setBounds(from: resampled) {
        try members.indices.map { left in
            let others = members.indices.filter { $0 != left }
            return try statistic(others.flatMap { members[$0] }.sorted())
        }
    }
    return interval
}

/// The bootstrap interval of a mean over cases, resampling whole groups (patients) with replacement.
///
/// Images of one patient are not independent: pass their patients as `groups`, or the interval is too narrow.
///
/// - Formula: per resample, draw as many groups as there are, pool their cases and take the mean of their values; the
///   interval as `method` says.
/// - Edge cases: without `groups` every case is its own. NaN for no values or if one is not a number; a single group, or
///   equal values, give an interval of width zero, which is not evidence of anything.
/// - Throws: ``MetricsError`` if there is not one group per value, for a confidence outside 0...1 or no resamples.
/// - Determinism: the same seed gives the same bits. Groups are numbered by first appearance, so their names do not
///   matter, but the order of the values does.
/// - Complexity: O(resamples · groups).
/// - Source: as ``bootstrapInterval(caseCount:groups:method:confidence:resampleCount:seed:of:)``.
public func meanBootstrapInterval(
    _ values: [Double],
    groups: [String]? = nil,
    method: BootstrapMethod,
    confidence: Double = 0.95,
    resampleCount: Int = 10_000,
    seed: UInt64
) throws -> BootstrapInterval {
    try requireConfidence(confidence)
    try requireResamples(resampleCount)
    try requireGroups(groups, caseCount: values.count, named: "values")
    let grouped = CaseGroups(groups, caseCount: values.count)
    let sums = grouped.sums(values)
    let sizes = grouped.sizes
    var interval = BootstrapInterval(
        undefinedAt: values.reduce(0, +) / Double(values.count),
        confidence: confidence,
        resampleCount: resampleCount,
        groupCount: grouped.count,
        method: method
    )
    guard !interval.estimate.isNaN else { return interval }

    var generator = SplitMix64(seed: seed)
    let resampled = (0..<resampleCount).map { _ in
        var sum = 0.0
        var count = 0
        for _ in sums.indices {
            let drawn = generator.next(below: sums.count)
            sum += sums[drawn]
            count += sizes[drawn]
        }
        return sum / Double(count)
    }
    interval.setBounds(from: resampled) {
        let total = sums.reduce(0, +)
        return sums.indices.map { (total - sums[$0]) / Double(values.count - sizes[$0]) }
    }
    return interval
}
