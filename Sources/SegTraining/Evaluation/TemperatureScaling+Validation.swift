import SegCore
public import SegMetrics

/// What is kept of predictions that a temperature is fitted to.
package struct MalignancyLogits {
    private var logits: [Double] = []
    private var labels: [Bool] = []

    package init() {}

    package mutating func add(_ validation: [CasePrediction]) {
        for prediction in validation {
            guard let logit = prediction.malignancyLogit, let pathology = prediction.record.pathology,
                pathology.hasLesion
            else { continue }
            logits.append(Double(logit))
            labels.append(pathology == .malignant)
        }
    }

    /// As ``SegMetrics/TemperatureScaling/init(validation:)`` fits it.
    package var temperature: TemperatureScaling? {
        get throws {
            guard Set(labels).count == 2 else { return nil }
            let fitted = try TemperatureScaling(fitting: logits, labels: labels)
            return fitted.isAtBound ? nil : fitted
        }
    }
}

extension TemperatureScaling {
    /// The temperature that makes probabilities of malignancy fit a validation split; nothing of an external set may be
    /// given here.
    ///
    /// `nil` unless both benign and malignant lesions are there and predicted, and unless the likelihood has its greatest
    /// value at a temperature within ``range``: a model that separates a few lesions perfectly would be taken for
    /// certain of everything.
    public init?(validation: [CasePrediction]) throws {
        var logits = MalignancyLogits()
        logits.add(validation)
        guard let fitted = try logits.temperature else { return nil }
        self = fitted
    }
}
