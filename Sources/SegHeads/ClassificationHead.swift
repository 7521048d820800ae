public import SegCore
import SegLayers
import SegLosses
public import SegTensor

/// Predicts malignancy: a linear layer on the globally averaged bottleneck features, trained with cross-entropy.
///
/// Images of unknown pathology take no part in the loss. Normal images count as not malignant.
public final class ClassificationHead: TaskHead {
    public struct Settings: PluginSettings {
        /// Whether images without a lesion take part, as not malignant.
        public var includesNormals = true

        public init() {}
    }

    public static let name = "classification"
    public static let summary = "Malignancy: linear layer on the averaged bottleneck features, cross-entropy"

    private let settings: Settings
    private let linear: Linear

    public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        self.settings = settings
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let logits = linear(features.bottleneck.globalAveragePooled())
        outputs[.malignancy] = logits.reshaped(to: [logits.shape[0]])
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[.malignancy] else { return nil }
        let weights = settings.includesNormals ? batch.pathologyKnown : batch.pathologyKnown * batch.hasLesion
        return binaryCrossEntropy(logits, batch.malignancy, weights: weights)
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}
