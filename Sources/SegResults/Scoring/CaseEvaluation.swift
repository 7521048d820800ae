import SegCore
public import SegData
import SegMetrics
public import SegScoring
public import SegTraining

/// A model's predictions on a data set, scored case by case.
public struct CaseEvaluation {
    /// One row for each sample, in their order.
    public var rows: [CaseResult]
    /// Cases whose truth or prediction was empty, so that the policy decided their value.
    public var emptyCases: [String]
    /// Whether each case has a lesion, in the same order.
    package var hasLesion: [Bool]
    /// Whether the model predicts a mask of each case, in the same order.
    package var hasMask: [Bool]
    /// Whether the model's heads say something about each pixel of each case, in the same order.
    package var hasMaps: [Bool]

    /// Predicts and scores every sample, masks cut at `threshold`, in native pixels.
    ///
    /// - Parameters:
    ///   - samples: read a few at a time, and let go once they are scored.
    ///   - temperature: that of the model's malignancy, by the source's validation part.
    ///   - metrics: what cases are judged by, see ``SegConfiguration/MetricSettings/makeMetrics(_:labels:)``.
    public init(
        _ model: MultiTaskModel,
        samples: [StreamedSample],
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        threshold: Float,
        temperature: Double? = nil,
        metrics: [NamedMetric],
        emptyMasks: EmptyMaskRule,
        batchSize: Int,
        isCancelled: () -> Bool = { false }
    ) throws {
        try self.init(
            of: samples,
            batchSize: batchSize,
            predictedBy: { try Evaluator.predict(model, $0, batchSize: batchSize, isCancelled: isCancelled) },
            arm: arm,
            seed: seed,
            fold: fold,
            dataset: dataset,
            threshold: threshold,
            temperature: temperature,
            metrics: metrics,
            emptyMasks: emptyMasks
        )
    }

    /// Predicts and scores samples a few at a time, and lets each prediction go once it is scored: memory does not grow with the
    /// number of samples, but for a row of numbers each.
    ///
    /// - Parameters:
    ///   - batchSize: how many samples are predicted at once.
    ///   - predict: is given samples, of whole batches but at the end, in their order.
    package init(
        of samples: [StreamedSample],
        batchSize: Int,
        predictedBy predict: ([PreparedSample]) throws -> [CasePrediction],
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        threshold: Float,
        temperature: Double? = nil,
        metrics: [NamedMetric],
        emptyMasks: EmptyMaskRule
    ) throws {
        (rows, emptyCases, hasLesion, hasMask, hasMaps) = ([], [], [], [], [])
        try Evaluator.forEachPart(of: samples, batchSize: batchSize) { part in
            let scored = try CaseEvaluation(
                try predict(part),
                arm: arm,
                seed: seed,
                fold: fold,
                dataset: dataset,
                threshold: threshold,
                temperature: temperature,
                metrics: metrics,
                emptyMasks: emptyMasks
            )
            rows += scored.rows
            emptyCases += scored.emptyCases
            hasLesion += scored.hasLesion
            hasMask += scored.hasMask
            hasMaps += scored.hasMaps
        }
    }

    /// Scores predictions that were made before.
    public init(
        _ predictions: [CasePrediction],
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        threshold: Float,
        temperature: Double? = nil,
        metrics: [NamedMetric],
        emptyMasks: EmptyMaskRule
    ) throws {
        hasLesion = predictions.map { !$0.lesion.isEmpty }
        hasMask = predictions.map { !$0.probability.isEmpty }
        hasMaps = predictions.map { !$0.maps.isEmpty }
        let scores = try Evaluator.concurrentMap(predictions) { prediction in
            try CaseScores(prediction, threshold: threshold, metrics: metrics, emptyMasks: emptyMasks)
        }
        let scaling = temperature.map { TemperatureScaling(temperature: $0) }
        emptyCases = zip(predictions, scores).filter { $1.isEmpty }.map(\.0.record.id)
        rows = zip(predictions, scores).map { prediction, scores in
            let area = Double(prediction.lesion.width * prediction.lesion.height)
            var features: [String: Double] = [:]
            for (name, value) in prediction.reports { features[name] = Double(value) }
            return CaseResult(
                arm: arm,
                seed: seed,
                fold: fold,
                dataset: dataset,
                caseID: prediction.record.id,
                group: prediction.record.group,
                pathology: prediction.record.pathology,
                metrics: scores.values,
                malignancyProbability: prediction.malignancy.map(Double.init),
                scaledMalignancyProbability: prediction.malignancyLogit.flatMap { logit in
                    scaling?.probabilities([Double(logit)])[0]
                },
                prior: prediction.prior.map(Double.init),
                lesionFraction: Double(prediction.lesion.area) / area,
                predictedFraction: scores.predictedArea.map { Double($0) / area },
                expectedDice: prediction.expectedDice(threshold: threshold),
                imageArea: prediction.record.pixelSpacing.map { area * $0.x * $0.y },
                category: prediction.record.clinical.category,
                features: features,
                predictions: prediction.values.isEmpty ? nil : prediction.values
            )
        }
    }
}
