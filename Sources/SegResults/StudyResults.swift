/// Everything that a study found and everything needed to trace it: the content of `results.json`.
///
/// The runner fills the numbers; nothing in this value is computed from another part of it. Two runs of the same
/// study on the same machine differ in ``timing`` alone.
///
/// - Edge cases: a number that does not exist (the AUROC of an arm without a classifier) is `nil` and absent from the
///   file. A number that exists but is undefined is NaN and written as the string `"nan"`.
public struct StudyResults: Codable, Hashable, Sendable {
    /// The version of this schema; it grows when a key changes its meaning or disappears.
    public static let currentSchemaVersion = 3

    /// The schema the value was written in.
    public var schemaVersion: Int
    /// The study's short name, as in its file: `breast-to-busi`.
    public var study: String
    /// What the study asks, in a sentence or two; shown under the title of the report.
    public var question: String?
    /// The version of the package that ran it.
    public var packageVersion: String
    /// The version of the trainings; it grows when the same training comes to other weights. `nil` in results of earlier versions.
    public var trainingVersion: Int?
    /// The commit that the program was built from; `nil` where nothing says.
    public var commit: String?
    /// Dates and durations: the only part in which equal runs differ.
    public var timing: StudyTiming
    /// What it ran on.
    public var machine: MachineDescription
    /// The random seeds; every arm was trained once with each, in each fold.
    public var seeds: [UInt64]
    /// Folds of the cross-validation; `nil` where the source has one division.
    public var folds: Int?
    /// Files of settings that the study and its arms include; `nil` where there are none.
    public var includes: [IncludedFile]?
    /// Which arm the study chooses, and by what; `nil` where it chooses none.
    public var choice: StudyChoice?
    /// The arms, in the order in which they are shown.
    public var arms: [ArmDescription]
    /// The name of the arm that the others are compared with; `nil` where nothing is compared.
    public var referenceArm: String?
    /// The data sets, in the order in which they are shown.
    public var datasets: [DatasetDescription]
    /// External sets that the study names and went without; `nil` if there are none.
    public var skippedDatasets: [SkippedDataset]?
    /// What was fixed before the external sets were evaluated first, and what was not; `nil` without external sets.
    public var externalEvaluation: ExternalEvaluation?
    /// How the source data were divided.
    public var split: SplitSummary
    /// What the leakage audit looked at; `nil` in results of versions that made none.
    public var audit: AuditSummary?
    /// One training per arm, fold and seed.
    public var trainings: [TrainingRecord]
    /// One summary per arm, seed and evaluated data set; with several seeds also one over all of them.
    public var summaries: [EvaluationSummary]
    /// Arms against the reference arm, one per data set and metric.
    public var comparisons: [ArmComparison]
    /// The leading metric by pathology, lesion size and BI-RADS category; `nil` where no set has two kinds of any.
    public var subgroups: [SubgroupSummary]?
    /// Figures over all external sets together; `nil` where fewer than two were tested on.
    public var pooled: [PooledEstimate]?
    /// What arms reach on the cases that they are most certain of; `nil` in results of earlier versions.
    public var selection: [SelectiveSummary]?
    /// How predicted malignancy and the malignancy prior agree, per arm, seed and data set; `nil` where no arm has both.
    public var agreements: [PriorAgreement]?
    /// What heads predict in addition to mask and malignancy, against the truth, per arm and data set; `nil` where heads predict nothing else.
    public var predictions: [PredictionSummary]?
    /// Pictures of the maps that heads report of the images in the gallery; `nil` where there are none.
    public var maps: [MapPicture]?
    /// The metrics in addition to those of every study, in the order of their columns; `nil` where there are none.
    public var metrics: [MetricDescription]?
    /// How the tasks' gradients agreed in the last half of each training; `nil` where that was not measured.
    public var interference: InterferenceSummary?
    /// The morphological features that the malignancy prior was built from.
    public var features: [FeatureStatistics]
    /// The conventions behind the numbers.
    public var methods: MethodDescription
    /// Notes for the reader, in addition to the numbers.
    public var notes: [StudyNote]
    /// The configuration as resolved, YAML.
    public var configuration: String

