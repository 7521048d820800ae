/// How many seeds a hierarchical bootstrap draws per resample.
public enum SeedDraws: String, Hashable, Sendable, CaseIterable {
    /// As many as there are. With the few seeds that studies have, the interval is then too narrow: the resampled
    /// variance of a mean of S runs is (S − 1)/S of what it should be.
    case asMany
    /// One fewer, which makes that variance unbiased. A single seed is always drawn.
    case oneFewer
}

/// The percentile interval of the mean difference of two arms, resampling training runs and, within them, patients.
///
/// An interval over cases alone says how the trained models at hand differ. This one asks about the method, whose next
/// run will not be as good or bad as these, and is wider.
///
/// - Formula: per resample, draw seeds of the first arm with replacement, then seeds of the second (the same ones if
///   `seedsArePaired`), then as many groups as there are, for all drawn seeds alike; take the mean over drawn seeds and
///   the groups' pooled cases, first − second. The interval runs between the (1 ∓ confidence)/2 quantiles.
/// - Edge cases: without `groups` every case is its own. With one seed an arm the runs are taken as given, as in
///   ``pairedBootstrapInterval(_:_:groups:method:confidence:resampleCount:seed:)``. NaN without cases or if a value is
///   undefined; see ``SeedReplicates/definedCases(in:)``. With two or three seeds any resampling of them covers less than
///   it says; ``seedAndCaseTest(_:_:groups:seedsArePaired:confidence:)`` allows for their number.
/// - Throws: ``MetricsError`` if the arms differ in their cases, or in their seeds if these are paired; for a confidence
///   outside 0...1 or no resamples.
/// - Determinism: the same seed gives the same bits.
/// - Complexity: O(resamples · groups · drawn seeds).
/// - Source: A. B. Owen, The pigeonhole bootstrap, Ann. Appl. Stat. 1 (2007), for resampling both ways of a table; P. J.
///   McCarthy, C. B. Snowden, The bootstrap and finite population sampling, Vital Health Stat. 2:95 (1985), for drawing
///   one fewer.
public func hierarchicalBootstrapInterval(
    _ first: SeedReplicates,
    _ second: SeedReplicates,
    groups: [String]? = nil,
    seedsArePaired: Bool = false,
    seedDraws: SeedDraws = .oneFewer,
    confidence: Double = 0.95,
    resampleCount: Int = 10_000,
    seed: UInt64
) throws -> BootstrapInterval {
    try requireConfidence(confidence)
    try requireResamples(resampleCount)
    try requireComparable(first, second, groups: groups, seedsArePaired: seedsArePaired)
    let grouped = CaseGroups(groups, caseCount: first.caseCount)
    var interval = BootstrapInterval(
        undefinedAt: first.mean - second.mean,
        confidence: confidence,
        resampleCount: resampleCount,
        groupCount: grouped.count,
        method: .percentile
    )
    guard !interval.estimate.isNaN else { return interval }

    let sums = (first.values.map(grouped.sums), second.values.map(grouped.sums))
    let sizes = grouped.sizes
    var generator = SplitMix64(seed: seed)
    func drawnSeeds(_ count: Int) -> [Int] {
        let draws = seedDraws == .asMany || count == 1 ? count : count - 1
        return (0..<draws).map { _ in generator.next(below: count) }
    }
    let resampled = (0..<resampleCount).map { _ in
        let firstSeeds = drawnSeeds(first.seedCount)
        let secondSeeds = seedsArePaired ? firstSeeds : drawnSeeds(second.seedCount)
        var times = [Double](repeating: 0, count: sizes.count)
        var caseCount = 0
        for _ in sizes.indices {
            let drawn = generator.next(below: sizes.count)
            times[drawn] += 1
            caseCount += sizes[drawn]
        }
        func mean(_ sums: [[Double]], _ seeds: [Int]) -> Double {
            let total = seeds.reduce(0) { $0 + dot(sums[$1], times) }
            return total / Double(seeds.count * caseCount)
        }
        return mean(sums.0, firstSeeds) - mean(sums.1, secondSeeds)
    }
    interval.setBounds(from: resampled) { [] }
    return interval
}

private func dot(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += first[index] * second[index] }
    return sum
}

func requireComparable(
    _ first: SeedReplicates,
    _ second: SeedReplicates,
    groups: [String]?,
    seedsArePaired: Bool
) throws {
    try requireEqualCounts(("cases of the first arm", first.caseCount), ("of the second", second.caseCount))
    try requireGroups(groups, caseCount: first.caseCount)
    if seedsArePaired {
        try requireEqualCounts(("seeds of the first arm", first.seedCount), ("of the second", second.seedCount))
    }
}
