/// What a distance between boundaries is where one mask, or both, have none.
///
/// There is no right answer and the libraries differ, so that the policy is a required argument. ∞ is honest but makes
/// the mean of a set infinite; leaving the case out hides a miss; the image's diagonal is a bound that no distance
/// exceeds and keeps the mean finite. ``ScoreSummary`` counts the cases under the policy, those left out and those that
/// are infinite.
///
/// | preset | both empty | one empty | as in |
/// |---|---|---|---|
/// | ``infiniteUndefinedWhenBothEmpty`` | NaN | ∞ | MONAI |
/// | ``infinite`` | ∞ | ∞ | surface-distance's robust Hausdorff distance |
/// | ``undefined`` | NaN | NaN | medpy, which throws |
/// | ``imageDiagonal`` | 0 | diagonal | |
public struct EmptySurfacePolicy: Hashable, Sendable {
    /// The answer for one kind of empty case.
    public enum Outcome: Hashable, Sendable {
        /// The case counts with this distance, in the unit of the spacing.
        case distance(Double)
        /// The case counts with the length of the image's diagonal, from outer corner to outer corner.
        case imageDiagonal
        /// The case counts as infinitely far.
        case infinite
        /// The case has no distance: NaN, left out of means and reported as undefined.
        case undefined
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

    private init(bothEmpty: Outcome, oneEmpty: Outcome) {
        self.init(bothEmpty: bothEmpty, referenceEmpty: oneEmpty, predictionEmpty: oneEmpty)
    }

    /// A false alarm and a miss are infinitely far; agreement on an empty image is left out.
    public static let infiniteUndefinedWhenBothEmpty = EmptySurfacePolicy(bothEmpty: .undefined, oneEmpty: .infinite)

    /// Whatever is empty is infinitely far.
    public static let infinite = EmptySurfacePolicy(bothEmpty: .infinite, oneEmpty: .infinite)

    /// Whatever is empty is left out, misses and false alarms too.
    public static let undefined = EmptySurfacePolicy(bothEmpty: .undefined, oneEmpty: .undefined)

    /// A false alarm and a miss are as far as the image is large; agreement on an empty image is no distance at all.
    public static let imageDiagonal = EmptySurfacePolicy(bothEmpty: .distance(0), oneEmpty: .imageDiagonal)

    func outcome(for emptyCase: EmptyMaskCase) -> Outcome {
        switch emptyCase {
        case .bothEmpty: bothEmpty
        case .referenceEmpty: referenceEmpty
        case .predictionEmpty: predictionEmpty
        }
    }
}

extension EmptySurfacePolicy: CustomStringConvertible {
    /// The policy in words, for a report: `both empty 0.0, reference empty image diagonal, prediction empty infinite`.
    public var description: String {
        let parts = [("both", bothEmpty), ("reference", referenceEmpty), ("prediction", predictionEmpty)]
        return parts.map { name, outcome in
            switch outcome {
            case .distance(let distance): "\(name) empty \(distance)"
            case .imageDiagonal: "\(name) empty image diagonal"
            case .infinite: "\(name) empty infinite"
            case .undefined: "\(name) empty undefined"
            }
        }.joined(separator: ", ")
    }
}