    public init(
        study: String,
        question: String? = nil,
        packageVersion: String,
        trainingVersion: Int? = nil,
        commit: String? = nil,
        timing: StudyTiming,
        machine: MachineDescription,
        seeds: [UInt64],
        folds: Int? = nil,
        includes: [IncludedFile]? = nil,
        choice: StudyChoice? = nil,
        arms: [ArmDescription],
        referenceArm: String? = nil,
        datasets: [DatasetDescription],
        skippedDatasets: [SkippedDataset]? = nil,
        externalEvaluation: ExternalEvaluation? = nil,
        split: SplitSummary,
        audit: AuditSummary? = nil,
        trainings: [TrainingRecord] = [],
        summaries: [EvaluationSummary] = [],
        comparisons: [ArmComparison] = [],
        subgroups: [SubgroupSummary]? = nil,
        pooled: [PooledEstimate]? = nil,
        selection: [SelectiveSummary]? = nil,
        agreements: [PriorAgreement]? = nil,
        predictions: [PredictionSummary]? = nil,
        maps: [MapPicture]? = nil,
        metrics: [MetricDescription]? = nil,
        interference: InterferenceSummary? = nil,
        features: [FeatureStatistics] = [],
        methods: MethodDescription,
        notes: [StudyNote] = [],
        configuration: String
    ) {
        self.schemaVersion = Self.currentSchemaVersion
        self.study = study
        self.question = question
        self.packageVersion = packageVersion
        self.trainingVersion = trainingVersion
        self.commit = commit
        self.timing = timing
        self.machine = machine
        self.seeds = seeds
        self.folds = folds
        self.includes = includes
        self.choice = choice
        self.arms = arms
        self.referenceArm = referenceArm
        self.datasets = datasets
        self.skippedDatasets = skippedDatasets
        self.externalEvaluation = externalEvaluation
        self.split = split
        self.audit = audit
        self.trainings = trainings
        self.summaries = summaries
        self.comparisons = comparisons
        self.subgroups = subgroups
        self.pooled = pooled
        self.selection = selection
        self.agreements = agreements
        self.predictions = predictions
        self.maps = maps
        self.metrics = metrics
        self.interference = interference
        self.features = features
        self.methods = methods
        self.notes = notes
        self.configuration = configuration
    }
}

/// One way of training that the study compares with others.
public struct ArmDescription: Codable, Hashable, Sendable {
    /// The name by which results refer to the arm: `multi-task`.
    public var name: String
    /// The name that readers see: `Multi-task baseline`.
    public var title: String
    /// Parameters of the model, numbers of all its parts together; `nil` in results of before they were counted.
    public var parameters: Int?
    /// The arm's settings as resolved, as text.
    public var settings: String
    /// The arm whose trained models it uses in another way, as `inference` says; `nil` of an arm that was trained.
    public var derivedFrom: String?

    public init(name: String, title: String, settings: String, derivedFrom: String? = nil) {
        self.name = name
        self.title = title
        self.settings = settings
        self.derivedFrom = derivedFrom
    }
}

/// A note for the reader, in addition to the numbers.
public struct StudyNote: Codable, Hashable, Sendable {
    /// How much attention a note asks for.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Good to know.
        case remark
        /// Weakens a conclusion; shown before the results.
        case warning
    }

    /// How much attention it asks for.
    public var kind: Kind
    /// One or two sentences.
    public var text: String

    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

extension StudyResults {
    /// Looks up an arm by its name.
    public func arm(named name: String) -> ArmDescription? { arms.first { $0.name == name } }

    /// The arms that were trained; the others use the models of these in another way.
    public var trainedArms: [ArmDescription] { arms.filter { $0.derivedFrom == nil } }

    /// Looks up a data set by its name.
    public func dataset(named name: String) -> DatasetDescription? { datasets.first { $0.name == name } }

    /// The summary to show for an arm on a data set: over all seeds, or that of the only seed.
    ///
    /// - Edge cases: with several seeds and no summary over all of them, that of the first seed of ``seeds``.
    public func summary(arm: String, dataset: String) -> EvaluationSummary? {
        let candidates = summaries.filter { $0.arm == arm && $0.dataset == dataset }
        if let overall = candidates.first(where: { $0.seed == nil }) { return overall }
        for seed in seeds {
            if let single = candidates.first(where: { $0.seed == seed }) { return single }
        }
        return candidates.first
    }

    /// All metrics of cases in the order of their columns: those of every study, then ``metrics``.
    public var allMetrics: [MetricDescription] { MetricDescription.standard + (metrics ?? []) }

    /// Whether arms are compared across seeds: then that p leads, and the one of the trained models stands beside it.
    package var comparesSeeds: Bool { comparisons.contains { $0.acrossSeeds != nil } }

    /// Whether mean differences have a test of their own beside that of ranks.
    package var testsMeans: Bool { comparisons.contains { $0.meanPValue != nil } }

    /// The comparison of an arm with the reference arm on a data set.
    public func comparison(arm: String, dataset: String, metric: ComparedMetric = .dice) -> ArmComparison? {
        comparisons.first { $0.arm == arm && $0.dataset == dataset && $0.metric == metric }
    }
}
