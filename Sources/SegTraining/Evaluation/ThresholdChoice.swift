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
        var tally = Tally(candidates: candidates)
        try tally.add(validation)
        self = try tally.choice
    }

    /// What is kept of predictions that are looked at a few at a time: the Dice at each candidate, and what they say of malignancy.
    package struct Tally {
        fileprivate let candidates: [Float]
        fileprivate var dices: [[Double]] = []
        fileprivate var scores: [Double] = []
        fileprivate var labels: [Bool] = []

        package init(candidates: [Float] = ThresholdChoice.candidates) { self.candidates = candidates }

        package mutating func add(_ validation: [CasePrediction]) throws {
            let cases = validation.filter { !$0.probability.isEmpty && !$0.lesion.isEmpty }
            let candidates = candidates
            dices += try Evaluator.concurrentMap(cases) { prediction in
                try Evaluator.counts(prediction, thresholds: candidates).map { $0.dice(ValidationScore.policy).value }
            }
            let labeled = validation.malignancyLabels
            scores += labeled.scores
            labels += labeled.labels
        }

        /// The best thresholds on all that was added.
        package var choice: ThresholdChoice {
            get throws { try ThresholdChoice(self) }
        }
    }

    private init(_ tally: Tally) throws {
        var best: (score: Double, distance: Float, threshold: Float)?
        for (index, threshold) in tally.candidates.enumerated() where !tally.dices.isEmpty {
            let score = tally.dices.reduce(0) { $0 + $1[index] }
            let distance = abs(threshold - 0.5)
            if best.map({ score > $0.score || (score == $0.score && distance < $0.distance) }) ?? true {
                best = (score, distance, threshold)
            }
        }
        segmentation = best?.threshold ?? 0.5
        malignancy = try ROCCurve(scores: tally.scores, labels: tally.labels).youdenPoint()?.threshold
    }
}
