public import SegCore
public import SegMetrics

/// The conventions of a study's metrics.
public struct MetricSettings: PluginSettings, Hashable {
    /// What Dice and IoU answer where a mask is empty.
    public var emptyMasks = EmptyMaskRule.undefinedWhenReferenceEmpty
    /// Resamples of bootstrap intervals.
    public var bootstrapResamples = 10_000

    public init() {}

    public func validate() throws {
        guard (100...1_000_000).contains(bootstrapResamples) else {
            throw SegmentationError("bootstrapResamples", "is \(bootstrapResamples)", cure: "use 100 to 1000000")
        }
    }
}

/// The policies for empty masks that a study can name.
public enum EmptyMaskRule: String, NamedChoice {
    /// Images without a lesion have no Dice; a missed lesion earns 0.
    case undefinedWhenReferenceEmpty
    /// Agreement on an empty image has no Dice; a false alarm and a miss earn 0.
    case undefinedWhenBothEmpty
    /// Agreement on an empty image earns 1; a false alarm and a miss earn 0.
    case bothEmptyScoresOne

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
