/// The options and the outcome of the paired permutation test; see ``pairedPermutationTest(_:_:groups:options:)``.
public enum PairedPermutation {
    /// What is compared with its values under flipped signs.
    public enum Statistic: String, Hashable, Sendable, CaseIterable {
        /// The mean of first − second over the pairs.
        case meanDifference
        /// The signed ranks of the differences, R⁺ − R⁻; zeros are dropped before ranking. Withstands outliers.
        case signedRankSum
    }

    /// Everything to choose.
    public struct Options: Hashable, Sendable {
        public var alternative: Alternative
        public var statistic: Statistic
        /// Up to so many groups, all sign patterns are counted; at most 44 can be.
        public var maximumExactCount: Int
        /// Random sign patterns if there are more groups.
        public var resampleCount: Int
        /// Of the random sign patterns.
        public var seed: UInt64
        /// Round differences to this many decimals, as ``WilcoxonSignedRank/Options/roundingDecimals`` does: round-off makes
        /// no ranks out of ties then, and no differences out of equal pairs.
        public var roundingDecimals: Int?

        public init(
            alternative: Alternative = .twoSided,
            statistic: Statistic = .meanDifference,
            maximumExactCount: Int = 40,
            resampleCount: Int = 9_999,
            seed: UInt64,
            roundingDecimals: Int? = nil
        ) {
            self.alternative = alternative
            self.statistic = statistic
            self.maximumExactCount = maximumExactCount
            self.resampleCount = resampleCount
            self.seed = seed
            self.roundingDecimals = roundingDecimals
        }
    }

    /// The outcome of a test.
    public struct Result: Hashable, Sendable {
        /// The mean difference, or R⁺ − R⁻.
        public var statistic: Double
        public var pValue: Double
        /// All pairs.
        public var pairCount: Int
        /// Pairs that are equal (after rounding).
        public var zeroCount: Int
        /// Groups, or pairs if there are no groups.
        public var groupCount: Int
        /// Whether every sign pattern was counted; otherwise the p-value is an estimate from random ones.
        public var isExact: Bool
    }
}

/// Tests whether paired values differ, by flipping the signs of whole groups (patients) of differences.
///
/// If it made no difference which arm a value came from, each patient's differences could as well all have the other
/// sign. Nothing is assumed of how the images of a patient hang together, only that patients are independent: this is
/// the test to use where patients are known. ``PairedPermutation/Statistic/signedRankSum`` makes it the
/// Wilcoxon signed-rank test for clustered data.
///
/// - Formula: T = Σ over groups of ±(sum of the group's differences, or of their signed ranks); p is the share of sign
///   patterns with T at least as extreme as observed (two-sided: |T|). With m random patterns, b of them as extreme,
///   p = (b + 1)/(m + 1). Sums within 1e-12 of Σ|…| of each other are equal. The exact p equals SciPy's
///   `permutation_test` (1.17, `samples`) run to completion.
/// - Edge cases: without `groups` every pair is its own. Groups whose sum is zero have no sign. p = 1 if every pair is
///   equal, and two-sided for a single group: two patterns show nothing. NaN for no pairs or if a value is not a number,
///   and for the mean of infinite differences. With k groups no two-sided p is below 2¹⁻ᵏ.
/// - Throws: ``MetricsError`` if the arrays differ in length, or there are no resamples.
/// - Determinism: the same seed gives the same bits; an exact p needs no seed.
/// - Complexity: exact O(2^(k/2)) in time and memory; else O(resamples · k).
/// - Source: R. A. Fisher, The Design of Experiments (1935), section 21; B. Phipson, G. K. Smyth, Permutation p-values
///   should never be zero, SAGMB 9 (2010); B. Rosner, R. J. Glynn, M.-L. T. Lee, The Wilcoxon signed rank test for paired
///   comparisons of clustered data, Biometrics 62 (2006); E. Horowitz, S. Sahni, JACM 21 (1974) for the exact count.
public func pairedPermutationTest(
    _ first: [Double],
    _ second: [Double],
    groups: [String]? = nil,
    options: PairedPermutation.Options
) throws -> PairedPermutation.Result {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    try requireGroups(groups, caseCount: first.count, named: "pairs")
    try requireResamples(options.resampleCount)
    let differences = roundedDifferences(first, second, decimals: options.roundingDecimals)
    let hasRanks = options.statistic == .signedRankSum && !differences.contains(where: \.isNaN)
    let terms = hasRanks ? signedRanks(differences) : differences
    // An infinite distance has a rank, but no mean.
    let isUndefined = terms.isEmpty || !terms.allSatisfy(\.isFinite)
    let grouped = CaseGroups(groups, caseCount: terms.count)
    let flips = SignFlips(grouped.sums(terms))
    let isExact = flips.magnitudes.count <= min(options.maximumExactCount, SignFlips.largestExactCount)
    let pValue: Double
    switch isExact {
    case _ where isUndefined: pValue = .nan
    case true: pValue = flips.exactPValue(options.alternative)
    case false:
        var generator = SplitMix64(seed: options.seed)
        pValue = flips.randomPValue(options.alternative, resampleCount: options.resampleCount, using: &generator)
    }
    let divisor = options.statistic == .meanDifference ? Double(terms.count) : 1
    return PairedPermutation.Result(
        statistic: terms.reduce(0, +) / divisor,
        pValue: pValue,
        pairCount: terms.count,
        zeroCount: differences.count { $0 == 0 },
        groupCount: grouped.count,
        isExact: isExact
    )
}

private func signedRanks(_ differences: [Double]) -> [Double] {
    let nonzero = differences.indices.filter { differences[$0] != 0 }
    let ranks = midranks(nonzero.map { abs(differences[$0]) }).ranks
    var signed = [Double](repeating: 0, count: differences.count)
    for (index, rank) in zip(nonzero, ranks) { signed[index] = differences[index] > 0 ? rank : -rank }
    return signed
}
