public import Foundation
public import SegCache
public import SegConfiguration
import SegCore
import SegData
import SegImageIO
public import SegResults
import SegScoring
public import SegSettings
import SegTraining

/// A trained model tested on a data set.
public struct ModelEvaluation {
    /// The rows, in the order of the data set.
    public var cases: [CaseResult]
    /// The summary.
    public var summary: EvaluationSummary
    /// The conventions by which the cases were scored.
    public var metrics: MetricSettings
    /// What the cases were judged by, in the order of the columns.
    public var descriptions: [MetricDescription]
    /// What logits of malignancy were divided by; `nil` where that could not be fitted.
    public var temperature: Double?

    private static let batchSize = 8

    /// Reads the data set, predicts and scores with the thresholds in the model file.
    public init(
        _ trained: TrainedModel,
        on configuration: DatasetConfiguration,
        registry: PluginRegistry,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        metrics: MetricSettings,
        cache: TensorCache? = nil,
        observer: any StudyObserver = SilentStudyObserver(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        let opened = try configuration.open(registry, environment: environment)
        let description = trained.description
        let title = "Reading \(opened.name) at \(description.imageSize) px"
        let store = try SampleStore.prepare(
            adapter: opened.adapter,
            records: opened.records,
            size: description.imageSize,
            colors: description.hasColors,
            decoder: StandardImageDecoder(),
            cache: cache
        ) { done, total in
            observer.stage(title, done: done, total: total)
            if isCancelled() { throw TrainingCancelled() }
        }
        cache?.tell(observer, since: nil)
        let judged = try metrics.makeMetrics(
            registry,
            labels: [MetricCase.defaultLabel] + (trained.model.labelHead?.labels.further ?? [])
        )
        let descriptions = judged.map { MetricDescription($0) }
        let evaluation = try CaseEvaluation(
            trained.model,
            samples: store.samples,
            arm: description.arm,
            seed: description.seed,
            dataset: opened.name,
            threshold: description.segmentationThreshold,
            temperature: description.malignancyTemperature,
            metrics: judged,
            emptyMasks: metrics.emptyMasks,
            batchSize: Self.batchSize,
            isCancelled: isCancelled
        )
        let record = TrainingRecord(
            arm: description.arm,
            seed: description.seed,
            epochs: [],
            segmentationThreshold: Double(description.segmentationThreshold),
            malignancyThreshold: description.malignancyThreshold,
            malignancyTemperature: description.malignancyTemperature
        )
        let statistics = StudyStatistics(
            [(record, evaluation.rows, [opened.name: evaluation.emptyCases])],
            seeds: [description.seed],
            resamples: metrics.bootstrapResamples,
            metrics: descriptions
        )
        guard let summary = try statistics.summary(description.arm, opened.name, seed: description.seed) else {
            preconditionFailure("a data set that was opened has images")
        }
        cases = evaluation.rows
        self.summary = summary
        self.metrics = metrics
        self.descriptions = descriptions
        temperature = description.malignancyTemperature
    }
}
