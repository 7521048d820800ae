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
