import SegCore
import SegTensor

/// The predicted malignancy may not exceed the surest pixel of the predicted mask.
public final class NoLesionNoMalignancy: ConsistencyTerm {
    public static let name = "no-lesion-no-malignancy"
    public static let summary = "Predicted malignancy needs a lesion in the predicted mask"
    public init(_ settings: NoSettings) throws {}
    public func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        return (malignancy - mask.maximum(over: [1, 2, 3])).relu().squared().mean()
    }
}
