/// The matched-pairs rank-biserial correlation of paired values; see
/// ``WilcoxonSignedRank/Result/rankBiserialCorrelation``.
///
/// - Edge cases: equal pairs are treated by `zeroMethod`; NaN if every pair is equal, or a value is not a number.
/// - Throws: ``MetricsError`` if the samples differ in length.
public func rankBiserialCorrelation(
    _ first: [Double],
    _ second: [Double],
    zeroMethod: WilcoxonSignedRank.ZeroMethod = .wilcox
) throws -> Double {
    let options = WilcoxonSignedRank.Options(zeroMethod: zeroMethod, method: .asymptotic)
    return try wilcoxonSignedRank(first, second, options: options).rankBiserialCorrelation
}

/// The bootstrap interval of the matched-pairs rank-biserial correlation, resampling whole groups (patients).
///
/// - Edge cases: NaN bounds if a resample holds equal pairs only, as happens where few pairs differ; see
///   ``bootstrapInterval(caseCount:groups:method:confidence:resampleCount:seed:of:)`` for the others.
/// - Throws: ``MetricsError`` if the arrays differ in length, for a confidence outside 0...1 or no resamples.
/// - Determinism: the same seed gives the same bits.
/// - Complexity: O(resamples · n log n).
public func rankBiserialInterval(
    _ first: [Double],
    _ second: [Double],
    groups: [String]? = nil,
    zeroMethod: WilcoxonSignedRank.ZeroMethod = .wilcox,
    method: BootstrapMethod,
    confidence: Double = 0.95,
    resampleCount: Int = 2_000,
    seed: UInt64
) throws -> BootstrapInterval {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    let differences = zip(first, second).map { $0 - $1 }
    return try bootstrapInterval(
        caseCount: differences.count,
        groups: groups,
        method: method,
        confidence: confidence,
        resampleCount: resampleCount,
        seed: seed
    ) { cases in
        let ranks = SignedRanks(cases.map { differences[$0] }, zeroMethod: zeroMethod)
        return ranks.result(.init(zeroMethod: zeroMethod, method: .asymptotic)).rankBiserialCorrelation
    }
}

/// Cohen's d of paired values, d_z: their mean difference in units of the differences' standard deviation.
///
/// - Formula: mean(first − second) / sd(first − second), the divisor of the variance being n − 1.
/// - Edge cases: NaN for fewer than two pairs, if a value is not a number, and for equal pairs; ±∞ if all pairs differ by
///   the same.
/// - Throws: ``MetricsError`` if the samples differ in length.
/// - Source: J. Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), section 2.3.5.
public func cohensDz(_ first: [Double], _ second: [Double]) throws -> Double {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    let differences = zip(first, second).map { $0 - $1 }
    return differences.reduce(0, +) / Double(differences.count)
        / sampleCovariance(differences, differences).squareRoot()
}

/// Cliff's delta: how much more often a value of the first sample exceeds one of the second than the other way round.
///
/// - Formula: (#(x > y) − #(x < y)) / (n·m), in −1...1; 2·AUROC − 1 with the first sample as the positives.
/// - Edge cases: the samples are unpaired and may differ in size; NaN if either is empty or holds a NaN.
/// - Complexity: O((n + m) log(n + m)), through midranks.
/// - Source: N. Cliff, Dominance statistics: ordinal analyses to answer ordinal questions, Psychol. Bulletin 114 (1993).
public func cliffsDelta(_ first: [Double], _ second: [Double]) -> Double {
    guard !first.isEmpty, !second.isEmpty, !(first + second).contains(where: \.isNaN) else { return .nan }
    let ranks = midranks(first + second).ranks
    let n = Double(first.count)
    let pairs = n * Double(second.count)
    // Mann and Whitney's U counts a win as 1 and a tie as one half.
    let wins = ranks[..<first.count].reduce(0, +) - n * (n + 1) / 2
    return (2 * wins - pairs) / pairs
}
