/// True and false positives and negatives of a prediction against its reference: pixels of a mask, or cases of a set.
public struct ConfusionCounts: Hashable, Sendable {
    public var truePositives: Int
    public var falsePositives: Int
    public var falseNegatives: Int
    public var trueNegatives: Int

    public init(truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.falseNegatives = falseNegatives
        self.trueNegatives = trueNegatives
    }

    /// Counts the pixels of two masks of the same image; every value but 0 is lesion.
    ///
    /// - Throws: ``MetricsError`` if the masks differ in size.
    public init(prediction: [UInt8], reference: [UInt8]) throws {
        try requireEqualCounts(("predicted pixels", prediction.count), ("reference pixels", reference.count))
        self.init(pixelsOf: prediction, reference)
    }

    /// Counts the pixels of a probability map, cut at `threshold` (`probability >= threshold` is lesion).
    ///
    /// - Throws: ``MetricsError`` if the sizes differ or a probability is not a number.
    public init(probabilities: [Float], threshold: Float, reference: [UInt8]) throws {
        try requireEqualCounts(("predicted pixels", probabilities.count), ("reference pixels", reference.count))
        var predicted = 0
        var actual = 0
        var both = 0
        var undefined = 0
        for index in probabilities.indices {
            let isPredicted = probabilities[index] >= threshold ? 1 : 0
            let isActual = reference[index] == 0 ? 0 : 1
            predicted += isPredicted
            actual += isActual
            both += isPredicted & isActual
            undefined += probabilities[index].isNaN ? 1 : 0
        }
        guard undefined == 0 else {
            throw MetricsError(
                "\(undefined) of \(probabilities.count) pixel probabilities are not numbers",
                cure: "look for the step at which the model diverged"
            )
        }
        self.init(both: both, predicted: predicted, actual: actual, total: probabilities.count)
    }

    /// Counts the cases of a set whose scores are cut at `threshold` (`score >= threshold` is positive).
    ///
    /// - Throws: ``MetricsError`` if there is not one label per score, or a score is not a number.
    public init(scores: [Double], labels: [Bool], threshold: Double) throws {
        try requireEqualCounts(("scores", scores.count), ("labels", labels.count))
        try requireNumbers(scores, named: "score")
        var predicted = 0
        var actual = 0
        var both = 0
        for (score, label) in zip(scores, labels) {
            let isPredicted = score >= threshold
            predicted += isPredicted ? 1 : 0
            actual += label ? 1 : 0
            both += isPredicted && label ? 1 : 0
        }
        self.init(both: both, predicted: predicted, actual: actual, total: scores.count)
    }

    init(both: Int, predicted: Int, actual: Int, total: Int) {
        self.init(
            truePositives: both,
            falsePositives: predicted - both,
            falseNegatives: actual - both,
            trueNegatives: total - predicted - actual + both
        )
    }

    /// Pixels (or cases) that are lesion in the prediction.
    public var predictedPositives: Int { truePositives + falsePositives }
    /// Pixels (or cases) that are lesion in the reference.
    public var actualPositives: Int { truePositives + falseNegatives }
    /// All pixels (or cases).
    public var total: Int { truePositives + falsePositives + falseNegatives + trueNegatives }

    /// How the masks are empty, or nil if both contain lesion.
    public var emptyCase: EmptyMaskCase? {
        EmptyMaskCase(isPredictionEmpty: predictedPositives == 0, isReferenceEmpty: actualPositives == 0)
    }

    /// The counts with lesion and background exchanged.
    public var complement: ConfusionCounts {
        ConfusionCounts(
            truePositives: trueNegatives,
            falsePositives: falseNegatives,
            falseNegatives: falsePositives,
            trueNegatives: truePositives
        )
    }

    /// Pools counts, for scores over all pixels of a set rather than the mean over its cases.
    public static func + (left: ConfusionCounts, right: ConfusionCounts) -> ConfusionCounts {
        ConfusionCounts(
            truePositives: left.truePositives + right.truePositives,
            falsePositives: left.falsePositives + right.falsePositives,
            falseNegatives: left.falseNegatives + right.falseNegatives,
            trueNegatives: left.trueNegatives + right.trueNegatives
        )
    }
}
