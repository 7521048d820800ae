import SegData
import SegMetrics

/// Thresholds chosen on a validation split; nothing of an external set may be given here.
public struct ThresholdChoice: Hashable, Sendable, Codable {
    /// The probability from which a pixel is lesion.
    public var segmentation: Float
    /// The probability from which a lesion is malignant; `nil` if it could not be chosen.
    public var malignancy: Double?

    public init(segmentation: Float = 0.5, malignancy: Double? = nil) {
        self.segmentation = segmentation
        self.malignancy = malignancy
    }

    /// Thresholds that ``init(validation:candidates:)`` tries: 0.05, 0.10 … 0.95.
    public static let candidates: [Float] = (1...19).map { Float($0) / 20 }

    /// The best thresholds on the validation split.
    ///
    /// The segmentation threshold has the best mean Dice over images with a lesion; among equals the one nearest to
    /// one half. The malignancy threshold has the greatest Youden index over images with a lesion.
    ///
    /// - Edge cases: without a predicted mask or an image with a lesion, the segmentation threshold is one half.
    public init(validation: [CasePrediction], candidates: [Float] = ThresholdChoice.candidates) throws {
        let cases = validation.filter { !$0.probability.isEmpty && !$0.lesion.isEmpty }
        let dices = try Evaluator.concurrentMap(cases) { prediction in
            try Evaluator.counts(prediction, thresholds: candidates).map { $0.dice(ValidationScore.policy).value }
        }
        var best: (score: Double, distance: Float, threshold: Float)?
        for (index, threshold) in candidates.enumerated() where !cases.isEmpty {
            let score = dices.reduce(0) { $0 + $1[index] }
            let distance = abs(threshold - 0.5)
            if best.map({ score > $0.score || (score == $0.score && distance < $0.distance) }) ?? true {
                best = (score, distance, threshold)
            }
        }
        segmentation = best?.threshold ?? 0.5
        let labelled = validation.malignancyLabels
        malignancy = try ROCCurve(scores: labelled.scores, labels: labelled.labels).youdenPoint()?.threshold
    }
}
