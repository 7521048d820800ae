public import SegCore
import SegData
public import SegMetrics

/// A metric of one case: how good a predicted mask is.
///
/// One type is one metric. Registered and named under a study's `metrics.extra`, it is a column of `cases.csv`, has its
/// mean, interval and comparison with the reference arm in `results.json` and a table in the report.
///
/// ```swift
/// struct MissedArea: CaseMetric {
///     static let name = "missed-area"
///     static let summary = "The part of the true lesion that was not found."
///     let title = "Missed area"
///     let direction = MetricDirection.lowerIsBetter
///
///     init(_ settings: NoSettings) {}
///
///     func value(of masks: CaseMasks) -> Double? {
///         let sensitivity = masks.counts.sensitivity(masks.emptyMasks).value
///         return 1 - sensitivity
///     }
/// }
/// try registry.add(metric: MissedArea.self)
/// ```
public protocol CaseMetric: Sendable {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings = NoSettings

    /// The name in configurations and the column of `cases.csv`: `boundary-iou`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// The name that readers see: `Boundary IoU`.
    var title: String { get }

    /// The unit of the values, such as `px`; `nil` for a ratio. Default: `nil`.
    var unit: String? { get }

    /// Which end of the scale is good.
    var direction: MetricDirection { get }

    init(_ settings: Settings) throws

    /// The value of a case: NaN where it is undefined, as for empty masks; `nil` where the metric does not apply, as where
    /// it needs the size of a pixel and the data set does not give it.
    ///
    /// Called on several threads at once, and a case's value must depend on the case alone.
    func value(of masks: CaseMasks) throws -> Double?
}

extension CaseMetric {
    public var unit: String? { nil }
}

/// Which end of a metric's scale is good.
public enum MetricDirection: String, Codable, Hashable, Sendable, CaseIterable {
    case higherIsBetter
    case lowerIsBetter
}

/// What a metric judges: one case's predicted and true mask in the original image's pixels.
public struct CaseMasks: Sendable {
    /// The predicted lesion.
    public let prediction: Mask
    /// The true lesion, of the same size.
    public let truth: Mask
    /// The size of a pixel, mm; `nil` where the data set does not give it.
    public let spacing: PixelSpacing?
    /// What the data set says of the case.
    public let record: SampleRecord
    /// What the study answers where a mask is empty.
    public let emptyMasks: EmptyMaskPolicy
    /// The counts of pixels.
    public let counts: ConfusionCounts
    private let source: CasePrediction

    /// The probability of lesion, row-major in the size of the masks; computed when asked for.
    public var probability: [Float] { source.nativeProbability }

    /// - Parameter threshold: the probability from which a pixel counts as lesion.
    ///
    /// Throws: ``SegmentationError`` if the model predicted no mask.
    public init(_ prediction: CasePrediction, threshold: Float, emptyMasks: EmptyMaskPolicy) throws {
        try Evaluator.requireMask(prediction)
        let mask = prediction.mask(threshold: threshold)
        let truth = prediction.lesion.mask
        self.prediction = mask
        self.truth = truth
        self.emptyMasks = emptyMasks
        record = prediction.record
        spacing = prediction.record.pixelSpacing
        counts = try ConfusionCounts(prediction: mask.pixels, reference: truth.pixels)
        source = prediction
    }
}

/// A metric under the name of its registration.
public struct NamedMetric: Sendable {
    /// The name in configurations, `cases.csv` and results.
    public var name: String
    public var metric: any CaseMetric

    public init(_ name: String, _ metric: any CaseMetric) {
        self.name = name
        self.metric = metric
    }
}

extension Evaluator {
    /// The values of metrics for many predictions by the metrics' names, on all workers, in their order. Values that do
    /// not apply to a case are left out.
    ///
    /// Throws: ``SegmentationError`` if the model predicted no mask; what a metric throws, with its name and the case.
    public func values(
        of metrics: [NamedMetric],
        _ predictions: [CasePrediction],
        threshold: Float = 0.5
    ) throws -> [[String: Double]] {
        try Self.concurrentMap(predictions) { prediction in
            let masks = try CaseMasks(prediction, threshold: threshold, emptyMasks: policy)
            var values: [String: Double] = [:]
            for named in metrics {
                do {
                    values[named.name] = try named.metric.value(of: masks)
                } catch let error as SegmentationError {
                    throw error.within(prediction.record.id)
                } catch {
                    throw SegmentationError(
                        prediction.record.id,
                        "the metric `\(named.name)` failed: \(error)",
                        cure: "leave the metric out under `metrics.extra`, or correct it"
                    )
                }
            }
            return values
        }
    }
}
