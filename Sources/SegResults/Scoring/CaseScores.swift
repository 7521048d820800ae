import SegCore
import SegData
import SegMetrics
import SegScoring
import SegTraining

/// What a study's metrics say of one case.
struct CaseScores {
    /// By the metrics' names; what has no value is left out.
    var values: [String: Double] = [:]
    /// Whether the truth or the prediction of the default label was empty, so that the policy decided.
    var isEmpty = false
    /// Predicted pixels of the default label; `nil` where the arm predicts no mask.
    var predictedArea: Int?

    init(
        _ prediction: CasePrediction,
        threshold: Float,
        metrics: [NamedMetric],
        emptyMasks: EmptyMaskRule
    ) throws {
        let lesion = try metricCase(prediction, MetricCase.defaultLabel)
        var cases = [MetricCase.defaultLabel: lesion]
        for metric in metrics {
            let item = try cases[metric.label] ?? metricCase(prediction, metric.label)
            cases[metric.label] = item
            values[metric.name] = try metric.value(of: item)
        }
        guard !prediction.probability.isEmpty else { return }
        isEmpty = lesion.emptyCase != nil
        predictedArea = lesion.counts.truePositives + lesion.counts.falsePositives

        func metricCase(_ prediction: CasePrediction, _ label: String) throws -> MetricCase {
            try prediction.metricCase(label, threshold: threshold, emptyMasks: emptyMasks)
        }
    }
}

extension CasePrediction {
    /// The Dice that the probabilities let expect of the mask cut at `threshold`, see ``CaseResult/expectedDice``.
    package func expectedDice(threshold: Float) -> Double? {
        guard !probability.isEmpty else { return nil }
        var (all, inside, area) = (0.0, 0.0, 0.0)
        for p in probability {
            all += Double(p)
            guard p >= threshold else { continue }
            inside += Double(p)
            area += 1
        }
        return area > 0 ? 2 * inside / (all + area) : 0
    }

    /// What metrics judge of a label, masks cut at `threshold`, in the original image's pixels.
    func metricCase(_ label: String, threshold: Float, emptyMasks: EmptyMaskRule) throws -> MetricCase {
        guard label == MetricCase.defaultLabel else {
            return try further(label, threshold: threshold, emptyMasks: emptyMasks)
        }
        return try MetricCase(
            label: label,
            prediction: probability.isEmpty ? nil : mask(threshold: threshold),
            reference: lesion.mask,
            record: record,
            emptyMasks: emptyMasks,
            malignancy: malignancy,
            reports: values,
            probability: { probability.isEmpty ? [] : nativeProbability },
            image: { nativeImage }
        )
    }

    /// The same of a label beside the lesion: without a mask where the model does not predict the label, or the data set does
    /// not have it.
    private func further(_ label: String, threshold: Float, emptyMasks: EmptyMaskRule) throws -> MetricCase {
        let index = labels?.labels.names.firstIndex(of: label)
        let truth = index.flatMap { labels?.truths[$0]?.mask }
        let map = index.flatMap { labels?.probabilities[$0] } ?? []
        let masks = truth == nil ? [] : labelMasks(threshold: threshold)
        return try MetricCase(
            label: label,
            prediction: masks.first { $0.name == label }?.mask,
            reference: truth ?? Mask(emptyWithWidth: letterbox.sourceWidth, height: letterbox.sourceHeight),
            record: record,
            emptyMasks: emptyMasks,
            malignancy: malignancy,
            reports: values,
            probability: { map.isEmpty ? [] : letterbox.restore(map) },
            image: { nativeImage }
        )
    }
}
