import Foundation
import SegCache
public import SegConfiguration
import SegCore
import SegData
import SegImageIO
public import SegResults
import SegScoring
import SegSettings
import SegTraining

/// A trained model tested on a data set.
public struct ModelEvaluation {
    /// The rows, in the order of the data set.
    public var cases: [CaseResult]
    /// The summary.
    public var summary: EvaluationSummary
    /// The conventions by which the cases were scored.
    public var metrics: MetricSettings
    /// What the check of the data set found and did not stop at, a kind a value.
    public var findings: [DatasetDescription.Finding]
    /// What the cases were judged by, in the order of the columns.
    public var descriptions: [MetricDescription]
    /// What logits of malignancy were divided by; `nil` where that could not be fitted.
    public var temperature: Double?

    private static let batchSize = 8

    /// Reads the data set, asks of it what its check asks, predicts and scores with the thresholds in the model file.
    ///
    /// Images of a patient, and pictures that are there twice, count as one cluster in intervals.
    ///
    /// - Throws: ``SegmentationError`` for whatever is wrong with the data set, errors that are not allowed among it,
    ///   and for a picture size that takes more memory than there is; ``SegTraining/TrainingCancelled`` when stopped.
    public init(
        _ trained: TrainedModel,
        on configuration: DatasetConfiguration,
        metrics: MetricSettings,
        in context: RunContext = RunContext()
    ) throws {
        try self.init(TrainedEnsemble(trained), on: configuration, metrics: metrics, in: context)
    }

    /// The same of several models that are used as one, or of one in another way than as it is.
    public init(
        _ trained: TrainedEnsemble,
        on configuration: DatasetConfiguration,
        metrics: MetricSettings,
        in context: RunContext = RunContext()
    ) throws {
        let extra = try metrics.makeExtra(context.registry)
        try CaseTable.requireOwnColumns(extra) { "--metric \(extra[$0].name)" }
        let opened = try configuration.open(context.registry, environment: context.environment)
        let description = trained.description
        let title = "Reading \(opened.name) at \(description.imageSize) px"
        try trained.requireMemory(images: Self.batchSize)
        let memory = try context.preparedMemory()
        let contents = try DatasetContents(
            DatasetContents.Wanted(
                sizes: [description.imageSize],
                thumbnailsOf: opened.name,
                inspects: true,
                colors: description.hasColors,
                memory: memory
            ),
            of: opened.adapter,
            records: opened.records,
            decoder: StandardImageDecoder(),
            cache: context.cache
        ) { done, total in try context.stage(title, done: done, total: total) }
        context.cache?.tell(context.observer, since: nil)
        context.tell(streamed: contents.samples.values.joined(), within: memory)
        let known = context.cache?.report
        defer { context.cache?.tellRebuilt(context.observer, since: known) }
        let duplicates = DuplicateFinder().search(contents.thumbnails)
        let pairs = duplicates.pairs(of: opened.records)
        let held = HeldFindings(opened, inspections: contents.inspections, pairs: pairs, isSource: false)
        try held.requireNoErrors { kinds in "`\(kinds.map { "--allow \($0)" }.joined(separator: " "))`" }
        for warning in held.warnings { context.observer.message(warning) }
        let groups = opened.groups(joining: duplicates.clusters)
        let samples = (contents.samples[description.imageSize] ?? []).map { sample in
            var sample = sample
            sample.record.group = groups[sample.record.id] ?? sample.record.group
            return sample
        }
        let judged = try metrics.makeMetrics(
            context.registry,
            labels: [MetricCase.defaultLabel] + (trained.models[0].model.labelHead?.labels.further ?? [])
        )
        let descriptions = judged.map { MetricDescription($0) }
        let evaluation = try CaseEvaluation(
            of: samples,
            batchSize: Self.batchSize,
            predictedBy: {
                try trained.ensemble.predict(
                    $0,
                    threshold: description.segmentationThreshold,
                    batchSize: Self.batchSize,
                    isCancelled: context.isCancelled,
                    canvas: opened.canvas
                )
            },
            arm: description.arm,
            seed: description.seed,
            dataset: opened.name,
            threshold: description.segmentationThreshold,
            temperature: description.malignancyTemperature,
            metrics: judged,
            emptyMasks: metrics.emptyMasks
        )
        try CaseTable.requireOwnColumns(judged, beside: evaluation.rows) { "--metric \($0)" }
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
        findings = held.summaries
        self.descriptions = descriptions
        temperature = description.malignancyTemperature
    }
}
