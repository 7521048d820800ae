import SegCore
import SegData
import SegTensor

extension Trainer {
    /// Throws if the selection metric cannot be computed on the validation part, or not from this model.
    func validateSelection() throws {
        let metric = settings.selectionMetric
        let key = "selectionMetric"
        let moreImages = "add such images to the validation part, or choose another selectionMetric, such as `last`"
        if metric.needsDice && !validation.contains(where: \.hasLesion) {
            throw SegmentationError(
                key,
                "`\(metric.rawValue)` needs a validation image with a lesion, and there is none",
                cure: moreImages
            )
        }
        let labels = Set(validation.compactMap(\.record.pathology))
        if metric.needsAUROC && !labels.isSuperset(of: [.benign, .malignant]) {
            throw SegmentationError(
                key,
                "`\(metric.rawValue)` needs benign and malignant validation images, and one kind is missing",
                cure: moreImages
            )
        }
        guard metric != .last else { return }
        // Which predictions a model makes is known only once it has made some.
        let first = Batch(try validation[..<1].loaded(), scaling: model.backbone.imageScaling)
        let outputs = withoutGradients { model.outputs(for: first.images, phase: .inference) }
        let needs: [(Bool, Outputs.Key, String)] = [
            (metric.needsDice, .lesion, "a lesion mask"), (metric.needsAUROC, .malignancy, "malignancy"),
        ]
        for (isNeeded, key, name) in needs where isNeeded && outputs[key] == nil {
            throw SegmentationError(
                "selectionMetric",
                "`\(metric.rawValue)` needs a model that predicts \(name)",
                cure: "add a head that predicts `\(key.name)`, or choose another selectionMetric"
            )
        }
    }

    /// Whether a score is better than that of the best epoch so far.
    func isBetter(_ score: ValidationScore?, than history: TrainingHistory) -> Bool {
        let metric = settings.selectionMetric
        guard metric != .last, let best = history.best?.validation?.value(metric) else { return true }
        guard let value = score?.value(metric) else { return false }
        return value > best
    }
}
