import SegCore
public import SegMetrics

extension TemperatureScaling {
    /// The temperature that makes probabilities of malignancy fit a validation split; nothing of an external set may be
    /// given here.
    ///
    /// `nil` unless both benign and malignant lesions are there and predicted, and unless the likelihood has its greatest
    /// value at a temperature within ``range``: a model that separates a few lesions perfectly would be taken for
    /// certain of everything.
    public init?(validation: [CasePrediction]) throws {
        var logits: [Double] = []
        var labels: [Bool] = []
        for prediction in validation {
            guard let logit = prediction.malignancyLogit, let pathology = prediction.record.pathology,
                pathology.hasLesion
            else { continue }
            logits.append(Double(logit))
            labels.append(pathology == .malignant)
        }
        guard Set(labels).count == 2 else { return nil }
        let fitted = try TemperatureScaling(fitting: logits, labels: labels)
        guard !fitted.isAtBound else { return nil }
        self = fitted
    }
}
