import SegCore
import SegData
public import SegMetrics

/// How good a model is on the validation part.
public struct ValidationScore: Hashable, Sendable, Codable {
    /// Mean Dice over images with a lesion; `nil` if there is none, or no predicted mask.
    public var dice: Double?
    /// AUROC of malignancy over images with a lesion; `nil` unless both kinds are there, and predicted.
    public var auroc: Double?

    public init(dice: Double? = nil, auroc: Double? = nil) {
        self.dice = dice
        self.auroc = auroc
    }

    /// How empty masks count in ``dice``: images without a lesion are left out, a miss earns 0.
    public static let policy = EmptyMaskPolicy.undefinedWhenReferenceEmpty

    /// Scores predictions, masks cut at `threshold`.
    public init(_ predictions: [CasePrediction], threshold: Float = 0.5) throws {
        var tally = Tally(threshold: threshold)
        try tally.add(predictions)
        self = try tally.score
    }

    /// What is kept of predictions that are scored a few at a time: two numbers of each.
    struct Tally {
        let threshold: Float
        private var dices: [Double] = []
        private var scores: [Double] = []
        private var labels: [Bool] = []

        init(threshold: Float = 0.5) { self.threshold = threshold }

        mutating func add(_ predictions: [CasePrediction]) throws {
            let withMask = predictions.filter { !$0.probability.isEmpty && !$0.lesion.isEmpty }
            dices += try Evaluator(policy: ValidationScore.policy).scores(withMask, threshold: threshold).map(
                \.dice.value
            )
            let labeled = predictions.malignancyLabels
            scores += labeled.scores
            labels += labeled.labels
        }

        /// The score of all that was added.
        var score: ValidationScore {
            get throws {
                let area = try areaUnderROC(scores: scores, labels: labels)
                return ValidationScore(
                    dice: dices.isEmpty ? nil : dices.reduce(0, +) / Double(dices.count),
                    auroc: area.isNaN ? nil : area
                )
            }
        }
    }

    /// What ``SelectionMetric`` compares; `nil` if it cannot be computed.
    func value(_ metric: SelectionMetric) -> Double? {
        switch metric {
        case .dice: dice
        case .auroc: auroc
        case .mean: dice.flatMap { dice in auroc.map { (dice + $0) / 2 } }
        case .last: nil
        }
    }
}

extension Sequence<CasePrediction> {
    /// Predicted malignancy and truth of the images with a lesion of known pathology.
    var malignancyLabels: (scores: [Double], labels: [Bool]) {
        var scores: [Double] = []
        var labels: [Bool] = []
        for prediction in self {
            guard let score = prediction.malignancy, let pathology = prediction.record.pathology, pathology.hasLesion
            else { continue }
            scores.append(Double(score))
            labels.append(pathology == .malignant)
        }
        return (scores, labels)
    }
}
