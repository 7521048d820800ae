import SegCore
import SegLayers
import SegTensor

/// A task that learns from the records: how suspicious the readers found a lesion, in BI-RADS categories.
///
/// Categories are placed on a line from 0 (negative) to 1 (highly suggestive of malignancy); what is predicted is the
/// place, and what is reported the category nearest to it.
public final class CategoryHead: TaskHead {
    public static let name = "birads-category"
    public static let summary = "The readers' BI-RADS category, as a place between negative and highly suggestive"

    private static let output: Outputs.Key = "birads-category"
    private static let scale: [BIRADSCategory] = [
        .negative, .benign, .probablyBenign, .lowSuspicion, .moderateSuspicion, .highSuspicion,
        .highlySuggestiveOfMalignancy,
    ]

    private let linear: Linear

    public init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let logits = linear(features.bottleneck.globalAveragePooled())
        outputs[Self.output] = logits.reshaped(to: [logits.shape[0]])
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[Self.output] else { return nil }
        let places = batch.records.map { Self.place(of: $0.clinical.category) }
        let count = places.count { $0 != nil }
        guard count > 0 else { return nil }
        let truth = Tensor(places.map { $0 ?? 0 }, shape: [batch.count])
        let isKnown = Tensor(places.map { $0 == nil ? 0 : 1 }, shape: [batch.count])
        return ((logits.sigmoid() - truth).squared() * isKnown).sum() / Float(count)
    }

    public func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        guard let places = outputs[Self.output]?.sigmoid().values() else { return [] }
        let steps = Float(Self.scale.count - 1)
        return [
            CaseReport(
                Self.name,
                title: "BI-RADS category",
                classes: places.map { Self.scale[Int(($0 * steps).rounded())].rawValue },
                truth: batch.records.map { $0.clinical.category?.rawValue }
            )
        ]
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }

    private static func place(of category: BIRADSCategory?) -> Float? {
        guard let category, let index = scale.firstIndex(of: category) else { return nil }
        return Float(index) / Float(scale.count - 1)
    }
}
