package import SegConfiguration
import SegCore
public import SegData
public import SegTraining

/// How a trained model is used: how often and how closely it looks at an image, and what is left of its masks.
public struct InferenceSettings: Hashable, Sendable {
    /// The views whose predictions are averaged.
    public var augmentation: TestTimeAugmentation
    /// What is left of a mask.
    public var postprocessing: MaskPostprocessing
    /// The resolution at which images that are larger than the model's are looked at tile by tile.
    public var tiling: Tiling
    /// The passes with dropout whose predictions are averaged; `nil` for one without.
    public var dropout: DropoutSampling?

    public init(
        augmentation: TestTimeAugmentation = .none,
        postprocessing: MaskPostprocessing = .none,
        tiling: Tiling = .none,
        dropout: DropoutSampling? = nil
    ) {
        self.augmentation = augmentation
        self.postprocessing = postprocessing
        self.tiling = tiling
        self.dropout = dropout
    }
}

/// Models whose predictions of one or several views of an image are one prediction.
///
/// With one model, one view and no post-processing the predictions are ``SegTraining/Evaluator/predict(_:_:batchSize:isCancelled:onBatch:)``'s
/// own, to the bit. With more, what ``CasePrediction`` says is their mean, in logits where it is a probability; and each case
/// also says how far they agree: the numbers `ensemble-dice`, `ensemble-entropy` and `ensemble-information` (their means in bits
/// over the pixels that any of the masks has), and maps of the last two. Passes with dropout are predictions as those of models are.
///
/// With tiles, masks, labels and maps of pixels are those of the larger canvas; malignancy, what heads say of the image as a whole
/// and what terms report are those of the whole image on the model's own canvas.
public struct ModelEnsemble {
    /// The models.
    public let models: [MultiTaskModel]
    /// How they are used.
    public let inference: InferenceSettings
    /// What each model's file knows of the features of its training part; empty, or one for each model.
    package var familiarity: [TrainingProfile.Familiarity?] = []

    /// - Throws: ``SegmentationError`` if the models do not predict the same: masks, malignancy and labels.
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
    ///   - canvas: the same sample on a square of another side, px; asked for where it is looked at tile by tile.
    ///
    /// - Throws: as ``SegTraining/Evaluator/predict(_:_:batchSize:isCancelled:onBatch:)``, what `canvas` throws, and
    ///   ``SegmentationError`` if passes with dropout are asked of a model without any.
    public func predict(
        _ samples: [PreparedSample],
        threshold: Float,
        batchSize: Int = 8,
        isCancelled: @escaping () -> Bool = { false },
        canvas: (_ sample: PreparedSample, _ side: Int) throws -> PreparedSample
    ) throws -> [CasePrediction] {
        var predictions: [CasePrediction] = []
        predictions.reserveCapacity(samples.count)
        // Canvases are large: one at a time.
        let step = inference.tiling == .none ? max(1, batchSize) : 1
        for start in stride(from: 0, to: samples.count, by: step) {
            let part = Array(samples[start..<min(start + step, samples.count)])
            let canvases = try part.map { sample in
                try inference.tiling.canvas(of: sample.letterbox, size: sample.size).map { try canvas(sample, $0) }
            }
            var all: [[CasePrediction]] = []
            var percentiles: [[Double]] = []
            for (number, model) in models.enumerated() {
                let multiple = model.backbone.outline.sizeMultiple
                let views = inference.augmentation.views(size: part[0].size, multiple: multiple)
                let run = ModelRun(model: model, batchSize: max(1, batchSize), isCancelled: isCancelled)
                let known = familiarity.isEmpty ? nil : familiarity[number]
                var pooled: [[Float]] = []
                // The first view is the image as it is, and as images of the training part were seen: without dropout.
                let look = { (features: FeaturePyramid) in if known != nil { pooled += features.pooledBottleneck } }
                if inference.dropout != nil, known != nil { _ = try run(part, view: views[0], onFeatures: look) }
                for (place, view) in views.enumerated() {
                    if let dropout = inference.dropout {
                        all += try sampled(run, number, part, canvases, view, dropout)
                    } else {
                        let whole = try run(part, view: view) { if place == 0 { look($0) } }
                        all.append(try run.refined(whole, canvases, view))
                    }
                }
                if let known { percentiles.append(pooled.map { known.percentile($0) }) }
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

    /// The predictions of every pass.
    private func sampled(
        _ run: ModelRun,
        _ model: Int,
        _ samples: [PreparedSample],
        _ canvases: [PreparedSample?],
        _ view: ImageView,
        _ dropout: DropoutSampling
    ) throws -> [[CasePrediction]] {
        var run = run
        // Patterns go by places in the batch: one image at a time gets the same in whatever company.
        run.batchSize = 1
        return try (0..<dropout.passes).map { pass in
            var last: Phase?
            run.phase = {
                let path: [StreamKey] = ["dropout", StreamKey(model), StreamKey(pass)]
                let phase = Phase.sampling(RandomStream(seed: dropout.seed, path: path))
                last = phase
                return phase
            }
            let whole = try run(samples, view: view)
            if let last, last.drawCount == 0 { throw Self.noDropout(model, of: models.count) }
            return try run.refined(whole, canvases, view)
        }
    }

    static func noDropout(_ model: Int, of count: Int) -> SegmentationError {
        SegmentationError(
            "dropout",
            (count == 1 ? "the model" : "model \(model + 1)")
                + " does not contain any, so that all passes would say the same",
            cure: "use a model that was trained with the backbone's setting `dropout`, or leave the passes out"
        )
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

extension ModelEnsemble {
    /// The predictions for all samples, in their order, none of them tile by tile.
    ///
    /// Traps if ``inference`` asks for tiles of one of them, which takes the image in more detail than a sample has.
    public func predict(
        _ samples: [PreparedSample],
        threshold: Float,
        batchSize: Int = 8,
        isCancelled: @escaping () -> Bool = { false }
    ) throws -> [CasePrediction] {
        try predict(samples, threshold: threshold, batchSize: batchSize, isCancelled: isCancelled) { _, _ in
            preconditionFailure("tiles need the image: use predict with a canvas")
        }
    }
}
