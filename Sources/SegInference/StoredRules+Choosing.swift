public import SegConfiguration
import SegData
import SegMetrics
public import SegTraining

extension MaskPostprocessing {
    /// The rules that a model file or a study states.
    public init(_ rules: MaskRules) {
        self.init(fillsHoles: rules.fillHoles, leastArea: rules.leastArea, keepsLargest: rules.largest)
    }

    /// The rules of model files whose models are used together: those that most of them hold, the first of equal ones. A file
    /// without any counts as one whose masks stay as they are.
    public static func stored(in models: [TrainedModel.Description]) -> MaskPostprocessing {
        let all = models.map { $0.rules?.rules ?? .none }
        let counts = all.map { rules in all.count { $0 == rules } }
        guard let most = counts.max(), let first = counts.firstIndex(of: most) else { return .none }
        return MaskPostprocessing(all[first])
    }
}

extension StoredRules {
    /// What ``init(validation:threshold:)`` compares, from the simplest.
    static let compared: [MaskRules] = [
        .none, MaskRules(fillHoles: true), MaskRules(leastArea: 50), MaskRules(leastArea: 200),
        MaskRules(largest: true),
        MaskRules(fillHoles: true, leastArea: 50), MaskRules(fillHoles: true, leastArea: 200),
        MaskRules(fillHoles: true, largest: true),
    ]

    /// What rules must gain in mean Dice over simpler ones to be preferred.
    static let gainThatCounts = 0.002

    /// The rules that do best on a validation part; nothing of an external set may be given here.
    ///
    /// Each of a short list is compared, from the simplest on, by the mean Dice of images with a lesion, masks cut at the
    /// threshold. One that gains less than 0.002 over what was preferred so far is not taken.
    ///
    /// - Edge cases: without a predicted mask or an image with a lesion, masks stay as they are.
    public init(validation: [CasePrediction], threshold: Float) throws {
        var tally = Tally(threshold: threshold)
        try tally.add(validation)
        self = tally.choice
    }

    /// What is kept of predictions that are looked at a few at a time: the Dice by each of the rules.
    package struct Tally {
        private let threshold: Float
        private var dices = StoredRules.compared.map { _ in [Double]() }

        package init(threshold: Float) { self.threshold = threshold }

        package mutating func add(_ validation: [CasePrediction]) throws {
            let cases = validation.filter { !$0.probability.isEmpty && !$0.lesion.isEmpty }
            for (place, rules) in StoredRules.compared.enumerated() {
                let postprocessing = MaskPostprocessing(rules)
                let changed = cases.map { prediction in
                    var prediction = prediction
                    prediction.probability = postprocessing.applied(
                        to: prediction.probability,
                        threshold: threshold,
                        in: prediction.letterbox
                    )
                    return prediction
                }
                dices[place] += try Evaluator(policy: ValidationScore.policy).scores(changed, threshold: threshold)
                    .map(\.dice.value)
            }
        }

        /// The rules that do best on all that was added.
        package var choice: StoredRules { StoredRules(dices) }
    }

    /// - Parameter dices: of each of ``compared``, those of the images with a lesion.
    private init(_ dices: [[Double]]) {
        var candidates: [Candidate] = []
        for (rules, own) in zip(Self.compared, dices) where !own.isEmpty {
            candidates.append(Candidate(rules: rules, dice: own.reduce(0, +) / Double(own.count)))
        }
        var best = candidates.first
        for candidate in candidates where candidate.dice - (best?.dice ?? 0) >= Self.gainThatCounts { best = candidate }
        self.init(
            rules: best?.rules ?? .none,
            candidates: candidates,
            leastGain: Self.gainThatCounts,
            images: dices.first?.count ?? 0
        )
    }
}
