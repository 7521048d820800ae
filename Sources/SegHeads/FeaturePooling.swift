public import SegCore
import SegLayers
public import SegTensor

/// Which features a head reads.
public enum FeatureSource: String, NamedChoice {
    /// The deepest ones.
    case bottleneck
    /// A level of the decoder.
    case level
    /// A stage of the encoder.
    case stage
}

/// How the pixels of a map become one vector.
public enum PoolingKind: String, NamedChoice {
    /// Their mean.
    case average
    /// A mean with weights that are learned from the features themselves.
    case attention
    /// A mean over the lesion as the model predicts it; its gradient does not reach the mask.
    case lesion
}

/// One vector for each image, from features of any resolution.
///
/// - Shape: `[batch, channels]`.
public final class FeaturePooling: Module {
    /// Values of each image.
    public let channels: Int
    private let source: FeatureSource
    private let index: Int
    private let kind: PoolingKind
    private let attention: Convolution2D?

    /// - Throws: ``SegmentationError`` if the backbone does not have the level or stage.
    ///
    /// - Parameter index: of the level or stage, finest first.
    public init(
        _ kind: PoolingKind,
        of source: FeatureSource,
        index: Int,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        let all: [Int] =
            switch source {
            case .bottleneck: [backbone.bottleneckChannels]
            case .level: backbone.levelChannels
            case .stage: backbone.stageChannels
            }
        let place = source == .bottleneck ? 0 : index
        guard all.indices.contains(place) else {
            throw SegmentationError(
                "featureIndex",
                "is \(index), and the backbone has \(all.count) \(source.rawValue)s",
                cure: all.isEmpty ? "use the bottleneck" : "use an index from 0 to \(all.count - 1)"
            )
        }
        self.kind = kind
        self.source = source
        self.index = place
        channels = all[place]
        attention =
            kind == .attention
            ? Convolution2D(inputChannels: channels, outputChannels: 1, kernelSize: 1, initializer: &initializer) : nil
    }

    /// What it reads of other heads' predictions.
    public var reads: Set<Outputs.Key> { kind == .lesion ? [.lesion] : [] }

    /// The level of the decoder that it reads; `nil` if it reads none.
    public var finestLevel: Int? { source == .level ? index : nil }

    /// - Parameter outputs: what the heads before this one have predicted.
    public func callAsFunction(_ features: FeaturePyramid, _ outputs: Outputs) -> Tensor {
        let x: Tensor =
            switch source {
            case .bottleneck: features.bottleneck
            case .level: features.levels[index]
            case .stage: features.stages[index]
            }
        switch kind {
        case .average: return x.globalAveragePooled()
        case .attention: return attended(x)
        case .lesion: return x.scaledPixels(by: lesionWeights(x.shape, outputs)).globalAveragePooled()
        }
    }

    /// Weights that are a softmax over the pixels of each image.
    private func attended(_ x: Tensor) -> Tensor {
        guard let attention else { return x.globalAveragePooled() }
        let (batch, pixels) = (x.shape[0], x.shape[2] * x.shape[3])
        let weights = attention(x).reshaped(to: [batch, pixels]).softmax() * Float(pixels)
        return x.scaledPixels(by: weights.reshaped(to: [batch, 1, x.shape[2], x.shape[3]])).globalAveragePooled()
    }

    /// The predicted probability of lesion at the map's resolution, its mean 1; a touch everywhere, so that an image without a
    /// lesion has features as well.
    private func lesionWeights(_ shape: Shape, _ outputs: Outputs) -> Tensor {
        guard let logits = outputs[.lesion] else {
            OperandFailure.end(
                "no head before it predicts `lesion`",
                cure: "add a segmentation head and state `reads`, or pool by average or attention",
                operation: "predict"
            )
        }
        var mask = logits.detached.sigmoid() + 1e-3
        let scale = max(1, mask.shape[2] / max(1, shape[2]))
        if scale > 1 { mask = mask.averagePooled(window: scale) }
        return mask / mask.mean(over: [1, 2, 3], keepingAxes: true)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        if let attention { visitor.part("attention", attention) }
    }
}
