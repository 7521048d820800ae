import Foundation
public import SegCore
public import SegData
public import SegMetrics
import SegTensor

/// Runs a model on samples and scores its masks in native pixels.
public struct Evaluator: Hashable, Sendable {
    /// What the metrics answer where a mask is empty.
    public var policy: EmptyMaskPolicy

    public init(policy: EmptyMaskPolicy) { self.policy = policy }

    /// The model's predictions for all samples, in their order.
    ///
    /// - Parameters:
    ///   - isCancelled: asked before each batch.
    ///   - onBatch: is given the outputs of each batch, for what else is to be computed from them.
    ///
    /// - Throws: ``SegmentationError`` if the samples do not fit the model, or naming the case whose prediction is not
    ///   a number; ``TrainingCancelled`` if cancelled.
    public static func predict(
        _ model: MultiTaskModel,
        _ samples: [PreparedSample],
        batchSize: Int = 8,
        isCancelled: () -> Bool = { false },
        onBatch: (Outputs, Batch) -> Void = { _, _ in }
    ) throws -> [CasePrediction] {
        try predict(model, samples, view: nil, batchSize: batchSize, isCancelled: isCancelled, onBatch: onBatch)
    }

    /// - Parameters:
    ///   - view: how the model sees the samples; as they are if `nil`. Maps come back on the samples' canvas.
    ///   - phase: of each batch.
    ///   - onFeatures: is given the backbone's features of each batch.
    package static func predict(
        _ model: MultiTaskModel,
        _ samples: [PreparedSample],
        view: ImageView?,
        batchSize: Int,
        phase: () -> Phase = { .inference },
        isCancelled: () -> Bool,
        onBatch: (Outputs, Batch) -> Void = { _, _ in },
        onFeatures: (FeaturePyramid) -> Void = { _ in }
    ) throws -> [CasePrediction] {
        try requireFit(samples.lazy.map { ($0.record.id, $0.size) }, model)
        var predictions: [CasePrediction] = []
        predictions.reserveCapacity(samples.count)
        for start in stride(from: 0, to: samples.count, by: max(1, batchSize)) {
            guard !isCancelled() else { throw TrainingCancelled(epoch: nil, checkpoint: nil) }
            let part = samples[start..<min(start + max(1, batchSize), samples.count)]
            let batch = Batch(part, view, scaling: model.backbone.imageScaling)
            predictions += try withoutGradients {
                try predict(model, part, batch, view, phase(), onBatch, onFeatures)
            }
        }
        return predictions
    }

    /// - Parameter batch: the samples as the view shows them.
    static func predict(
        _ model: MultiTaskModel,
        _ samples: ArraySlice<PreparedSample>,
        _ batch: Batch,
        _ view: ImageView?,
        _ phase: Phase,
        _ onBatch: (Outputs, Batch) -> Void = { _, _ in },
        _ onFeatures: (FeaturePyramid) -> Void = { _ in }
    ) throws -> [CasePrediction] {
        func restored(_ map: [Float], _ sample: PreparedSample) -> [Float] {
            view?.restored(map, size: sample.size) ?? map
        }
        func restored(_ map: ValueMap, _ sample: PreparedSample) -> ValueMap {
            let pixels = restored(map.pixels, sample)
            return ValueMap(width: sample.size, height: sample.size, pixels: pixels, range: map.range)
        }
        let outputs = model.outputs(for: batch.images, phase: phase, onFeatures: onFeatures)
        let probability = outputs.lesionProbability
        let malignancy = outputs.malignancyProbability?.values()
        let logits = outputs[.malignancy]?.values()
        let lesions = samples.enumerated().map { row, sample in
            restored(probability?.sliced(0, row..<row + 1).values() ?? [], sample)
        }
        // Before heads and terms read them: a conversion to whole numbers, for instance, traps.
        for (row, sample) in samples.enumerated() {
            guard lesions[row].allSatisfy(\.isFinite), logits.map({ $0[row].isFinite }) ?? true else {
                throw SegmentationError(
                    sample.record.imageFile.path,
                    "the model's prediction for \(sample.record.id) is not a number",
                    cure: "the model has diverged: train it with a lower learningRate, or set gradientClip"
                )
            }
        }
        let told = model.terms.reports(outputs, batch)
        // A further term's prior is reported as its features are.
        let prior = told.first(where: \.isPrior)
        let reports = told.filter { $0.name != prior?.name }
        let said = model.predictions(outputs, batch)
        let values = said.filter { !$0.isOfMaps }
        let maps = said.filter(\.isOfMaps)
        let labelHead = model.labelHead
        let labels = model.labelProbability(outputs, batch)
        onBatch(outputs, batch)
        var predictions: [CasePrediction] = []
        for (row, sample) in samples.enumerated() {
            predictions.append(
                CasePrediction(
                    record: sample.record,
                    letterbox: sample.letterbox,
                    lesion: sample.lesion,
                    pixels: sample.pixels,
                    probability: lesions[row],
                    malignancy: malignancy?[row],
                    malignancyLogit: logits?[row],
                    reports: reports.map { ($0.name, $0.values[row]) },
                    prior: prior?.values[row],
                    values: values.map { $0[row] },
                    labels: labelHead.flatMap { head in
                        labels.map { labels in
                            Self.labels(head.labels, labels.sliced(0, row..<row + 1), sample) { restored($0, sample) }
                        }
                    },
                    maps: maps.compactMap { report in
                        report.map(of: row).map { map in
                            PredictedMap(
                                name: report.name,
                                title: report.title,
                                canvas: view == nil ? map : restored(map, sample)
                            )
                        }
                    }
                )
            )
        }
        return predictions
    }

