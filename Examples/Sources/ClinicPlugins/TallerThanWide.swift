import SegmentationKit

/// A lesion taller than wide is suspicious: malignancy should rise with the predicted mask's height over its width.
public final class TallerThanWide: ConsistencyTerm {
    public static let name = "taller-than-wide"
    public static let summary = "Malignancy rises with the lesion's height over its width"
    public init(_ settings: NoSettings) throws {}
    public func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        let height = mask.maximum(over: [1, 3]).sum(over: [1])
        let width = mask.maximum(over: [1, 2]).sum(over: [1])
        let suspicion = (4 * (height / (width + 1) - 1)).sigmoid()
        return ((malignancy - suspicion).squared() * batch.hasLesion).mean()
    }
}
