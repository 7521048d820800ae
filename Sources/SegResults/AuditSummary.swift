public import SegData

/// What the leakage audit of a study found. A study that leaks is not run, so this lists what was checked.
public struct AuditSummary: Codable, Hashable, Sendable {
    /// Images of all data sets, each compared with every other one.
    public var comparedImages: Int
    /// The correlation of thumbnails from which two images count as duplicates.
    public var duplicateCorrelation: Double
    /// Images of the source that are duplicates of one another and were kept on one side of the split.
    public var linkedImages: Int
    /// Pairs of duplicates within one part: they leak nothing, but count a case twice.
    public var duplicatesWithin: Int
    /// Duplicates with different labels, as sentences.
    public var contradictions: [String]
    /// Between which data sets patients were compared, and why not between others; `nil` in results of earlier versions.
    public var patients: [PatientComparison]?

    package init(_ audit: LeakageAudit, linkedImages: Int, threshold: Double) {
        comparedImages = audit.imageCount
        duplicateCorrelation = threshold
        self.linkedImages = linkedImages
        duplicatesWithin = audit.duplicatesWithin
        contradictions = audit.contradictions
        patients = audit.comparisons
    }

    public init(
        comparedImages: Int,
        duplicateCorrelation: Double,
        linkedImages: Int,
        duplicatesWithin: Int,
        contradictions: [String],
        patients: [PatientComparison]? = nil
    ) {
        self.comparedImages = comparedImages
        self.duplicateCorrelation = duplicateCorrelation
        self.linkedImages = linkedImages
        self.duplicatesWithin = duplicatesWithin
        self.contradictions = contradictions
        self.patients = patients
    }
}
