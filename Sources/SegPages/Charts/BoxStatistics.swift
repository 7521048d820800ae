/// The numbers of a box plot.
package struct BoxStatistics: Sendable, Hashable {
    package let lowerQuartile: Double
    package let median: Double
    package let upperQuartile: Double
    /// The least value within 1.5 interquartile ranges of the box.
    package let lowerWhisker: Double
    /// The greatest value within 1.5 interquartile ranges of the box.
    package let upperWhisker: Double
    package let mean: Double
    /// Values beyond the whiskers, ascending.
    package let outliers: [Double]

    /// A box of numbers that were found before, with nothing beyond the whiskers.
    package init(
        lowerWhisker: Double,
        lowerQuartile: Double,
        median: Double,
        upperQuartile: Double,
        upperWhisker: Double,
        mean: Double
    ) {
        self.lowerWhisker = lowerWhisker
        self.lowerQuartile = lowerQuartile
        self.median = median
        self.upperQuartile = upperQuartile
        self.upperWhisker = upperWhisker
        self.mean = mean
        outliers = []
    }

    /// Summarizes the finite values; `nil` if there are none.
    package init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let (lower, upper) = (quantile(sorted, 0.25), quantile(sorted, 0.75))
        let reach = 1.5 * (upper - lower)
        let inside = sorted.filter { $0 >= lower - reach && $0 <= upper + reach }
        lowerQuartile = lower
        median = quantile(sorted, 0.5)
        upperQuartile = upper
        // An interpolated quartile may lie beyond every value within reach: a whisker never starts inside the box.
        lowerWhisker = min(inside.first ?? first, lower)
        upperWhisker = max(inside.last ?? last, upper)
        mean = sorted.reduce(0, +) / Double(sorted.count)
        outliers = sorted.filter { $0 < lower - reach || $0 > upper + reach }
    }
}

/// A quantile of sorted values, interpolated linearly between order statistics (Hyndman and Fan's type 7).
package func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
    precondition(!sorted.isEmpty, "a quantile needs a value")
    let position = fraction * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
}
