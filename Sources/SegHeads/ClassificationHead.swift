public import SegCore
import SegLayers
import SegLosses
public import SegTensor

/// Predicts malignancy: a linear layer on pooled features, by default the averaged bottleneck, trained with cross-entropy.
///
/// Images of unknown pathology take no part in the loss. Normal images count as not malignant.
public final class ClassificationHead: TaskHead {
    public struct Settings: PluginSettings {
        /// Whether images without a lesion take part, as not malignant.
        public var includesNormals = true
        /// `bottleneck`, `level` (of the decoder) or `stage` (of the encoder): the features that are read.
        public var features = FeatureSource.bottleneck
        /// Of the level or stage, 0 for the finest.
        public var featureIndex = 0
        /// `average`, `attention` or `lesion`: how pixels become one vector. `lesion` needs a head that predicts the mask
        /// before this one.
        public var pooling = PoolingKind.average

        public init() {}
    }

    public static let name = "classification"
    public static let summary = "Malignancy: linear layer on the averaged bottleneck features, cross-entropy"

    private let settings: Settings
    private let pooling: FeaturePooling
    private let linear: Linear

    public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        self.settings = settings
        pooling = try FeaturePooling(
            settings.pooling,
            of: settings.features,
            index: settings.featureIndex,
            backbone: backbone,
            initializer: &initializer
        )
        linear = Linear(inputs: pooling.channels, outputs: 1, initializer: &initializer)
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let logits = linear(pooling(features, outputs))
        outputs[.malignancy] = logits.reshaped(to: [logits.shape[0]])
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[.malignancy] else { return nil }
        let weights = settings.includesNormals ? batch.pathologyKnown : batch.pathologyKnown * batch.hasLesion
        return binaryCrossEntropy(logits, batch.malignancy, weights: weights)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("pooling", pooling)
        visitor.part("linear", linear)
    }
}
