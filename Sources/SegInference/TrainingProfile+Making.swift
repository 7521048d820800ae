public import SegConfiguration
package import SegCore
public import SegData
import SegResults
import SegTensor
public import SegTraining

extension TrainingProfile {
    /// Directions of the backbone's features that are kept at most.
    private static let directions = 16
    /// Fewer images than this say little of how features vary.
    private static let leastImages = 16
    private static let leastValidation = 8
    /// Logits that stand for certainty: their sigmoid differs from 0 and 1 by less than 1e-8.
    private static let certainty: Float = 20

    /// Looks at the training part with a trained model: features of true masks, intensities, sizes, and the backbone's features,
    /// whose distances are those of the validation part.
    ///
    /// - Throws: as ``SegTraining/Evaluator/predict(_:_:batchSize:isCancelled:onBatch:)``.
    public init(
        of model: MultiTaskModel,
        training: [StreamedSample],
        validation: [StreamedSample],
        batchSize: Int = 8,
        isCancelled: () -> Bool = { false }
    ) throws {
        var features: [String: [Double]] = [:]
        var measures: [String: [Double]] = [:]
        let step = max(1, batchSize)
        for start in stride(from: 0, to: training.count, by: step) {
            guard !isCancelled() else { throw TrainingCancelled() }
            let part = try training[start..<min(start + step, training.count)].loaded()
            withoutGradients {
                let batch = Batch(part, scaling: model.backbone.imageScaling)
                var outputs = Outputs()
                outputs[.lesion] = batch.masks * (2 * Self.certainty) - Self.certainty
                for report in model.terms.reports(outputs, batch) where !report.isPrior {
                    for (sample, value) in zip(part, report.values) where !sample.lesion.isEmpty && value.isFinite {
                        features[report.name, default: []].append(Double(value))
                    }
                }
            }
            for sample in part {
                for (measure, value) in sample.measures { measures[measure.rawValue, default: []].append(value) }
            }
        }
        func pooled(_ samples: [StreamedSample]) throws -> [[Float]] {
            var rows: [[Float]] = []
            try Evaluator.forEachPart(of: samples, batchSize: step) { part in
                _ = try Evaluator.predict(
                    model,
                    part,
                    view: nil,
                    batchSize: step,
                    isCancelled: isCancelled,
                    onFeatures: { rows += $0.pooledBottleneck }
                )
            }
            return rows
        }
        self.init(
            images: training.count,
            lesions: training.count(where: \.hasLesion),
            features: features.compactMapValues { Quantiles(of: $0) },
            measures: measures.compactMapValues { Quantiles(of: $0) }
        )
        guard training.count >= Self.leastImages, validation.count >= Self.leastValidation else { return }
        familiarity = Familiarity(
            of: try pooled(training),
            validation: try pooled(validation),
            directions: Self.directions
        )
    }
}

extension TrainingProfile.Familiarity {
    /// - Parameter directions: at most; fewer of few images or channels.
    package init?(of training: [[Float]], validation: [[Float]], directions: Int) {
        let count = min(directions, training[0].count - 1, training.count / 8)
        guard count > 0,
            let found = PrincipalDirections(of: training.map { $0.map(Double.init) }, count: count)
        else { return nil }
        func made(_ distances: TrainingProfile.Quantiles) -> Self {
            Self(
                center: found.mean.map(Float.init),
                directions: found.directions.map { $0.map(Float.init) },
                variances: found.variances,
                residual: found.residual,
                distances: distances,
                images: validation.count
            )
        }
        guard let none = TrainingProfile.Quantiles(of: [0, 1]) else { return nil }
        let scale = made(none)
        let distances = validation.map { scale.distance($0) }.filter(\.isFinite)
        guard let quantiles = TrainingProfile.Quantiles(of: distances) else { return nil }
        self = made(quantiles)
    }
}

extension FeaturePyramid {
    /// The mean of each channel of the deepest features, image by image.
    package var pooledBottleneck: [[Float]] {
        let channels = bottleneck.shape[1]
        let values = bottleneck.mean(over: [2, 3]).values()
        return stride(from: 0, to: values.count, by: channels).map { Array(values[$0..<$0 + channels]) }
    }
}

extension PreparedSample {
    /// What is measured of the image itself.
    package var measures: [(measure: TrainingProfile.Measure, value: Double)] {
        let coverage = letterbox.coverage
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for (value, covered) in zip(image, coverage) where covered >= 0.5 {
            (sum, squares, count) = (sum + Double(value), squares + Double(value) * Double(value), count + 1)
        }
        let mean = sum / max(count, 1)
        var all: [(TrainingProfile.Measure, Double)] = [
            (.grayMean, mean), (.grayDeviation, max(0, squares / max(count, 1) - mean * mean).squareRoot()),
            (.width, Double(letterbox.sourceWidth)), (.height, Double(letterbox.sourceHeight)),
        ]
        if let spacing = record.pixelSpacing { all.append((.pixelSpacing, spacing.x)) }
        return all
    }
}

extension [CaseResult] {
    /// The share of rows whose image is unlike the training part; `nil` where no model says it.
    package var shareUnlike: Double? {
        let distances = compactMap { row in
            row.predictions?.first { $0.name == PredictedValue.unfamiliarityName }?.number
        }
        guard !distances.isEmpty else { return nil }
        return Double(distances.count { $0 > TrainingProfile.Familiarity.limit }) / Double(distances.count)
    }
}

extension PredictedValue {
    /// The name of ``unfamiliarity(_:)`` in files.
    package static let unfamiliarityName = "unfamiliarity"

    /// How far an image's deepest features are from those of the training part: the share of the validation part that is nearer.
    static func unfamiliarity(_ percentile: Double) -> PredictedValue {
        PredictedValue(name: unfamiliarityName, title: "Distance from the training set, percentile", number: percentile)
    }
}
