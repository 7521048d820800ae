import SegCore
package import SegSettings
public import SegTraining

/// A study described as data: arms × folds × seeds, trained on one data set and tested on others.
///
/// Read from a YAML file, every default filled in. ``yaml`` writes it out again; that file reads back as the same
/// value.
public struct StudyConfiguration: Sendable {
    /// The short name: `breast-to-busi`.
    public var study: String
    /// What the study asks, in a sentence or two.
    public var question: String?
    /// Every arm is trained once with each.
    public var seeds: [UInt64]
    /// The folder for everything that the study writes, as written.
    public var output: String
    /// What the arms are trained and validated on.
    public var train: TrainingSource
    /// What the arms are tested on, without fine-tuning.
    public var test: [DatasetConfiguration]
    /// Conventions of the metrics.
    public var metrics: MetricSettings
    /// The arm that the others are compared with; `nil` if there is one arm only.
    public var reference: String?
    /// The arms: those that the file lists, then those that its ablations make.
    public var arms: [ArmConfiguration]
    /// The files of settings that the study and its arms include.
    public internal(set) var includes: [IncludedSettings] = []
    /// How one of the arms is chosen; `nil` where none is.
    public var choice: ChoiceConfiguration?
    /// What the study says of its models to those who will use them; `nil` where it says nothing.
    public var card: CardConfiguration?
    /// Whether texts in `cases.csv` that a spreadsheet would take for a formula, number or date begin with an apostrophe.
    public var isSpreadsheetSafe = false
    /// The most bytes of prepared images that stay in memory; `nil` where the study leaves it to the machine. Results do not
    /// depend on it.
    public var preparedMemory: Int?
    /// What the arms that may be chosen are beside the study's `model` and `training`, by name.
    package var differences: [String: ConfigurationValue] = [:]
    /// What a reader of the file should know of how it was understood, such as ablations that are arms already.
    public internal(set) var remarks: [String]

    /// The source data set and how it is divided.
    public struct TrainingSource: Hashable, Sendable {
        /// The data set.
        public var dataset: DatasetConfiguration
        /// How it is divided, the same way for every arm and seed.
        public var split: SplitConfiguration
        /// What a model sees of an image: 1 for its gray, 3 for red, green and blue.
        public var channels = 1
    }

    /// One way of training.
    public struct ArmConfiguration: Sendable {
        /// The short name: `multi-task`.
        public var name: String
        /// The name that readers see.
        public var title: String
        /// The model.
        public var model: ModelConfiguration
        /// The training.
        public var training: TrainingSettings
        /// How its models are used in addition to each by itself; `nil` if not stated.
        public var inference: InferenceConfiguration?
        /// Its path in the configuration, for messages.
        package var path: String
        /// ``training`` as values.
        var trainingValue: ConfigurationValue

        /// The arm's settings as YAML.
        public var yaml: String {
            get throws {
                var members: ConfigurationMembers = ["model": model.resolved, "training": trainingValue]
                members[InferenceConfiguration.key] = inference?.resolved
                return try ConfigurationValue.table(members).yaml()
            }
        }
    }

    /// The arm of a name. Throws ``SegmentationError`` naming the arms there are.
    public func arm(named name: String) throws -> ArmConfiguration {
        if let arm = arms.first(where: { $0.name == name }) { return arm }
        throw SegmentationError.unknown("arm", called: name, at: study, among: arms.map(\.name))
    }
}

extension StudyConfiguration {
    /// The configuration as resolved, in the order of ``yaml``.
    var resolved: ConfigurationValue {
        var source = train.dataset.resolved.merging(train.split.resolved) { $1 }
        if train.channels != 1 { source["channels"] = .integer(train.channels) }
        var members: ConfigurationMembers = ["study": .text(study)]
        members["question"] = question.map(ConfigurationValue.text)
        members["seeds"] = .list(seeds.map { .integer(Int($0)) })
        members["output"] = .text(output)
        members["train"] = .table(source)
        members["test"] = .list(test.map { .table($0.resolved) })
        members["metrics"] = metrics.resolved
        members["reference"] = reference.map(ConfigurationValue.text)
        members["arms"] = .list(
            arms.map { arm in
                var members: ConfigurationMembers = [
                    "name": .text(arm.name), "title": .text(arm.title), "model": arm.model.resolved,
                    "training": arm.trainingValue,
                ]
                members[InferenceConfiguration.key] = arm.inference?.resolved
                return ConfigurationValue.table(members)
            }
        )
        members["choice"] = choice?.resolved
        members[CardConfiguration.path] = card?.resolved
        if isSpreadsheetSafe { members[Self.spreadsheetKey] = .bool(true) }
        members[Self.memoryKey] = preparedMemory.map(ConfigurationValue.integer)
        return .table(members)
    }

    /// The resolved configuration as YAML: the content of `config.yaml`.
    public var yaml: String {
        get throws { try resolved.yaml(itemsOnLines: ["test", "metrics.extra", "arms"]) }
    }

    /// Everything that trainings and tests depend on: the configuration without the place of its output, the choice that is
    /// made of them, what is said of study, arms and models, how tables are written and how much memory is taken.
    package var identity: ConfigurationValue {
        var members = resolved.members ?? [:]
        for key in [
            "output", "question", ChoiceConfiguration.path, CardConfiguration.path, Self.spreadsheetKey, Self.memoryKey,
        ] {
            members[key] = nil
        }
        if case .list(let arms)? = members["arms"] {
            members["arms"] = .list(
                arms.map { arm in arm.members.map { .table($0.filter { $0.key != "title" }) } ?? arm }
            )
        }
        return .table(members)
    }
}
