/// One metric of one arm by seed and case: what every training run reached on every case of a set.
public struct SeedReplicates: Hashable, Sendable {
    /// `values[seed][case]`; NaN where the metric is undefined.
    public let values: [[Double]]

    /// - Throws: ``MetricsError`` without a seed, or if the seeds differ in their number of cases.
    public init(_ valuesBySeed: [[Double]]) throws {
        guard let first = valuesBySeed.first else {
            throw MetricsError("there is no seed", cure: "give the per-case values of at least one training run")
        }
        for (seed, values) in valuesBySeed.enumerated() where values.count != first.count {
            throw MetricsError(
                "seed 0 has \(first.count) cases, seed \(seed) has \(values.count)",
                cure: "give every seed's value of the same cases, in the same order"
            )
        }
        values = valuesBySeed
    }

    public var seedCount: Int { values.count }

    public var caseCount: Int { values[0].count }

    /// Each case's mean over the seeds, which is what a paired test over cases compares.
    public var caseMeans: [Double] {
        (0..<caseCount).map { index in values.reduce(0) { $0 + $1[index] } / Double(seedCount) }
    }

    /// Each seed's mean over the cases.
    public var seedMeans: [Double] { values.map { $0.reduce(0, +) / Double(caseCount) } }

    /// The mean over all cases and seeds; NaN without cases or if a value is undefined.
    public var mean: Double { seedMeans.reduce(0, +) / Double(seedCount) }

    /// The cases for which the metric is defined in every run of both arms: the ones that a comparison can use.
    ///
    /// - Throws: ``MetricsError`` if the arms differ in their number of cases.
    public func definedCases(in other: SeedReplicates) throws -> [Int] {
        try requireEqualCounts(("cases of the first arm", caseCount), ("of the second", other.caseCount))
        return (0..<caseCount).filter { index in !(values + other.values).contains { $0[index].isNaN } }
    }

    /// The same runs on a part of the cases.
    public func restricted(to cases: [Int]) -> SeedReplicates {
        SeedReplicates(values: values.map { run in cases.map { run[$0] } })
    }

    private init(values: [[Double]]) { self.values = values }
}

/// Where the variance of per-case values comes from; see ``SeedReplicates/varianceComponents``.
public struct VarianceComponents: Hashable, Sendable {
    /// Of the runs: some seeds end better on all cases.
    public var betweenSeeds: Double
    /// Of the cases: some are harder for all seeds.
    public var betweenCases: Double
    /// What remains: a seed's luck on a case.
    public var residual: Double

    /// The sum of the three: the variance of one value of one run.
    public var total: Double { betweenSeeds + betweenCases + residual }
}

extension SeedReplicates {
    /// The variance of the values, split by the two-way random-effects model y = μ + seed + case + residual.
    ///
    /// - Formula: with the mean squares of the two-way table, residual = MS_residual, betweenSeeds = (MS_seeds −
    ///   MS_residual)/cases and betweenCases = (MS_cases − MS_residual)/seeds, cut off below zero.
    /// - Edge cases: NaN with fewer than two seeds or two cases, or if a value is undefined.
    /// - Source: S. R. Searle, G. Casella, C. E. McCulloch, Variance Components (1992), section 4.7.
    public var varianceComponents: VarianceComponents {
        let undefined = VarianceComponents(betweenSeeds: .nan, betweenCases: .nan, residual: .nan)
        guard caseCount > 1, seedCount > 1 else { return undefined }
        let (cases, seeds) = (Double(caseCount), Double(seedCount))
        let (caseMeans, seedMeans, mean) = (caseMeans, seedMeans, mean)
        var squares = 0.0
        for (run, seedMean) in zip(values, seedMeans) {
            for (value, caseMean) in zip(run, caseMeans) {
                let rest = value - seedMean - caseMean + mean
                squares += rest * rest
            }
        }
        let residual = squares / ((cases - 1) * (seeds - 1))
        guard !residual.isNaN else { return undefined }
        return VarianceComponents(
            betweenSeeds: max(0, sampleCovariance(seedMeans, seedMeans) - residual / cases),
            betweenCases: max(0, sampleCovariance(caseMeans, caseMeans) - residual / seeds),
            residual: residual
        )
    }
}
