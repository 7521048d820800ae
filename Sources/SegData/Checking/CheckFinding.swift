/// Something that a check found in a data set.
public struct CheckFinding: Hashable, Sendable, Codable {
    /// How much a finding matters.
    public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
        /// Makes a data set unfit for a study.
        case error
        /// Something to look at before a study.
        case warning
        /// Something to know.
        case note
    }

    /// What was found.
    public var kind: Kind
    /// How much it matters.
    public var severity: Severity
    /// The images that it is about; empty where it is about the data set as a whole.
    public var records: [RecordReference]
    /// The file that it is about, where it is about one.
    public var file: String?
    /// What was found, in one sentence.
    public var message: String
    /// What to do about it, where that is more than ``Kind/cure`` says.
    public var cure: String?

    public init(
        _ kind: Kind,
        severity: Severity? = nil,
        records: [RecordReference] = [],
        file: String? = nil,
        message: String,
        cure: String? = nil
    ) {
        self.kind = kind
        self.severity = severity ?? kind.severity
        self.records = records
        self.file = file
        self.message = message
        self.cure = cure
    }
}
