public import SegCore
public import SegMetrics

/// The policies for empty masks that a study can name.
public enum EmptyMaskRule: String, NamedChoice {
    /// Images without a lesion have no Dice; a missed lesion scores 0.
    case undefinedWhenReferenceEmpty
    /// Agreement on an empty image has no Dice; a false alarm and a miss score 0.
    case undefinedWhenBothEmpty
    /// Agreement on an empty image scores 1; a false alarm and a miss score 0.
    case bothEmptyScoresOne

    /// What a user reads who has not named one: none of them is right for every study, and the choice changes the mean Dice
    /// of a data set with normal images by more than any method does.
    public static let advice =
        "`\(undefinedWhenReferenceEmpty.rawValue)` is recommended: images without a lesion have no Dice, a missed lesion "
        + "scores 0; the others are `\(undefinedWhenBothEmpty.rawValue)`, where false alarms on them score 0 too, and "
        + "`\(bothEmptyScoresOne.rawValue)`, where agreement on them scores 1"

    /// The policy.
    public var policy: EmptyMaskPolicy {
        switch self {
        case .undefinedWhenReferenceEmpty: .undefinedWhenReferenceEmpty
        case .undefinedWhenBothEmpty: .undefinedWhenBothEmpty
        case .bothEmptyScoresOne: .bothEmptyScores(1)
        }
    }

    /// The same for distances between boundaries: what earns a Dice of 0 is as far as the image is large, what earns 1 is
    /// no distance.
    public var surfacePolicy: EmptySurfacePolicy {
        switch self {
        case .undefinedWhenReferenceEmpty:
            EmptySurfacePolicy(bothEmpty: .undefined, referenceEmpty: .undefined, predictionEmpty: .imageDiagonal)
        case .undefinedWhenBothEmpty:
            EmptySurfacePolicy(bothEmpty: .undefined, referenceEmpty: .imageDiagonal, predictionEmpty: .imageDiagonal)
        case .bothEmptyScoresOne: .imageDiagonal
        }
    }
}
