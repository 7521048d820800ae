public import SegCore
import SegLayers
import SegLosses
public import SegTensor

/// Predicts malignancy: a linear layer on pooled features, by default the averaged bottleneck, trained with cross-entropy.
///
/// Images of unknown pathology take no part in the loss. Normal images count as not malignant.
public final class ClassificationHead: TaskHead {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Whether images without a lesion take part, as not malignant.
        public var includesNormals = true
        /// `bottleneck`, `level` (of the decoder) or `stage` (of the encoder): the features that are read.
        public var features = FeatureSource.bottleneck
        /// Of the level or stage, 0 for the finest.
        public var featureIndex = 0
        /// `average`, `attention` or `lesion`: how pixels become one vector. `lesion` needs a head that predicts the mask.
        public var pooling = PoolingKind.average
        /// The share of this loss's gradient that reaches the backbone: 1 for all of it, 0 for a head that reads the
        /// features without shaping them.
        public var backboneGradient: Float = 1
        /// The same share of the gradients of consistency terms into the predicted malignancy.
        public var backboneGradientOfTerms: Float = 1

        public static let meanings: [String: SettingMeaning] = [
            "includesNormals": "Whether images without a lesion take part, as not malignant",
            "features": "The features that are read: the bottleneck, a level of the decoder or a stage of the encoder",
            "featureIndex": SettingMeaning("Which level or stage is read, 0 for the finest", range: "0 or more"),
            "pooling": "How the pixels become one vector; `lesion` needs a head that predicts the mask",
            "backboneGradient":
                "The share of this loss's gradient that reaches the backbone: 1 for all of it, 0 for a head that reads the features without shaping them",
            "backboneGradientOfTerms":
                "The same share of the gradients of consistency terms into the predicted malignancy",
        ]

        public init() {}

        public func validate() throws {
            if features == .bottleneck, featureIndex < 0 {
                throw SegmentationError(
                    "featureIndex",
                    "is \(featureIndex)",
                    cure: "leave it out: there is one bottleneck"
                )
            }
            try require("backboneGradient", backboneGradient, in: 0...1)
            try require("backboneGradientOfTerms", backboneGradientOfTerms, in: 0...1)
        }
    }

    public static let name = "classification"
    public static let summary = "Malignancy: linear layer on the averaged bottleneck features, cross-entropy"

    /// The prediction that the loss reads where its gradient differs from that of the terms; of the same value.
    private static let ownPrediction: Outputs.Key = "malignancy of classification"

    private let settings: Settings
    private let pooling: FeaturePooling
    private let linear: Linear

    public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        try settings.validate()
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

    public var reads: Set<Outputs.Key> { pooling.reads }

    public var provides: Set<Outputs.Key> { [.malignancy] }

    public var finestLevel: Int? { pooling.finestLevel }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let pooled = pooling(features, outputs)
        func logits(_ share: Float) -> Tensor {
            linear(pooled.withGradient(times: share)).reshaped(to: [pooled.shape[0]])
        }
        outputs[.malignancy] = logits(settings.backboneGradientOfTerms)
        if phase == .training, settings.backboneGradient != settings.backboneGradientOfTerms {
            outputs[Self.ownPrediction] = logits(settings.backboneGradient)
        }
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[Self.ownPrediction] ?? outputs[.malignancy] else { return nil }
        let weights = settings.includesNormals ? batch.pathologyKnown : batch.pathologyKnown * batch.hasLesion
        return binaryCrossEntropy(logits, batch.malignancy, weights: weights)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("pooling", pooling)
        visitor.part("linear", linear)
    }
}

extension Tensor {
    /// The same values, whose gradient is multiplied by a share on its way back.
    fileprivate func withGradient(times share: Float) -> Tensor {
        switch share {
        case 0: detached
        case 1: self
        default: detached.recorded(from: [self]) { [$0 * share] }
        }
    }
}
