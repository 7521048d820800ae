/// Precision against recall: one point for every distinct score used as threshold, from high to low.
public struct PrecisionRecallCurve: Hashable, Sendable {
    /// What one threshold (`score >= threshold` is positive) does.
    public struct Point: Hashable, Sendable {
        public var threshold: Double
        public var precision: Double
        /// NaN without positives.
        public var recall: Double
    }

    public var points: [Point]

    /// - Edge cases: equal scores share one point. The conventional end at recall 0, precision 1 belongs to no threshold
    ///   and is left to the plot.
    /// - Throws: ``MetricsError`` if there is not one label per score, or a score is not a number.
    public init(scores: [Double], labels: [Bool]) throws {
        let curve = try ROCCurve(scores: scores, labels: labels)
        points = curve.points.dropFirst().map { point in
            Point(
                threshold: point.threshold,
                precision: Double(point.truePositives) / Double(point.truePositives + point.falsePositives),
                recall: point.sensitivity
            )
        }
    }

    /// The area under the curve as average precision.
    ///
    /// - Formula: Σ (Rₙ − Rₙ₋₁)·Pₙ from the highest threshold to the lowest: steps, not trapezoids, which would be too
    ///   optimistic. scikit-learn's `average_precision_score`.
    /// - Edge cases: NaN without a positive case (scikit-learn says 0).
    public var averagePrecision: Double {
        var area = 0.0
        var previousRecall = 0.0
        for point in points {
            area += (point.recall - previousRecall) * point.precision
            previousRecall = point.recall
        }
        return points.isEmpty ? .nan : area
    }
}

/// The area under the precision–recall curve; see ``PrecisionRecallCurve/averagePrecision``.
///
/// - Throws: ``MetricsError`` if there is not one label per score, or a score is not a number.
public func averagePrecision(scores: [Double], labels: [Bool]) throws -> Double {
    try PrecisionRecallCurve(scores: scores, labels: labels).averagePrecision
}
