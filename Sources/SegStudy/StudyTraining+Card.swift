import SegConfiguration
import SegCore
import SegData
import SegInference
import SegMetrics
import SegResults
import SegScoring
import SegTraining

extension StudyTraining {
    /// The card of a model that was just trained.
    ///
    /// - Parameter validation: the validation part, which the model is scored on once more, by what was chosen on it.
    func card(
        _ record: TrainingRecord,
        of model: MultiTaskModel,
        _ validation: [StreamedSample]
    ) throws -> ModelCard {
        let parts = [
            part("training", data.training(size: arm.training.imageSize, fold: fold)),
            part("validation", validation),
        ]
        return ModelCard(
            parts: parts,
            epochs: record.epochs.count,
            keptEpoch: record.bestEpoch ?? record.epochs.last?.epoch ?? 0,
            epochChoice: arm.training.selectionMetric == .last
                ? "The last epoch is kept."
                : "The epoch with the best score on the validation part is kept (\(arm.training.selectionMetric.rawValue)).",
            thresholdChoice:
                "Thresholds are chosen on the validation part: for pixels the one of 0.05 to 0.95 with the best mean Dice, "
                + "for malignancy Youden's index.",
            emptyMasks: "\(study.metrics.emptyMasks.rawValue): \(study.metrics.emptyMasks.policy.description).",
            figures: try figures(record, of: model, validation),
            stated: study.card,
            limits: limits(parts[0])
        )
    }

    private func part(_ name: String, _ samples: [StreamedSample]) -> ModelCard.Part {
        ModelCard.Part(
            name: name,
            images: samples.count,
            groups: Set(samples.map(\.record.group)).count,
            pathologies: Dictionary(grouping: samples) { $0.record.pathology?.rawValue ?? "unknown" }.mapValues(\.count)
        )
    }

    /// What summaries show of the validation part, by every metric of the study.
    private func figures(
        _ record: TrainingRecord,
        of model: MultiTaskModel,
        _ validation: [StreamedSample]
    ) throws -> [ModelCard.Figure] {
        let metrics = try study.metrics.makeMetrics(context.registry, labels: [MetricCase.defaultLabel] + data.labels)
        let descriptions = metrics.map { MetricDescription($0) }
        let evaluation = try CaseEvaluation(
            model,
            samples: validation,
            arm: arm.name,
            seed: seed,
            fold: fold,
            dataset: data.source.name,
            threshold: Float(record.segmentationThreshold),
            temperature: record.malignancyTemperature,
            metrics: metrics,
            emptyMasks: study.metrics.emptyMasks,
            batchSize: arm.training.batchSize,
            isCancelled: context.isCancelled
        )
        let statistics = StudyStatistics(
            [(record, evaluation.rows, [data.source.name: evaluation.emptyCases])],
            seeds: [seed],
            resamples: study.metrics.bootstrapResamples,
            metrics: descriptions
        )
        guard let summary = try statistics.summary(arm.name, data.source.name, seed: seed) else { return [] }
        var figures = descriptions.compactMap { metric -> ModelCard.Figure? in
            guard metric.isCount != true, let values = summary.metrics[metric.name], values.mean.isFinite else {
                return nil
            }
            return ModelCard.Figure(
                name: metric.name,
                title: metric.heading,
                value: values.mean,
                images: values.count,
                low: values.interval.flatMap { $0.low.isFinite ? $0.low : nil },
                high: values.interval.flatMap { $0.high.isFinite ? $0.high : nil },
                decimals: metric.decimals
            )
        }
        if let malignancy = summary.malignancy, let area = malignancy.auroc, area.isFinite {
            figures.append(
                ModelCard.Figure(
                    name: "auroc",
                    title: "AUROC of malignancy",
                    value: area,
                    images: malignancy.cases,
                    low: malignancy.aurocInterval.flatMap { $0.low.isFinite ? $0.low : nil },
                    high: malignancy.aurocInterval.flatMap { $0.high.isFinite ? $0.high : nil }
                )
            )
        }
        return figures
    }

    /// What follows from how the model was made.
    private func limits(_ training: ModelCard.Part) -> [String] {
        var limits = [
            "It was trained on images of \(data.source.name) alone. What it does on images of other scanners, hospitals and patients "
                + "is not known from this file.",
            "The figures of its validation part served to choose epoch and thresholds, and flatter it.",
        ]
        let counts = training.pathologies
        if counts["unknown"] == nil, counts["normal"] == nil {
            limits.append("No image without a lesion was trained on: on such images it may still outline one.")
        }
        if let fold { limits.append("It is the model of fold \(fold) alone: the images of that fold were held out.") }
        return limits
    }
}
