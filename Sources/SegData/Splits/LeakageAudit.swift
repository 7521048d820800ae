public import SegCore

/// Whether what a model learns from and what it is judged on are apart: no patient and no image on both sides.
///
/// Between training and validation, and between either of them and the test part or an external set, it looks for
///
/// - a patient on both sides: by group within a data set, and by the patient's name across data sets whose names are of
///   the same people, as ``PatientNamespace`` says,
/// - a duplicate: two images that are the same or nearly so, as ``DuplicateFinder`` finds.
///
/// A leak makes a model look better than it is. Duplicates within one part are not a leak and are counted separately.
public struct LeakageAudit: Hashable, Sendable, Codable {
    /// One side of a comparison.
    public struct Part: Sendable {
        /// What the part is for.
        public enum Role: String, Hashable, Sendable, Codable {
            case training, validation, test, external
        }

        /// What the part is for.
        public var role: Role
        /// The name shown: `BrEaST`. Parts of one name are of one data set, and share no record.
        public var name: String
        /// The adapter's name, which decides whether two parts belong to one data set, regardless of their names.
        public var dataset: String
        /// Its records.
        public var records: [SampleRecord]
        /// The thumbnail of each record's image, in their order, under the part's name.
        public var thumbnails: [Thumbnail]
        /// Whose patients the records name.
        public var patients: PatientNamespace
        /// Whether ``dataset`` is the name of a published set, and not of a folder.
        public var isPublished: Bool

        /// Traps if the thumbnails are not those of the records.
        public init(
            role: Role,
            name: String,
            dataset: String,
            records: [SampleRecord],
            thumbnails: [Thumbnail],
            patients: PatientNamespace = .unknown,
            isPublished: Bool = false
        ) {
            precondition(
                thumbnails.map(\.record) == records.map { RecordReference(dataset: name, id: $0.id) },
                "every record has its thumbnail"
            )
            self.role = role
            self.name = name
            self.dataset = dataset
            self.records = records
            self.thumbnails = thumbnails
            self.patients = patients
            self.isPublished = isPublished
        }
    }

    /// An image of a part.
    public struct Place: Hashable, Sendable, Codable {
        public var role: Part.Role
        /// The part's name.
        public var dataset: String
        /// The record's id.
        public var id: String
        /// The record's patient or case.
        public var group: String
        public var pathology: Pathology?
    }

    /// Something that is on both sides.
    public struct Leak: Hashable, Sendable, Codable {
        public enum Kind: String, Hashable, Sendable, Codable {
            /// Two images of one patient.
            case patient
            /// Two images that are the same or nearly so.
            case duplicate
        }

        public var kind: Kind
        /// The image that the model learns from or is chosen on.
        public var first: Place
        /// The image that it is judged on.
        public var second: Place
        /// The correlation of the two thumbnails; `nil` for ``Kind/patient``.
        public var correlation: Double?

        /// `the patient 45 is in training (BUS-BRA bus_0045-l) and in validation (BUS-BRA bus_0045-r)`.
        public var sentence: String {
            let sides = [first, second].map { place in
                (place.role == .external ? "the external set" : place.role.rawValue) + " (\(place.dataset) \(place.id))"
            }
            switch kind {
            case .patient:
                let other = first.group == second.group ? "" : ", as \(second.group),"
                return "\(first.group) is in \(sides[0]) and\(other) in \(sides[1])"
            case .duplicate: return "one image is in \(sides[0]) and in \(sides[1])"
            }
        }
    }

    /// Everything that is on both sides, patients first, in the order of the parts.
    public let leaks: [Leak]
    /// Pairs of duplicates that lie within one part; of a cluster of many pictures so many as ``DuplicateSearch`` lists.
    public let duplicatesWithin: Int
    /// Those of them whose two images have different labels, as sentences.
    public let contradictions: [String]
    /// Images that were compared.
    public let imageCount: Int
    /// Which patients were compared: of the source's parts with one another, and with those of each external set.
    public let comparisons: [PatientComparison]

    /// Compares parts.
    public init(_ parts: [Part], finder: DuplicateFinder = DuplicateFinder()) {
        self.init(parts, search: finder.search(parts.flatMap(\.thumbnails)))
    }

