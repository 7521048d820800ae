private import Foundation

/// Which difference a test looks for.
public enum Alternative: String, Hashable, Sendable, CaseIterable {
    /// The first sample tends to differ from the second.
    case twoSided
    /// The first sample tends to be greater.
    case greater
    /// The first sample tends to be less.
    case less
}

/// The options and the outcome of the paired Wilcoxon signed-rank test; see ``wilcoxonSignedRank(_:_:options:)``.
public enum WilcoxonSignedRank {
    /// What to do with pairs that are equal.
    public enum ZeroMethod: String, Hashable, Sendable, CaseIterable {
        /// Drop them before ranking (Wilcoxon).
        case wilcox
        /// Rank them, then drop their ranks (Pratt).
        case pratt
        /// Rank them, then give half of their ranks to each sign: SciPy's `zsplit`. Its normal approximation takes the
        /// zeros' signs for random, which they are not, so many zeros make its p-values too large.
        case zeroSplit
    }

    /// Where the p-value comes from.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// As SciPy's `auto`: exact up to 50 pairs without ties and zeros, and up to 13 pairs with them; otherwise the
        /// normal approximation.
        case automatic
        /// All sign patterns of the ranks at hand. Without ties this is SciPy's `exact`; with ties and zeros, where
        /// that one is not exact, it is its `PermutationMethod` run to completion. O(n³).
        case exact
        /// The normal approximation, its variance corrected for ties.
        case asymptotic
    }

    /// Everything to choose. The defaults are SciPy's.
    public struct Options: Hashable, Sendable {
        public var alternative: Alternative
        public var zeroMethod: ZeroMethod
        public var method: Method
        /// Move the statistic by one half toward its mean in the normal approximation.
        public var isContinuityCorrected: Bool
        /// Round differences to this many decimals, so that round-off makes no ranks out of ties: two arms with the same
        /// Dice by different arithmetic differ by 1e-17, and that would be ranked like a true difference.
        public var roundingDecimals: Int?

        public init(
            alternative: Alternative = .twoSided,
            zeroMethod: ZeroMethod = .wilcox,
            method: Method = .automatic,
            isContinuityCorrected: Bool = false,
            roundingDecimals: Int? = nil
        ) {
            self.alternative = alternative
            self.zeroMethod = zeroMethod
            self.method = method
            self.isContinuityCorrected = isContinuityCorrected
            self.roundingDecimals = roundingDecimals
        }
    }

    /// The outcome of a test.
    public struct Result: Hashable, Sendable {
        /// The smaller rank sum if two-sided, else ``positiveRankSum``: SciPy's `statistic`.
        public var statistic: Double
        public var pValue: Double
        /// Ranks of the pairs whose first value is greater, and of equal pairs their share under ``ZeroMethod/zeroSplit``.
        public var positiveRankSum: Double
        /// Ranks of the pairs whose second value is greater, and of equal pairs their share.
        public var negativeRankSum: Double
        /// All pairs.
        public var pairCount: Int
        /// Pairs that are equal (after rounding).
        public var zeroCount: Int
        /// The method that gave the p-value; never ``Method/automatic``.
        public var method: Method

        /// The matched-pairs rank-biserial correlation, an effect size in −1...1, positive if the first sample is greater.
        ///
        /// - Formula: (R⁺ − R⁻) / (R⁺ + R⁻).
        /// - Edge cases: NaN if every pair is equal.
        /// - Source: D. S. Kerby, The simple difference formula, Comprehensive Psychology 3 (2014).
        public var rankBiserialCorrelation: Double {
            (positiveRankSum - negativeRankSum) / (positiveRankSum + negativeRankSum)
        }
    }
}

/// Tests whether paired values differ: do the differences scatter symmetrically about zero?
///
/// The pairs must be independent. Images of one patient are not: where patients are known, use
/// ``pairedPermutationTest(_:_:groups:options:)`` with ``PairedPermutation/Statistic/signedRankSum``, which is this test
/// with the signs of a patient's pairs flipped together. And what is tested are the trained models at hand, not the
/// method that trained them; see ``seedAndCaseTest(_:_:groups:seedsArePaired:confidence:)``.
///
/// Equals SciPy's `wilcoxon(first, second, …)` (1.17), statistic and p-value; but where every pair is equal, p is 1 by
/// either method, and not NaN by the normal approximation.
///
/// - Formula: ranks of |first − second|, equals sharing midranks; R⁺ and R⁻ sum the ranks of the positive and of the
///   negative differences.
/// - Edge cases: NaN for no pairs, and if a value is not a number (use ``definedPairs(_:_:)`` to leave such pairs out,
///   knowing how many); 1 if every pair is equal.
/// - Throws: ``MetricsError`` if the samples differ in length.
/// - Source: F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1 (1945); J. W. Pratt, JASA 54
///   (1959); E. E. Cureton, The normal approximation when zero differences are present, JASA 62 (1967).
public func wilcoxonSignedRank(
    _ first: [Double],
    _ second: [Double],
    options: WilcoxonSignedRank.Options = .init()
) throws -> WilcoxonSignedRank.Result {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    let differences = roundedDifferences(first, second, decimals: options.roundingDecimals)
    return SignedRanks(differences, zeroMethod: options.zeroMethod).result(options)
}

/// The pairs in which both values are defined, and how many pairs were left out for a NaN.
///
/// - Throws: ``MetricsError`` if the samples differ in length.
public func definedPairs(
    _ first: [Double],
    _ second: [Double]
) throws -> (first: [Double], second: [Double], excludedCount: Int) {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    let kept = first.indices.filter { !first[$0].isNaN && !second[$0].isNaN }
    return (kept.map { first[$0] }, kept.map { second[$0] }, first.count - kept.count)
}

/// First − second, rounded as NumPy's `round` does where decimals are given.
func roundedDifferences(_ first: [Double], _ second: [Double], decimals: Int?) -> [Double] {
    let differences = zip(first, second).map { $0 - $1 }
    guard let decimals else { return differences }
    let scale = pow(10, Double(decimals))
    return differences.map { ($0 * scale).rounded(.toNearestOrEven) / scale }
}
