/// The comparison of two arms over seeds and cases; see ``seedAndCaseTest(_:_:groups:seedsArePaired:confidence:)``.
public struct SeedAndCaseResult: Hashable, Sendable {
    /// Mean of the first arm less that of the second.
    public var difference: Double
    public var lower: Double
    public var upper: Double
    public var confidence: Double
    public var tStatistic: Double
    /// Satterthwaite's, rarely whole.
    public var degreesOfFreedom: Double
    /// Two-sided.
    public var pValue: Double
    /// The squared standard error of the difference over runs, the cases being given.
    public var seedVariance: Double
    /// The squared standard error of the difference over cases (groups), the runs being given.
    public var caseVariance: Double
    /// What the other two both contain.
    public var residualVariance: Double
}

/// Tests whether two arms differ beyond what other seeds and other patients would change.
///
/// A test over cases alone, however exact, tells two trained models apart. Two runs of the same arm are two different
/// models, and with enough cases it finds them different: where a seed moves the mean Dice by half a case-wise
/// standard error, it already rejects identical arms too often. Only runs can answer for runs; at least two seeds an arm
/// are needed, and with three the test asks for large effects.
///
/// - Formula: t = difference/√V with V = max(V_s + V_c − V_r, V_s, V_c). V_s sums the variances of the arms' seed means
///   over their numbers (of the seed-wise differences, if `seedsArePaired`); V_c is the cluster-robust variance of the
///   mean over groups of the difference of the case means; V_r is the same of the residuals seed × group. Degrees of
///   freedom: V²/(Σ V_s²/(S − 1) + V_c²/(G − 1)). With one case a group and equal seeds this is the quasi-F ratio of the
///   two-way random-effects model, F = t².
/// - Edge cases: NaN p-value and bounds with fewer than two seeds in an arm or two groups, without cases, or if a value is
///   undefined; see ``SeedReplicates/definedCases(in:)``. Without any variance p is 1 for equal means and 0 otherwise.
/// - Throws: ``MetricsError`` if the arms differ in their cases, or in their seeds if these are paired; for a confidence
///   outside 0...1.
/// - Source: H. H. Clark, The language-as-fixed-effect fallacy, J. Verbal Learning and Verbal Behavior 12 (1973); F. E.
///   Satterthwaite, Biometrics Bulletin 2 (1946); X. Bouthillier et al., Accounting for variance in machine learning
///   benchmarks, MLSys 2021, for the size of the variance between seeds.
public func seedAndCaseTest(
    _ first: SeedReplicates,
    _ second: SeedReplicates,
    groups: [String]? = nil,
    seedsArePaired: Bool = false,
    confidence: Double = 0.95
) throws -> SeedAndCaseResult {
    try requireConfidence(confidence)
    try requireComparable(first, second, groups: groups, seedsArePaired: seedsArePaired)
    let grouped = CaseGroups(groups, caseCount: first.caseCount)
    let difference = first.mean - second.mean

    // A paired arm is one table, of differences; unpaired arms are two whose variances add.
    let arms: [[[Double]]]
    if seedsArePaired {
        arms = [zip(first.values, second.values).map { zip($0, $1).map { $0 - $1 } }]
    } else {
        arms = [first.values, second.values.map { $0.map { -$0 } }]
    }
    let tables = arms.map { GroupInfluence($0, grouped: grouped) }
    let seedVariances = tables.map { ($0.seedVariance, $0.seedCount - 1) }
    let groupCount = Double(grouped.count)
    let caseVariance =
        (0..<grouped.count).reduce(0.0) { sum, group in
            let influence = tables.reduce(0) { $0 + $1.means[group] }
            return sum + influence * influence
        } * groupCount / (groupCount - 1)
    let seedVariance = seedVariances.reduce(0) { $0 + $1.0 }
    let residualVariance = tables.reduce(0) { $0 + $1.residualVariance }

    let isDefined = grouped.count > 1 && !(seedVariance + caseVariance + residualVariance).isNaN
    let variance = max(seedVariance + caseVariance - residualVariance, seedVariance, caseVariance)
    let spread = seedVariances.reduce(0) { $0 + $1.0 * $1.0 / Double($1.1) }
    let degreesOfFreedom = variance * variance / (spread + caseVariance * caseVariance / (groupCount - 1))
    var result = SeedAndCaseResult(
        difference: difference,
        lower: .nan,
        upper: .nan,
        confidence: confidence,
        tStatistic: .nan,
        degreesOfFreedom: isDefined ? degreesOfFreedom : .nan,
        pValue: .nan,
        seedVariance: seedVariance,
        caseVariance: grouped.count > 1 ? caseVariance : .nan,
        residualVariance: grouped.count > 1 ? residualVariance : .nan
    )
    guard isDefined, !difference.isNaN else { return result }
    guard variance > 0 else {
        result.tStatistic = difference == 0 ? 0 : (difference > 0 ? .infinity : -.infinity)
        result.pValue = difference == 0 ? 1 : 0
        (result.lower, result.upper) = (difference, difference)
        return result
    }
    let error = variance.squareRoot()
    let margin = error * studentTwoSidedQuantile(1 - confidence, degreesOfFreedom: degreesOfFreedom)
    result.tStatistic = difference / error
    result.pValue = studentTwoSidedTail(result.tStatistic, degreesOfFreedom: degreesOfFreedom)
    (result.lower, result.upper) = (difference - margin, difference + margin)
    return result
}

/// How far every group moves an arm's mean, by seed and on average over the seeds.
private struct GroupInfluence {
    let seedCount: Int
    /// The variance of the seeds' means over their number; NaN for one seed.
    let seedVariance: Double
    /// By group, averaged over the seeds.
    let means: [Double]
    /// The variance over groups of what a seed does to a group beyond ``means``, of the mean over seeds.
    let residualVariance: Double

    init(_ values: [[Double]], grouped: CaseGroups) {
        let (seeds, groups) = (Double(values.count), Double(grouped.count))
        let caseCount = values[0].count
        let seedMeans = values.map { $0.reduce(0, +) / Double(caseCount) }
        let influences = zip(values, seedMeans).map { run, mean in
            grouped.sums(run.map { $0 - mean }).map { $0 / Double(caseCount) }
        }
        let means = (0..<grouped.count).map { group in influences.reduce(0) { $0 + $1[group] } / seeds }
        var squares = 0.0
        for influence in influences {
            for (value, mean) in zip(influence, means) { squares += (value - mean) * (value - mean) }
        }
        seedCount = values.count
        self.means = means
        seedVariance = sampleCovariance(seedMeans, seedMeans) / seeds
        residualVariance = squares / (seeds * (seeds - 1)) * groups / (groups - 1)
    }
}
