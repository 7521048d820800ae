/// The receiver operating characteristic: one point for every distinct score used as threshold.
///
/// A case is positive if `score >= threshold`. The first point has the threshold +∞ (no case positive), the last the
/// lowest score (every case positive).
public struct ROCCurve: Hashable, Sendable {
    /// What one threshold does.
    public struct Point: Hashable, Sendable {
        public var threshold: Double
        public var truePositives: Int
        public var falsePositives: Int
        /// True positive rate; NaN without positives.
        public var sensitivity: Double
        /// True negative rate; NaN without negatives.
        public var specificity: Double

        /// 1 − specificity, the curve's abscissa.
        public var falsePositiveRate: Double
    }

    /// The points, from the highest threshold to the lowest.
    public var points: [Point]
    /// Cases whose label is true.
    public var positiveCount: Int
    /// Cases whose label is false.
    public var negativeCount: Int

    /// Walks the scores from high to low.
    ///
    /// - Edge cases: equal scores share one point. Nothing is dropped from the curve: collinear points stay, as with
    ///   scikit-learn's `drop_intermediate=False`.
    /// - Throws: ``MetricsError`` if there is not one label per score, or a score is not a number.
    public init(scores: [Double], labels: [Bool]) throws {
        try requireEqualCounts(("scores", scores.count), ("labels", labels.count))
        try requireNumbers(scores, named: "score")
        let positives = labels.count { $0 }
        let negatives = labels.count - positives
        positiveCount = positives
        negativeCount = negatives

        func point(_ threshold: Double, _ truePositives: Int, _ falsePositives: Int) -> Point {
            Point(
                threshold: threshold,
                truePositives: truePositives,
                falsePositives: falsePositives,
                sensitivity: Double(truePositives) / Double(positives),
                specificity: Double(negatives - falsePositives) / Double(negatives),
                falsePositiveRate: Double(falsePositives) / Double(negatives)
            )
        }

        points = [point(.infinity, 0, 0)]
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var truePositives = 0
        var falsePositives = 0
        for (position, index) in order.enumerated() {
            if labels[index] { truePositives += 1 } else { falsePositives += 1 }
            let isLastOfItsScore = position + 1 == order.count || scores[order[position + 1]] != scores[index]
            if isLastOfItsScore { points.append(point(scores[index], truePositives, falsePositives)) }
        }
    }

    /// The area under the curve, by trapezoids.
    ///
    /// - Formula: the probability that a positive case scores above a negative one, a tie counting one half.
    /// - Edge cases: NaN without a positive or without a negative case.
    /// - Complexity: O(points). Counts are integers, so the area is exact up to its last division.
    public var area: Double {
        var doubledPairs = 0
        for (previous, next) in zip(points, points.dropFirst()) {
            doubledPairs +=
                (next.falsePositives - previous.falsePositives) * (next.truePositives + previous.truePositives)
        }
        return Double(doubledPairs) / (2 * Double(positiveCount) * Double(negativeCount))
    }
}

/// The area under the ROC curve of `scores`, ties counting one half (the Mann–Whitney statistic over its pairs).
///
/// - Edge cases: NaN without a positive or without a negative case; 0.5 if all scores are equal.
/// - Throws: ``MetricsError`` if there is not one label per score, or a score is not a number.
/// - Source: J. A. Hanley, B. J. McNeil, The meaning and use of the area under a ROC curve, Radiology 143 (1982).
public func areaUnderROC(scores: [Double], labels: [Bool]) throws -> Double {
    try ROCCurve(scores: scores, labels: labels).area
}
