/// What is lost on the cases that a model keeps if it leaves the less certain ones to a human.
public struct RiskCoverageCurve: Hashable, Sendable {
    /// The k surest cases.
    public struct Point: Hashable, Sendable {
        /// k / n.
        public var coverage: Double
        /// The mean loss over them.
        public var risk: Double
    }

    /// From the surest case alone to all cases.
    public var points: [Point]
    /// The mean risk over all coverages k/n; NaN without cases. Less is better.
    public var area: Double

    /// - Formula: riskₖ = Σ over the k surest losses / k; area = Σ riskₖ / n. Of cases equally sure each counts as their mean, which
    ///   is the expectation over their orders.
    /// - Throws: ``MetricsError`` if there is not one loss per certainty.
    /// - Edge cases: no points for no cases, or if a value is not a number.
    /// - Source: Y. Geifman, R. El-Yaniv, Selective Classification for Deep Neural Networks, NeurIPS 2017; Y. Geifman, G. Uziel,
    ///   R. El-Yaniv, ICLR 2019 for the area.
    public init(certainties: [Double], losses: [Double]) throws {
        try requireEqualCounts(("certainties", certainties.count), ("losses", losses.count))
        (points, area) = ([], .nan)
        guard !losses.isEmpty, !(certainties + losses).contains(where: \.isNaN) else { return }
        let order = certainties.indices.sorted { certainties[$0] > certainties[$1] }
        var (sum, start) = (0.0, 0)
        while start < order.count {
            let equals = order[start...].prefix { certainties[$0] == certainties[order[start]] }
            let mean = equals.reduce(0) { $0 + losses[$1] } / Double(equals.count)
            for _ in equals {
                sum += mean
                start += 1
                points.append(Point(coverage: Double(start) / Double(order.count), risk: sum / Double(start)))
            }
        }
        area = points.reduce(0) { $0 + $1.risk } / Double(points.count)
    }
}
