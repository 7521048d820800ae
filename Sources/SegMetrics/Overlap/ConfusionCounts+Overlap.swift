extension ConfusionCounts {
    /// The Dice similarity coefficient.
    ///
    /// - Formula: 2·TP / (2·TP + FP + FN), in [0, 1].
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: L. R. Dice, Measures of the amount of ecologic association between species, Ecology 26 (1945).
    public func dice(_ policy: EmptyMaskPolicy) -> MetricValue {
        score(2 * truePositives, over: 2 * truePositives + falsePositives + falseNegatives, policy)
    }

    /// Intersection over union, the Jaccard index.
    ///
    /// - Formula: TP / (TP + FP + FN) = Dice / (2 − Dice), in [0, 1].
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: P. Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11 (1912).
    public func intersectionOverUnion(_ policy: EmptyMaskPolicy) -> MetricValue {
        score(truePositives, over: truePositives + falsePositives + falseNegatives, policy)
    }

    /// Sensitivity (recall, true positive rate): the part of the reference that was found.
    ///
    /// - Formula: TP / (TP + FN).
    /// - Edge cases: if either mask is empty, `policy` answers.
    public func sensitivity(_ policy: EmptyMaskPolicy) -> MetricValue {
        score(truePositives, over: truePositives + falseNegatives, policy)
    }

    /// Precision (positive predictive value): the part of the prediction that is right.
    ///
    /// - Formula: TP / (TP + FP).
    /// - Edge cases: if either mask is empty, `policy` answers.
    public func precision(_ policy: EmptyMaskPolicy) -> MetricValue {
        score(truePositives, over: truePositives + falsePositives, policy)
    }

    /// Specificity (true negative rate): the part of the background that was left alone.
    ///
    /// - Formula: TN / (TN + FP), the sensitivity of the complement.
    /// - Edge cases: empty masks need no policy here. It is a *full* mask that leaves no background to compare, and
    ///   `policy` then answers for the backgrounds as it would for lesions: `referenceEmpty` is a reference without
    ///   background, and so on; the value's `emptyCase` speaks of the backgrounds too.
    public func specificity(_ policy: EmptyMaskPolicy) -> MetricValue {
        complement.sensitivity(policy)
    }

    /// Volume similarity: do the masks hold as many pixels, wherever these lie?
    ///
    /// - Formula: 1 − |FN − FP| / (2·TP + FP + FN), in [0, 1]. Masks of equal size score 1 even if they do not overlap.
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: A. A. Taha, A. Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 15
    ///   (2015), equation 10.
    public func volumeSimilarity(_ policy: EmptyMaskPolicy) -> MetricValue {
        let pixels = 2 * truePositives + falsePositives + falseNegatives
        return score(pixels - abs(falseNegatives - falsePositives), over: pixels, policy)
    }

    /// The part of all pixels (or cases) that is right; NaN if there are none.
    ///
    /// - Formula: (TP + TN) / (TP + FP + FN + TN).
    public var accuracy: Double { Double(truePositives + trueNegatives) / Double(total) }

    private func score(_ numerator: Int, over denominator: Int, _ policy: EmptyMaskPolicy) -> MetricValue {
        if let emptyCase {
            return MetricValue(value: policy.outcome(for: emptyCase).value, emptyCase: emptyCase)
        }
        // Both masks hold lesion, so no denominator above can be zero.
        return MetricValue(value: Double(numerator) / Double(denominator))
    }
}
