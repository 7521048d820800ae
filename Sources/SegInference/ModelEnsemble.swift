package import SegConfiguration
import SegCore
public import SegData
public import SegTraining

/// How a trained model is used: how often it looks at an image, and what is left of its masks.
public struct InferenceSettings: Hashable, Sendable {
    /// The views whose predictions are averaged.
    public var augmentation: TestTimeAugmentation
    /// What is left of a mask.
    public var postprocessing: MaskPostprocessing

    public init(augmentation: TestTimeAugmentation = .none, postprocessing: MaskPostprocessing = .none) {
        self.augmentation = augmentation
        self.postprocessing = postprocessing
    }
}

/// Models whose predictions of one or several views of an image are one prediction.
///
/// With one model, one view and no post-processing the predictions are ``SegTraining/Evaluator/predict(_:_:batchSize:isCancelled:onBatch:)``'s
/// own, to the bit. With more, what ``CasePrediction`` says is their mean, in logits where it is a probability; and each case
/// also says how far they agree: the numbers `ensemble-dice`, `ensemble-entropy` and `ensemble-information` (their means in bits
/// over the pixels that any of the masks has), and maps of the last two.
public struct ModelEnsemble {
    /// The models.
    public let models: [MultiTaskModel]
    /// How they are used.
    public let inference: InferenceSettings
    /// What each model's file knows of the features of its training part; empty, or one for each model.
    package var familiarity: [TrainingProfile.Familiarity?] = []

    /// Throws: ``SegmentationError`` if the models do not predict the same: masks, malignancy and labels.
    public init(_ models: [MultiTaskModel], inference: InferenceSettings = InferenceSettings()) throws {
        guard let first = models.first else {
            throw SegmentationError("ensemble", "it has no model", cure: "name one model or more")
        }
        func said(_ model: MultiTaskModel) -> Set<String> {
            Set(model.heads.map { "\($0.name)" } + (model.labelHead?.labels.names.map { "label \($0)" } ?? []))
        }
        for (index, model) in models.enumerated().dropFirst() where said(model) != said(first) {
            let other = said(model).symmetricDifference(said(first)).sorted().joined(separator: ", ")
            throw SegmentationError(
                "ensemble",
                "model \(index + 1) and the first do not predict the same: \(other)",
                cure: "name models with the same heads and labels"
            )
        }
        self.models = models
        self.inference = inference
    }

    /// The predictions for all samples, in their order.
    ///
    /// - Parameters:
    ///   - threshold: where masks are cut, for post-processing and the agreement of masks.
    ///   - isCancelled: asked before each batch.
    ///
    /// Throws: as ``SegTraining/Evaluator/predict(_:_:batchSize:isCancelled:onBatch:)``.
    public func predict(
        _ samples: [PreparedSample],
        threshold: Float,
        batchSize: Int = 8,
        isCancelled: () -> Bool = { false }
    ) throws -> [CasePrediction] {
        var predictions: [CasePrediction] = []
        predictions.reserveCapacity(samples.count)
        let step = max(1, batchSize)
        for start in stride(from: 0, to: samples.count, by: step) {
            let part = Array(samples[start..<min(start + step, samples.count)])
            var all: [[CasePrediction]] = []
            var percentiles: [[Double]] = []
            for (number, model) in models.enumerated() {
                let multiple = model.backbone.outline.sizeMultiple
                let views = inference.augmentation.views(size: part[0].size, multiple: multiple)
                let known = familiarity.isEmpty ? nil : familiarity[number]
                for (place, view) in views.enumerated() {
                    var pooled: [[Float]] = []
                    all.append(
                        try Evaluator.predict(
                            model,
                            part,
                            view: view,
                            batchSize: step,
                            isCancelled: isCancelled,
                            // The first view is the image as it is, and as images of the training part were seen.
                            onFeatures: { if known != nil, place == 0 { pooled += $0.pooledBottleneck } }
                        )
                    )
                    if let known, place == 0 { percentiles.append(pooled.map { known.percentile($0) }) }
                }
            }
            for index in part.indices {
                var prediction = combined(all.map { $0[index] }, threshold: threshold)
                let own = percentiles.map { $0[index] }.filter(\.isFinite)
                if !own.isEmpty {
                    prediction.values.append(.unfamiliarity(own.reduce(0, +) / Double(own.count)))
                }
                predictions.append(prediction)
            }
        }
        return predictions
    }

    private func combined(_ predictions: [CasePrediction], threshold: Float) -> CasePrediction {
        var combined = CasePrediction.mean(predictions)
        if predictions.count > 1, !combined.probability.isEmpty {
            let spread = PredictionSpread(predictions.map(\.probability), threshold: threshold)
            combined.values += spread.values
            combined.maps += spread.maps(size: combined.letterbox.size)
        }
        combined.probability = inference.postprocessing.applied(
            to: combined.probability,
            threshold: threshold,
            in: combined.letterbox
        )
        return combined
    }
}
