public import Foundation
public import SegCache
public import SegCore
import SegData
import SegImageIO
import SegTraining

/// A trained model tested on a data set.
public struct ModelEvaluation {
    /// The rows, in the order of the data set.
    public var cases: [CaseResult]
    /// The summary.
    public var summary: EvaluationSummary

    private static let batchSize = 8

    /// Reads the data set, predicts and scores with the thresholds in the model file.
    public init(
        _ trained: TrainedModel,
        on configuration: DatasetConfiguration,
        registry: PluginRegistry,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        rule: EmptyMaskRule,
        resamples: Int = 10_000,
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
            decoder: StandardImageDecoder(),
            cache: cache
        ) { done, total in
            observer.stage(title, done: done, total: total)
            if isCancelled() { throw TrainingCancelled() }
        }
        cache?.tell(observer, since: nil)
        let evaluation = try CaseEvaluation(
            trained.model,
            samples: store.samples,
            arm: description.arm,
            seed: description.seed,
            dataset: opened.name,
            threshold: description.segmentationThreshold,
            rule: rule,
            batchSize: Self.batchSize,
            isCancelled: isCancelled
        )
        let record = TrainingRecord(
            arm: description.arm,
            seed: description.seed,
            epochs: [],
            segmentationThreshold: Double(description.segmentationThreshold),
            malignancyThreshold: description.malignancyThreshold
        )
        var cell = StudyCell(
            TrainedCell(
                fingerprint: "",
                packageVersion: segmentationKitVersion,
                training: record,
                seconds: 0,
                model: ""
            ),
            fingerprint: ""
        )
        cell.cases = evaluation.rows
        cell.emptyCases = [opened.name: evaluation.emptyCases]
        let statistics = StudyStatistics([cell], seeds: [description.seed], resamples: resamples)
        guard let summary = try statistics.summary(description.arm, opened.name, seed: description.seed) else {
            preconditionFailure("a data set that was opened has images")
        }
        cases = evaluation.rows
        self.summary = summary
    }

    /// The content of `cases.csv`.
    public var csv: String {
        CaseTable(cases, arms: [summary.arm], datasets: [summary.dataset], features: []).csv()
    }

    /// The summary as an aligned table for a terminal.
    public var table: String {
        func row(_ name: String, _ value: String) -> String {
            "  \(name)\(String(repeating: " ", count: max(1, 14 - name.count)))\(value)\n"
        }
        func metric(_ metric: MetricSummary) -> String {
            NumberFormat.meanAndDeviation(metric.mean, metric.standardDeviation) + ", median "
                + NumberFormat.fixed(metric.median) + ", 95 % CI " + NumberFormat.interval(metric.interval)
                + ", n = \(metric.count)"
        }
        var text = "\(summary.arm) on \(summary.dataset): \(NumberFormat.count(summary.cases)) images\n"
        text += row("Dice", metric(summary.dice)) + row("IoU", metric(summary.iou))
        text += row("empty masks", "\(summary.emptyCases)")
        guard let malignancy = summary.malignancy else { return text }
        text += row(
            "AUROC",
            NumberFormat.fixed(malignancy.auroc) + ", 95 % CI " + NumberFormat.interval(malignancy.aurocInterval)
                + ", \(malignancy.malignant) of \(malignancy.cases) malignant"
        )
        text += row("sensitivity", NumberFormat.fixed(malignancy.sensitivity))
        text += row("specificity", NumberFormat.fixed(malignancy.specificity))
        return text
    }
}
