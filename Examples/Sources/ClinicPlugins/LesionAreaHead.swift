import SegCore
import SegLayers
import SegTensor

/// A third task: the share of the image that the lesion covers.
public final class LesionAreaHead: TaskHead {
    public static let name = "lesion-area"
    public static let summary = "Share of the image that the lesion covers"
    private let linear: Linear

    public init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs["lesion-area"] = linear(features.bottleneck.globalAveragePooled())
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let area = outputs["lesion-area"] else { return nil }
        let truth = batch.masks.mean(over: [1, 2, 3]).reshaped(to: [batch.count, 1])
        return (area.sigmoid() - truth).squared().mean()
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}
