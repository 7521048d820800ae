public import Foundation
public import SegCache
public import SegConfiguration
import SegCore
public import SegData
public import SegInference
public import SegResults
import SegScoring
public import SegSettings
import SegTraining

/// Runs a study: every arm with every fold and seed, trained on the source and tested on every external set.
///
/// All trainings and choices of thresholds come first; the external sets are evaluated once they have ended. Shares of a study,
/// by ``train(_:jobs:tests:)``, evaluate what they have trained themselves. What is
/// finished is kept in the output folder; the same study run again goes on where it was stopped.
public struct StudyRunner: Sendable {
    /// The study.
    public let study: StudyConfiguration
    /// Plugins, variables, cache, observer and when to stop.
    public let context: RunContext

    /// A study in a context. Its observer is the context's, by default one that shows nothing.
    public init(_ study: StudyConfiguration, in context: RunContext) {
        self.study = study
        self.context = context
    }

    /// A study in a context made of these.
    ///
    /// - Parameters:
    ///   - registry: the plugins that the study names.
    ///   - environment: the variables that folders may name.
    ///   - cache: where decoded samples are kept from run to run; none if `nil`. Results do not depend on it.
    ///   - observer: follows how the study goes. By default it is shown on standard error, as `segkit` does;
    ///     ``SilentStudyObserver`` shows nothing, and a ``StudyObserver`` of your own whatever you like.
    ///   - isCancelled: asked often; when true, the study saves what it has and throws ``SegTraining/TrainingCancelled``.
    public init(
        _ study: StudyConfiguration,
        registry: PluginRegistry = .standard,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        cache: TensorCache? = nil,
        observer: any StudyObserver = StageProgress(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        let context = RunContext(
            registry: registry,
            environment: environment,
            cache: cache,
            observer: observer,
            isCancelled: isCancelled
        )
        self.init(study, in: context)
    }

    func with(_ study: StudyConfiguration) -> StudyRunner { StudyRunner(study, in: context) }

    /// What a study leaves behind.
    public struct Outcome: Sendable {
        /// The results.
        public var results: StudyResults
        /// The rows of `cases.csv`.
        public var cases: [CaseResult]
        /// The output folder.
        public var folder: URL
        /// The report.
        public var report: URL
    }

    /// Checks everything that can be known to fail before any work: models, image sizes, data sets and their files,
    /// the output folder.
    ///
    /// - Throws: ``SegmentationError`` naming the key or file.
    public func validate() throws {
        let data = try check()
        _ = try outputFolder()
        data.tellGaps(context.observer)
    }

    /// The output folder, checked but not made.
    func outputFolder() throws -> OutputFolder {
        let url = try DatasetConfiguration.url(study.output, subject: "output", environment: context.environment)
        let folder = OutputFolder(url: url)
        try folder.check(for: study, registry: context.registry)
        return folder
    }

    /// - Parameters:
    ///   - readsExternals: whether the external sets are opened too; what of them is asked for is then left open.
    ///   - requiresMemory: whether the machine must have the memory that the arms take.
    func check(readsExternals: Bool = true, requiresMemory: Bool = true) throws -> StudyData {
        var memory: [LeastMemory] = []
        var produced: [Set<MetricInput>] = []
        var reported: [CaseTable.Reported] = []
        var models: [MultiTaskModel] = []
        for arm in study.arms {
            let probe = try probe(arm)
            produced.append(probe.produced)
            reported += probe.reported
            memory.append(probe.memory)
            models.append(probe.model)
        }
        try requireInference(produced, models)
        let data = try StudyData(study, readsExternals: readsExternals, in: context)
        data.classifies = produced.contains { $0.contains(.malignancy) }
        try requireMetrics(produced, data)
        data.labels = try requireLabels(models, data)
        let metrics = try study.metrics.makeMetrics(
            context.registry,
            labels: [MetricCase.defaultLabel] + data.labels
        )
        try CaseTable.requireOwnColumns(reported, metrics: metrics)
        for (arm, model) in zip(study.arms, models) {
            // A file of weights that is missing or does not fit is reported before the first training.
            try model.readPublishedWeights()
            let files = [try requireStart(of: arm, model, data)?.hash, model.publishedWeights?.hash].compactMap(\.self)
            data.startingFiles[arm.name] = files.isEmpty ? nil : files.joined(separator: " ")
        }
        guard requiresMemory else { return data }
        for (arm, memory) in zip(study.arms, memory) { try requireMemory(memory, of: arm, data: data) }
        return data
    }

    /// Reads the study's data sets, divides the source and looks for what is on both sides. Nothing is trained.
    ///
    /// - Throws: ``SegmentationError`` for whatever is wrong with a data set; ``SegTraining/TrainingCancelled`` when
    ///   stopped.
    public func audit() throws -> (audit: LeakageAudit, summary: AuditSummary) {
        let data = try StudyData(study, in: context)
        let sizes = Set(study.arms.map(\.training.imageSize))
        try data.prepare(sizes: sizes, in: context)
        guard let audit = data.leakage, let summary = data.audit else {
            preconditionFailure("data that were prepared were audited")
        }
        return (audit, summary)
    }
}
