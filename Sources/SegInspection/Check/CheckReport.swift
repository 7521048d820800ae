import SegConfiguration
import SegCore
public import SegData
public import SegResults
import SegStudy

/// A data set's check as `check.json` has it.
public struct CheckReport: Hashable, Sendable, Codable {
    /// The data set.
    public struct Dataset: Hashable, Sendable, Codable {
        public var name: String
        /// Images by what they show.
        public var counts: PathologyCounts
        /// Different groups: patients, or cases where patients are unknown.
        public var groups: Int
        /// What the publication counts; left out if the adapter does not say.
        public var published: Published?
        /// Ids of images that the user left out of the check.
        public var excluded: [String]
    }

    /// What the publication counts.
    public struct Published: Hashable, Sendable, Codable {
        /// Images by pathology.
        public var images: [String: Int]
        public var patients: Int?

        init(_ counts: PublishedCounts) {
            images = Dictionary(counts.images.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { $1 })
            patients = counts.patients
        }
    }

    /// The least, the middle and the greatest of some values.
    public struct Range: Hashable, Sendable, Codable {
        public var least: Double
        public var median: Double
        public var greatest: Double

        /// `nil` without values.
        init?(_ values: [Double]) {
            let sorted = values.sorted()
            guard let first = sorted.first, let last = sorted.last else { return nil }
            (least, median, greatest) = (first, sorted[sorted.count / 2], last)
        }
    }

    /// The images that could be read.
    public struct Images: Hashable, Sendable, Codable {
        public var readable: Int
        /// Columns, px.
        public var width: Range?
        /// Rows, px.
        public var height: Range?
        /// Images by bits a pixel.
        public var bitDepths: [String: Int]
        /// Images whose pixel spacing is given.
        public var withPixelSpacing: Int
        /// Width of a pixel, mm.
        public var pixelSpacing: Range?
        /// Images with a lesion.
        public var withLesion: Int
        /// Share of the image that the lesion fills, of images with one.
        public var lesionShare: Range?
    }

    /// Duplicates within the data set and shared with others.
    public struct Duplicates: Hashable, Sendable, Codable {
        /// The thresholds of ``SegData/DuplicateFinder``.
        public var threshold: Double
        public var structureThreshold: Double
        public var pairs: [DuplicatePair]
        public var clusters: [[RecordReference]]
    }

    /// A data set with which the images were compared.
    public struct Compared: Hashable, Sendable, Codable {
        public var name: String
        public var images: Int
    }

    /// The layout of the report: raised when a key changes its meaning or goes away.
    public static let currentSchemaVersion = 1

    public var schemaVersion = CheckReport.currentSchemaVersion
    public var packageVersion: String
    public var dataset: Dataset
    /// Whether a study may use the data set: no error but of the allowed kinds.
    public var isFit: Bool
    /// Kinds of errors that the user accepts.
    public var allowed: [CheckFinding.Kind]
    public var images: Images
    /// Errors first, then warnings and notes; in the order of the kinds, then of the images.
    public var findings: [CheckFinding]
    public var duplicates: Duplicates
    /// Data sets with which the images were compared.
    public var compared: [Compared]
}

extension CheckReport {
    init(
        subject: DatasetCheck.Subject,
        records: [SampleRecord],
        images: [InspectedImage],
        findings: [CheckFinding],
        pairs: [DuplicatePair],
        compared: [Compared],
        check: DatasetCheck
    ) {
        packageVersion = segmentationKitVersion
        dataset = Dataset(
            name: subject.name,
            counts: PathologyCounts(records.map(\.pathology)),
            groups: Set(records.map(\.group)).count,
            published: subject.adapter.documented?.publishedCounts.map(Published.init),
            excluded: subject.exclude
        )
        self.findings = DatasetFindings.sorted(findings)
        let kinds = CheckFinding.Kind.allCases
        let allowed = kinds.filter { check.allowed.contains($0) && $0.canBeAllowed }
        isFit = findings.allSatisfy { $0.severity != .error || allowed.contains($0.kind) }
        self.allowed = allowed
        let facts = images.compactMap(\.inspection.facts)
        let spacings = records.compactMap { $0.pixelSpacing?.x }
        let shares = facts.map(\.lesionShare).filter { $0 > 0 }
        self.images = Images(
            readable: facts.count,
            width: Range(facts.map { Double($0.width) }),
            height: Range(facts.map { Double($0.height) }),
            bitDepths: Dictionary(facts.map { ("\($0.bitDepth)", 1) }, uniquingKeysWith: +),
            withPixelSpacing: spacings.count,
            pixelSpacing: Range(spacings),
            withLesion: shares.count,
            lesionShare: Range(shares)
        )
        duplicates = Duplicates(
            threshold: check.finder.threshold,
            structureThreshold: check.finder.structureThreshold,
            pairs: pairs,
            clusters: DuplicateClusters(pairs: pairs).clusters
        )
        self.compared = compared
    }

    /// Findings of a severity.
    public func findings(_ severity: CheckFinding.Severity) -> [CheckFinding] {
        findings.filter { $0.severity == severity }
    }
}
