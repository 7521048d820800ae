import Foundation
import SegMetrics

/// A metric as a user calls it: from the masks to the number, nothing kept from the metric before.
struct Metric: Sendable {
    let name: String
    /// How often it runs on a pair before the next one's turn; the peers do the same.
    var repeats = 1
    /// Whether it is one number of all pairs together.
    var isOfSet = false
    /// The sum of the values over some pairs.
    let run: @Sendable (ArraySlice<LesionPair>) -> Double

    private static let size = LesionPair.size

    static let all: [Metric] =
        [
            overlap("Dice") { $0.dice(.undefinedWhenBothEmpty) },
            overlap("IoU") { $0.intersectionOverUnion(.undefinedWhenBothEmpty) },
            overlap("sensitivity") { $0.sensitivity(.undefinedWhenBothEmpty) },
            overlap("specificity") { $0.specificity(.undefinedWhenBothEmpty) },
            overlap("precision") { $0.precision(.undefinedWhenBothEmpty) },
            perPair("all five overlap metrics") { pair in
                let counts = try ConfusionCounts(prediction: pair.prediction, reference: pair.reference)
                let policy = EmptyMaskPolicy.undefinedWhenBothEmpty
                return [
                    counts.dice(policy), counts.intersectionOverUnion(policy), counts.sensitivity(policy),
                    counts.specificity(policy), counts.precision(policy),
                ].reduce(0) { $0 + $1.value }
            },
            surface("HD") { $0.hausdorff(.undefined) },
            surface("HD95, MONAI's") { $0.hausdorff95(.monai, .undefined) },
            surface("HD95, medpy's") { $0.hausdorff95(.medpy, .undefined) },
            surface("HD95, surface-distance's") { $0.hausdorff95(.surfaceDistance, .undefined) },
            surface("ASSD") { $0.averageSymmetricSurfaceDistance(.undefined) },
            surface("MASD") { $0.meanAverageSurfaceDistance(.undefined) },
            surface("NSD, MONAI's") { $0.normalizedSurfaceDice(tolerance: 2, as: .monai, .undefinedWhenBothEmpty) },
            surface("NSD, surface-distance's") {
                $0.normalizedSurfaceDice(tolerance: 2, as: .surfaceDistance, .undefinedWhenBothEmpty)
            },
            perPair("boundary IoU") { pair in
                try boundaryIntersectionOverUnion(
                    prediction: pair.prediction,
                    reference: pair.reference,
                    width: size,
                    height: size,
                    .undefinedWhenBothEmpty
                ).value
            },
            perPair("distance transform") { pair in
                try euclideanDistanceTransform(of: pair.reference, width: size, height: size, spacing: .pixels)[0]
            },
            perPair("lesion detection") { pair in
                let detection = try LesionDetection(
                    prediction: pair.prediction,
                    reference: pair.reference,
                    width: size,
                    height: size,
                    matching: .anyOverlap
                )
                return Double(detection.truePositives + 2 * detection.falsePositives + 4 * detection.falseNegatives)
            },
        ] + scores

    /// Over the scores of a round's pairs, one each.
    private static let scores: [Metric] = [
        cases("AUROC") { try areaUnderROC(scores: $0, labels: $1) },
        cases("AUPRC") { try averagePrecision(scores: $0, labels: $1) },
        cases("sensitivity at 90 % specificity") {
            try ROCCurve(scores: $0, labels: $1).mostSensitivePoint(specificityAtLeast: 0.9)?.sensitivity ?? .nan
        },
        cases("Brier") { try brierScore(probabilities: $0, labels: $1) },
        cases("ECE, torchmetrics'") {
            try expectedCalibrationError(probabilities: $0, labels: $1, binning: .equalWidthClosedLeft(15))
        },
        cases("calibration curve") {
            try CalibrationCurve(probabilities: $0, labels: $1, binning: .equalWidth(10)).bins
                .reduce(0) { $0 + $1.observedFrequency }
        },
        cases("temperature") {
            try TemperatureScaling(fitting: $0.map { log($0 / (1 - $0)) * 2 }, labels: $1).temperature
        },
    ]

    /// Of masks in the cache, where whoever predicts or decodes a mask leaves it: each pair is counted five times running.
    private static func overlap(_ name: String, _ value: @escaping @Sendable (ConfusionCounts) -> MetricValue) -> Metric
    {
        var metric = perPair(name) {
            value(try ConfusionCounts(prediction: $0.prediction, reference: $0.reference)).value
        }
        metric.repeats = 5
        return metric
    }

    private static func surface(_ name: String, _ value: @escaping @Sendable (SurfaceDistances) -> MetricValue)
        -> Metric
    {
        perPair(name) { pair in
            let surfaces = try SurfaceDistances(
                prediction: pair.prediction,
                reference: pair.reference,
                width: size,
                height: size,
                spacing: .pixels
            )
            return value(surfaces).value
        }
    }

    private static func perPair(_ name: String, _ value: @escaping @Sendable (LesionPair) throws -> Double) -> Metric {
        Metric(name: name) { pairs in pairs.reduce(0) { $0 + ((try? value($1)) ?? .nan) } }
    }

    private static func cases(_ name: String, _ value: @escaping @Sendable ([Double], [Bool]) throws -> Double)
        -> Metric
    {
        Metric(name: name, repeats: 20, isOfSet: true) { pairs in
            (try? value(pairs.map(\.score), pairs.map(\.label))) ?? .nan
        }
    }
}
