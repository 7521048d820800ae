public import SegCore

/// A data set as the study used it.
public struct DatasetDescription: Codable, Hashable, Sendable {
    /// What a data set was used for.
    public enum Role: String, Codable, Hashable, Sendable, CaseIterable {
        /// Trained and validated on; evaluated on its validation part, which serves to choose epochs and thresholds.
        case source
        /// The part of the source that had no part in training or in any choice.
        case test
        /// Another data set, tested on only, without fine-tuning.
        case external
    }

    /// The name shown in reports and used in ``EvaluationSummary`` and ``CaseResult``.
    public var name: String
    /// What it was used for.
    public var role: Role
    /// Images in the data set.
    public var counts: PathologyCounts
    /// Images evaluated: of a source data set its validation part.
    public var evaluated: PathologyCounts
    /// A hash of the files that were read, so that another run can check that it saw the same data.
    public var fingerprint: String
    /// What the check of the data set found, a kind an entry; `nil` in results of earlier versions.
    public var findings: [Finding]?
    /// Who and what the evaluated images show; `nil` in results of earlier versions.
    public var population: Population?

    /// What a check found of one kind: the same as `segkit data check` does.
    public struct Finding: Codable, Hashable, Sendable {
        /// The kind by the check's name: `tiny-lesion`.
        public var kind: String
        /// `error`, where the study allows it, `warning` or `note`.
        public var severity: String
        /// How often.
        public var count: Int
        /// The first of them, with its image.
        public var example: String

        public init(kind: String, severity: String, count: Int, example: String) {
            self.kind = kind
            self.severity = severity
            self.count = count
            self.example = example
        }
    }

    public init(
        name: String,
        role: Role,
        counts: PathologyCounts,
        evaluated: PathologyCounts,
        fingerprint: String,
        findings: [Finding]? = nil,
        population: Population? = nil
    ) {
        self.name = name
        self.role = role
        self.counts = counts
        self.evaluated = evaluated
        self.fingerprint = fingerprint
        self.findings = findings
        self.population = population
    }
}

/// Images by what they show.
public struct PathologyCounts: Codable, Hashable, Sendable {
    /// Images without a lesion.
    public var normal: Int
    /// Images of benign lesions.
    public var benign: Int
    /// Images of malignant lesions.
    public var malignant: Int
    /// Images whose data set does not say.
    public var unknown: Int

    public init(normal: Int = 0, benign: Int = 0, malignant: Int = 0, unknown: Int = 0) {
        self.normal = normal
        self.benign = benign
        self.malignant = malignant
        self.unknown = unknown
    }

    /// Counts the pathologies of a sequence of images.
    public init(_ pathologies: some Sequence<Pathology?>) {
        self.init()
        for pathology in pathologies {
            switch pathology {
            case .normal: normal += 1
            case .benign: benign += 1
            case .malignant: malignant += 1
            case nil: unknown += 1
            }
        }
    }

    /// All images.
    public var total: Int { normal + benign + malignant + unknown }
}

/// How the source data were divided.
public struct SplitSummary: Codable, Hashable, Sendable {
    /// One part of the split.
    public struct Part: Codable, Hashable, Sendable {
        /// `training`, `validation`, `test`.
        public var name: String
        /// Its images.
        public var counts: PathologyCounts
        /// Its patients, or cases where patients are unknown.
        public var groups: Int

        public init(name: String, counts: PathologyCounts, groups: Int) {
            self.name = name
            self.counts = counts
            self.groups = groups
        }
    }

    /// How it was made, in a sentence: by group, stratified by what, with which seed.
    public var method: String
    /// The parts.
    public var parts: [Part]

    public init(method: String, parts: [Part]) {
        self.method = method
        self.parts = parts
    }
}