    /// Compares parts whose duplicates were found before, among these records or more.
    public init(_ parts: [Part], search: DuplicateSearch) {
        var leaks: [Leak] = []
        var comparisons: [PatientComparison] = []
        for first in parts.indices {
            for second in parts.indices where second > first && Self.areApart(parts[first].role, parts[second].role) {
                let obstacle = parts[first].obstacle(to: parts[second])
                if obstacle == nil { leaks += Self.patients(parts[first], parts[second]) }
                let comparison = PatientComparison(
                    first: parts[first].name,
                    second: parts[second].name,
                    reason: obstacle
                )
                if parts[first].name != parts[second].name, !comparisons.contains(comparison) {
                    comparisons.append(comparison)
                }
            }
        }
        self.comparisons = comparisons
        var within = 0
        var contradictions: [String] = []
        var duplicates: [Leak] = []
        let owners = Dictionary(
            uniqueKeysWithValues: parts.indices.flatMap { part in
                parts[part].thumbnails.enumerated().map { ($1.record, (part: part, index: $0)) }
            }
        )
        let pairs = search.pairs { record in
            owners[record].map { "\($0.part) \(parts[$0.part].records[$0.index].pathology?.rawValue ?? "")" } ?? ""
        }
        for pair in pairs {
            guard let first = owners[pair.first], let second = owners[pair.second] else { continue }
            let places = [first, second].map { Self.place(parts[$0.part], $0.index) }
            if first.part == second.part {
                within += 1
                if let one = places[0].pathology, let other = places[1].pathology, one != other {
                    contradictions.append(
                        "\(places[0].dataset): \(places[0].id) and \(places[1].id) are one image, labeled "
                            + "\(one.rawValue) and \(other.rawValue)"
                    )
                }
            } else if Self.areApart(parts[first.part].role, parts[second.part].role) {
                duplicates.append(
                    Leak(kind: .duplicate, first: places[0], second: places[1], correlation: pair.correlation)
                )
            }
        }
        self.leaks = leaks + duplicates
        duplicatesWithin = within
        self.contradictions = contradictions
        imageCount = parts.reduce(0) { $0 + $1.thumbnails.count }
    }

    /// Several divisions of the same data sets as one: what leaks in any of them, once.
    ///
    /// Where nothing leaks, the text is that of the first. Traps if there is none.
    package init(joining audits: [LeakageAudit]) {
        func key(_ leak: Leak) -> [String] {
            [leak.kind.rawValue] + [leak.first, leak.second].flatMap { [$0.dataset, $0.id] }
        }
        var seen: Set<[String]> = []
        leaks = audits.flatMap(\.leaks).filter { seen.insert(key($0)).inserted }
        duplicatesWithin = audits[0].duplicatesWithin
        contradictions = audits[0].contradictions
        comparisons = audits[0].comparisons
        imageCount = audits[0].imageCount
    }

    /// - Throws: ``SegmentationError`` naming patients and images, if there is a leak.
    public func requireNone() throws {
        guard let first = leaks.first else { return }
        let more = leaks.dropFirst().prefix(2).map(\.sentence)
        let rest = leaks.count - 1 - more.count
        let sentences = ([first.sentence] + more).joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
        let second = first.second
        let isAcross = first.kind == .patient && first.first.dataset != second.dataset
        throw SegmentationError(
            "leakage audit",
            sentences,
            cure: isAcross
                ? "leave one of each pair out, as in `exclude: [\(second.id)]`, or, if these are other people of the same name, "
                    + "say so in the data set: `patients: own`; `segkit data audit` lists all"
                : second.role == .external
                    ? "leave one of each pair out, as in `exclude: [\(second.id)]`; `segkit data audit` lists all"
                    : "divide by patient and duplicate, with `validationFraction` or `folds`, or leave one of each pair out, as "
                        + "in `exclude: [\(second.id)]`; `segkit data audit` lists all"
        )
    }

    /// Whether one part must know nothing of the other. Two external sets may share what they like.
    private static func areApart(_ first: Part.Role, _ second: Part.Role) -> Bool {
        let learns = [first, second].contains { $0 == .training || $0 == .validation }
        return learns && first != second
    }

    private static func place(_ part: Part, _ index: Int) -> Place {
        let record = part.records[index]
        return Place(
            role: part.role,
            dataset: part.name,
            id: record.id,
            group: record.clinical.patient.map { "the patient \($0)" } ?? "the case \(record.group)",
            pathology: record.pathology
        )
    }

    /// One leak a patient: by group within a data set, where a case without a patient is one as well, else by name, of
    /// which case, blanks and zeros before numbers do not matter: two lists of one clinic seldom agree on them.
    private static func patients(_ first: Part, _ second: Part) -> [Leak] {
        let isOne = first.isOfSameDataset(as: second)
        func key(_ record: SampleRecord) -> String? {
            isOne ? record.group : record.clinical.patient.map(PatientName.plain)
        }
        let known = Dictionary(
            first.records.indices.compactMap { index in key(first.records[index]).map { ($0, index) } },
            uniquingKeysWith: { earlier, _ in earlier }
        )
        var seen: Set<String> = []
        return second.records.indices.compactMap { index in
            guard let patient = key(second.records[index]), let other = known[patient], seen.insert(patient).inserted
            else { return nil }
            return Leak(kind: .patient, first: place(first, other), second: place(second, index), correlation: nil)
        }
    }
}