    /// - Parameter probability: `[1, labels, height, width]`.
    private static func labels(
        _ labels: LabelSet,
        _ probability: Tensor,
        _ sample: PreparedSample,
        _ restored: ([Float]) -> [Float]
    ) -> LabelPredictions {
        LabelPredictions(
            labels: labels,
            probabilities: labels.names.indices.map { restored(probability.sliced(1, $0..<$0 + 1).values()) },
            truths: labels.names.map(sample.native)
        )
    }

    /// Throws unless all samples have one size that the backbone can halve often enough.
    ///
    /// - Parameter samples: their ids and sizes.
    static func requireFit(_ samples: some Collection<(id: String, size: Int)>, _ model: MultiTaskModel) throws {
        guard let first = samples.first else { return }
        let size = first.size
        if let other = samples.first(where: { $0.size != size }) {
            throw SegmentationError(
                other.id,
                "the sample is prepared at \(other.size) px but \(first.id) at \(size) px",
                cure: "prepare all samples at one size"
            )
        }
        let multiple = model.backbone.outline.sizeMultiple
        guard size.isMultiple(of: multiple) else {
            throw SegmentationError(
                "imageSize",
                "\(size) px is not a multiple of \(multiple) px, which the backbone `\(model.backboneName)` needs",
                cure: "use \((size + multiple - 1) / multiple * multiple), or a backbone of less depth"
            )
        }
    }

    /// The scores of a prediction cut at `threshold`.
    ///
    /// - Throws: ``SegmentationError`` if the model predicted no mask.
    public func score(_ prediction: CasePrediction, threshold: Float = 0.5) throws -> CaseScore {
        CaseScore(try Self.counts(prediction, thresholds: [threshold])[0], policy)
    }

    /// The scores of many predictions, on all workers, in their order.
    public func scores(_ predictions: [CasePrediction], threshold: Float = 0.5) throws -> [CaseScore] {
        try Self.concurrentMap(predictions) { try score($0, threshold: threshold) }
    }

    private static func requireMask(_ prediction: CasePrediction) throws {
        guard !prediction.probability.isEmpty else {
            throw SegmentationError(
                prediction.record.id,
                "the model predicts no lesion mask that could be scored",
                cure: "give the model a head that predicts `lesion`, such as `segmentation`"
            )
        }
    }

    /// Pixel counts at several thresholds, in native pixels.
    static func counts(_ prediction: CasePrediction, thresholds: [Float]) throws -> [ConfusionCounts] {
        try requireMask(prediction)
        let map = prediction.nativeProbability
        let reference = prediction.lesion.mask.pixels
        return try thresholds.map { try ConfusionCounts(probabilities: map, threshold: $0, reference: reference) }
    }

    /// One result for each prediction, on all workers; the first error in their order is thrown.
    package static func concurrentMap<Value>(
        _ predictions: [CasePrediction],
        _ transform: (CasePrediction) throws -> Value
    ) throws -> [Value] {
        var results = [Result<Value, any Error>?](repeating: nil, count: predictions.count)
        results.withUnsafeMutableBufferPointer { buffer in
            // Each task writes the one element that is its own.
            nonisolated(unsafe) let slots = buffer
            WorkerPool.current.run(predictions.count) { task, _ in
                slots[task] = Result { try transform(predictions[task]) }
            }
        }
        return try results.map { result in
            guard let result else { preconditionFailure("a task of the loop did not run") }
            return try result.get()
        }
    }
}
