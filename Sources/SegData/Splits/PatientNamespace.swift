import SegCore

/// Whose patients a data set's names are of: whether `P1` here may be `P1` there.
public enum PatientNamespace: Hashable, Sendable {
    /// Nothing says it: the same name in two such data sets is taken for the same patient, until something does.
    case unknown
    /// The names are shared by all data sets that say so.
    case shared
    /// The names are of this data set alone: its `P1` is nobody else's.
    case own
    /// The names are shared by all data sets of this namespace, such as those of one hospital.
    case named(String)

    /// Whether a name in both is the same patient.
    func isCommon(with other: PatientNamespace) -> Bool {
        switch (self, other) {
        case (.own, _), (_, .own): false
        case (.named(let name), .named(let otherName)): name == otherName
        case (.named, .shared), (.shared, .named): false
        case (.unknown, _), (_, .unknown), (.shared, .shared): true
        }
    }
}

/// Whether the patients of two data sets were compared, or why they could not be.
public struct PatientComparison: Hashable, Sendable, Codable {
    /// The names of the data sets.
    public var first: String
    public var second: String
    /// Why their patients were not compared; `nil` if they were.
    public var reason: String?

    /// `the patients of A and B were compared by name`, or why they were not.
    public var sentence: String {
        reason.map { "the patients of \(first) and \(second) were not compared: \($0)" }
            ?? "the patients of \(first) and \(second) were compared by name"
    }
}

extension LeakageAudit.Part {
    /// Whether any record names its patient.
    var namesPatients: Bool { records.contains { $0.clinical.patient != nil } }

    /// Whether two parts are of one data set, under whatever names.
    func isOfSameDataset(as other: Self) -> Bool {
        if name == other.name { return true }
        // Two copies of a published set, each of whose patients are its own: the same people.
        return dataset == other.dataset && patients == .own && other.patients == .own && isPublished
            && other.isPublished
    }

    /// Why the patients of two parts cannot be compared; `nil` if they can.
    func obstacle(to other: Self) -> String? {
        if isOfSameDataset(as: other) {
            return namesPatients || name == other.name ? nil : "neither names patients"
        }
        for part in [self, other] where !part.namesPatients { return "\(part.name) names no patients" }
        if patients.isCommon(with: other.patients) { return nil }
        for part in [self, other] where part.patients == .own { return "\(part.name) has patients of its own" }
        return "they are of different namespaces"
    }
}
