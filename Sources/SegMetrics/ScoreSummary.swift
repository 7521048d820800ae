/// The distribution of a metric over the cases of a set, with what the empty-mask policy did to it.
public struct ScoreSummary: Hashable, Sendable {
    /// Cases whose score is defined; the statistics below are over these.
    public var count: Int
    /// Cases left out because their score is undefined (NaN).
    public var undefinedCount: Int
    /// Cases answered by the policy because both masks are empty.
    public var bothEmptyCount: Int
    /// Cases answered by the policy because only the reference is empty.
    public var referenceEmptyCount: Int
    /// Cases answered by the policy because only the prediction is empty.
    public var predictionEmptyCount: Int
    public var mean: Double
    /// The sample standard deviation (divisor n − 1).
    public var standardDeviation: Double
    public var median: Double
    public var lowerQuartile: Double
    public var upperQuartile: Double
    public var minimum: Double
    public var maximum: Double
    /// Scores that are infinite, as distances to an empty mask may be; see ``EmptySurfacePolicy``.
    public var infiniteCount: Int

    /// Cases that fell under the empty-mask policy, scored or not.
    public var emptyCaseCount: Int { bothEmptyCount + referenceEmptyCount + predictionEmptyCount }

    /// Summarizes one score per case.
    ///
    /// - Edge cases: without a defined score every statistic is NaN; with a single one the standard deviation is.
    ///   Quartiles and median interpolate linearly between order statistics, as NumPy's `quantile` does by default.
    ///   Infinite scores are scores: one makes the mean infinite and the standard deviation NaN, while median and quartiles
    ///   stay what they say. Report those, with ``infiniteCount``, or choose a policy that gives no ∞.
    public init(of scores: [MetricValue]) {
        let defined = scores.map(\.value).filter { !$0.isNaN }.sorted()
        count = defined.count
        undefinedCount = scores.count - defined.count
        bothEmptyCount = scores.count { $0.emptyCase == .bothEmpty }
        referenceEmptyCount = scores.count { $0.emptyCase == .referenceEmpty }
        predictionEmptyCount = scores.count { $0.emptyCase == .predictionEmpty }
        let mean = defined.reduce(0, +) / Double(defined.count)
        self.mean = mean
        if defined.count > 1 {
            let squares = defined.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            standardDeviation = (squares / Double(defined.count - 1)).squareRoot()
        } else {
            standardDeviation = .nan
        }
        lowerQuartile = orderStatistic(0.25, of: defined)
        median = orderStatistic(0.5, of: defined)
        upperQuartile = orderStatistic(0.75, of: defined)
        minimum = defined.first ?? .nan
        maximum = defined.last ?? .nan
        infiniteCount = defined.count { $0.isInfinite }
    }

    /// Summarizes scores that know no empty-mask policy; NaN is counted as undefined.
    public init(of scores: [Double]) {
        self.init(of: scores.map { MetricValue(value: $0) })
    }
}

/// The quantile of ascending values of which some may be infinite: between two equal infinities lies that infinity.
private func orderStatistic(_ probability: Double, of sorted: [Double]) -> Double {
    let value = quantile(probability, ofSorted: sorted)
    guard value.isNaN, !sorted.isEmpty else { return value }
    return sorted[Int(probability * Double(sorted.count - 1))]
}
