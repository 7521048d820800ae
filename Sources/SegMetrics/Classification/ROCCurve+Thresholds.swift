// Choose a threshold on the source's validation split and apply it to the target through
// `ConfusionCounts(scores:labels:threshold:)`: a threshold tuned on the target is leakage.
extension ROCCurve {
    /// The operating point of the greatest Youden index.
    ///
    /// - Formula: J = sensitivity + specificity − 1.
    /// - Edge cases: among equal J the highest threshold wins (the most specific point); the comparison is in integers,
    ///   so round-off decides nothing. Only finite thresholds are candidates, even for scores worse than chance. Nil
    ///   without a positive or without a negative case.
    /// - Source: W. J. Youden, Index for rating diagnostic tests, Cancer 3 (1950).
    public func youdenPoint() -> Point? {
        guard positiveCount > 0, negativeCount > 0 else { return nil }
        var best: (point: Point, index: Int)?
        for point in points where point.threshold != .infinity {
            let index = point.truePositives * negativeCount - point.falsePositives * positiveCount
            if best.map({ index > $0.index }) ?? true { best = (point, index) }
        }
        return best?.point
    }

    /// The most sensitive operating point whose specificity is at least `minimum`.
    ///
    /// - Edge cases: among equals the highest threshold wins. If not even the highest score can be called positive, the
    ///   threshold is +∞ and the sensitivity 0. Nil without a positive or without a negative case.
    public func mostSensitivePoint(specificityAtLeast minimum: Double) -> Point? {
        precondition((0...1).contains(minimum), "a specificity lies in 0...1")
        guard positiveCount > 0, negativeCount > 0 else { return nil }
        // Sensitivity grows along the curve: the last candidate has the greatest, its first holder the most specific.
        guard let last = points.last(where: { $0.specificity >= minimum }) else { return nil }
        return points.first { $0.truePositives == last.truePositives }
    }

    /// The most specific operating point whose sensitivity is at least `minimum`.
    ///
    /// - Edge cases: there always is one, at the latest the lowest score. Nil without a positive or without a negative
    ///   case.
    public func mostSpecificPoint(sensitivityAtLeast minimum: Double) -> Point? {
        precondition((0...1).contains(minimum), "a sensitivity lies in 0...1")
        guard positiveCount > 0, negativeCount > 0 else { return nil }
        guard let first = points.first(where: { $0.sensitivity >= minimum }) else { return nil }
        // Of the points as specific as this one, the last is the most sensitive.
        return points.last { $0.falsePositives == first.falsePositives }
    }
}
