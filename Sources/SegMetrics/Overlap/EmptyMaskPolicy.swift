/// What a mask metric answers where the masks leave it nothing to compare.
///
/// Libraries differ silently here, and on a set with many normal images the choice moves the mean by far more than
/// any method does. So the policy is a required argument of every metric that needs it, and ``ScoreSummary`` reports
/// how many cases fell under it.
///
/// | preset | both empty | reference empty | prediction empty | as in |
/// |---|---|---|---|---|
/// | ``bothEmptyScores(_:)`` with 1 | 1 | 0 | 0 | medpy's Dice; MONAI with `ignore_empty=False` |
/// | ``undefinedWhenBothEmpty`` | NaN | 0 | 0 | surface-distance |
/// | ``undefinedWhenReferenceEmpty`` | NaN | NaN | 0 | MONAI's default |
public struct EmptyMaskPolicy: Hashable, Sendable {
    /// The answer for one kind of empty case.
    public enum Outcome: Hashable, Sendable {
        /// The case counts with this score.
        case score(Double)
        /// The case has no score: NaN, left out of means and reported as undefined.
        case undefined

        var value: Double {
            switch self {
            case .score(let score): score
            case .undefined: .nan
            }
        }
    }

    /// Nothing to find and nothing found.
    public var bothEmpty: Outcome
    /// Nothing to find, yet something predicted: a false alarm.
    public var referenceEmpty: Outcome
    /// Something to find, nothing predicted: a miss.
    public var predictionEmpty: Outcome

    public init(bothEmpty: Outcome, referenceEmpty: Outcome, predictionEmpty: Outcome) {
        self.bothEmpty = bothEmpty
        self.referenceEmpty = referenceEmpty
        self.predictionEmpty = predictionEmpty
    }

    /// Agreement on an empty image earns `score`, usually 1; a false alarm and a miss earn 0.
    public static func bothEmptyScores(_ score: Double) -> EmptyMaskPolicy {
        EmptyMaskPolicy(bothEmpty: .score(score), referenceEmpty: .score(0), predictionEmpty: .score(0))
    }

    /// Agreement on an empty image is left out; a false alarm and a miss earn 0.
    public static let undefinedWhenBothEmpty = EmptyMaskPolicy(
        bothEmpty: .undefined,
        referenceEmpty: .score(0),
        predictionEmpty: .score(0)
    )

    /// Images without a lesion are left out, regardless of the prediction; a miss earns 0.
    public static let undefinedWhenReferenceEmpty = EmptyMaskPolicy(
        bothEmpty: .undefined,
        referenceEmpty: .undefined,
        predictionEmpty: .score(0)
    )

    /// The answer for masks that are empty in this way.
    package func value(of emptyCase: EmptyMaskCase) -> MetricValue {
        MetricValue(value: outcome(for: emptyCase).value, emptyCase: emptyCase)
    }

    func outcome(for emptyCase: EmptyMaskCase) -> Outcome {
        switch emptyCase {
        case .bothEmpty: bothEmpty
        case .referenceEmpty: referenceEmpty
        case .predictionEmpty: predictionEmpty
        }
    }
}

/// How a pair of masks is empty.
public enum EmptyMaskCase: Hashable, Sendable, CaseIterable {
    /// Nothing to find and nothing found.
    case bothEmpty
    /// Nothing to find, yet something predicted.
    case referenceEmpty
    /// Something to find, nothing predicted.
    case predictionEmpty

    /// Nil if neither is empty.
    init?(isPredictionEmpty: Bool, isReferenceEmpty: Bool) {
        switch (isPredictionEmpty, isReferenceEmpty) {
        case (true, true): self = .bothEmpty
        case (false, true): self = .referenceEmpty
        case (true, false): self = .predictionEmpty
        case (false, false): return nil
        }
    }
}

extension EmptyMaskPolicy: CustomStringConvertible {
    /// The policy in words, for a report: `both empty 1.0, reference empty 0.0, prediction empty 0.0`.
    public var description: String {
        let parts = [("both", bothEmpty), ("reference", referenceEmpty), ("prediction", predictionEmpty)]
        return parts.map { name, outcome in
            switch outcome {
            case .score(let score): "\(name) empty \(score)"
            case .undefined: "\(name) empty undefined"
            }
        }.joined(separator: ", ")
    }
}

/// The score of one case, and whether it came from the empty-mask policy rather than from the masks.
public struct MetricValue: Hashable, Sendable {
    /// The score; NaN where the policy leaves it undefined.
    public var value: Double
    /// How the masks were empty, or nil if both held something to compare.
    public var emptyCase: EmptyMaskCase?

    public init(value: Double, emptyCase: EmptyMaskCase? = nil) {
        self.value = value
        self.emptyCase = emptyCase
    }
}
