public import SegConfiguration
import SegCore
public import SegData
import SegMetrics
public import SegTraining

/// A model's predictions on a data set, scored case by case.
public struct CaseEvaluation {
    /// One row for each sample, in their order.
    public var rows: [CaseResult]
    /// Cases whose truth or prediction was empty, so that the policy decided their value.
    public var emptyCases: [String]
    /// What the model predicted, in the same order.
    public var predictions: [CasePrediction]

    /// Predicts and scores every sample, masks cut at `threshold`, in native pixels.
    ///
    /// - Parameters:
    ///   - temperature: that of the model's malignancy, by the source's validation part.
    ///   - extraMetrics: metrics beside the fixed ones.
    public init(
        _ model: MultiTaskModel,
        samples: [PreparedSample],
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        threshold: Float,
        temperature: Double? = nil,
        metrics: MetricSettings,
        extraMetrics: [NamedMetric] = [],
        batchSize: Int,
        isCancelled: () -> Bool = { false }
    ) throws {
        let predictions = try Evaluator.predict(model, samples, batchSize: batchSize, isCancelled: isCancelled)
        try self.init(
            predictions,
            arm: arm,
            seed: seed,
            fold: fold,
            dataset: dataset,
            threshold: threshold,
            temperature: temperature,
            metrics: metrics,
            extraMetrics: extraMetrics
        )
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
        metrics: MetricSettings,
        extraMetrics: [NamedMetric] = []
    ) throws {
        self.predictions = predictions
        let hasMasks = predictions.allSatisfy { !$0.probability.isEmpty }
        let rule = metrics.emptyMasks
        let evaluator = Evaluator(policy: rule.policy)
        let scores = hasMasks ? try evaluator.scores(predictions, threshold: threshold) : []
        let values =
            hasMasks && !extraMetrics.isEmpty
            ? try evaluator.values(of: extraMetrics, predictions, threshold: threshold) : nil
        let geometries = hasMasks ? try Evaluator.geometries(predictions, threshold: threshold) : []
        let scaling = temperature.map { TemperatureScaling(temperature: $0) }
        emptyCases = zip(predictions, scores).filter { $1.dice.emptyCase != nil }.map(\.0.record.id)
        rows = predictions.enumerated().map { index, prediction in
            let area = Double(prediction.lesion.width * prediction.lesion.height)
            let distances = hasMasks ? BoundaryScore(geometries[index], metrics) : nil
            let counts = hasMasks ? scores[index].counts : nil
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
                dice: hasMasks ? scores[index].dice.value : .nan,
                iou: hasMasks ? scores[index].intersectionOverUnion.value : .nan,
                hausdorff95: distances?.hausdorff95,
                surfaceDistance: distances?.surfaceDistance,
                hausdorff95InMillimetres: distances?.hausdorff95InMillimetres,
                surfaceDistanceInMillimetres: distances?.surfaceDistanceInMillimetres,
                surfaceDice: distances?.surfaceDice,
                detection: hasMasks ? LesionCounts(geometries[index].detection) : nil,
                malignancyProbability: prediction.malignancy.map(Double.init),
                scaledMalignancyProbability: prediction.malignancyLogit.flatMap { logit in
                    scaling?.probabilities([Double(logit)])[0]
                },
                prior: prediction.prior.map(Double.init),
                lesionFraction: Double(prediction.lesion.area) / area,
                predictedFraction: counts.map { Double($0.truePositives + $0.falsePositives) / area },
                imageArea: prediction.record.pixelSpacing.map { area * $0.x * $0.y },
                category: prediction.record.clinical.category,
                features: features,
                predictions: prediction.values.isEmpty ? nil : prediction.values,
                metrics: values.map { $0[index] }
            )
        }
    }
}
