public import Foundation
public import SegCore
import SegFiles

/// Splits of a data set as a file that a paper can publish and others can use.
///
/// JSON: the records with their groups, so that the file can be checked without the images, and for every part the ids
/// of its validation and test records; all others train.
///
/// ```json
/// {"format": "segmentation-kit/split", "version": 1, "dataset": "BrEaST",
///  "method": "5 folds by patient and duplicate, stratified by pathology, seed 1",
///  "records": [{"id": "case001", "group": "case 1", "pathology": "benign"}, …],
///  "parts": [{"name": "fold 1", "validation": ["case004", …], "test": []}, …]}
/// ```
public struct SplitFile: Hashable, Sendable, Codable {
    /// A record as the file lists it.
    public struct Record: Hashable, Sendable, Codable {
        public var id: String
        /// The patient, or the case where patients are unknown, joined with those of its duplicates' patients.
        public var group: String
        public var pathology: Pathology?
    }

    /// One split.
    public struct Part: Hashable, Sendable, Codable {
        /// The name by which a study chooses it: `fold 1`.
        public var name: String
        /// Ids of the validation records.
        public var validation: [String]
        /// Ids of the test records; empty where all testing is on other data sets.
        public var test: [String]
    }

    /// What the file is: always ``currentFormat``.
    public var format: String
    /// The version of the format.
    public var version: Int
    /// The data set's name.
    public var dataset: String
    /// How the splits were made, in a sentence.
    public var method: String
    /// All records that the splits divide.
    public var records: [Record]
    /// The splits.
    public var parts: [Part]

    /// The value of ``format``.
    public static let currentFormat = "segmentation-kit/split"
    /// The version that this program writes.
    public static let currentVersion = 1

    /// Splits of `records`, each under a name.
    public init(dataset: String, method: String, records: [SampleRecord], parts: [(name: String, split: Split)]) {
        format = Self.currentFormat
        version = Self.currentVersion
        self.dataset = dataset
        self.method = method
        self.records = records.map { Record(id: $0.id, group: $0.group, pathology: $0.pathology) }
        self.parts = parts.map { Part(name: $0.name, validation: $0.split.validationIDs, test: $0.split.testIDs) }
    }

    /// Reads a file.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, no split file, of a newer version, or
    ///   contradicts itself.
    public init(contentsOf file: URL) throws {
        let data = try FileReading.contents(of: file)
        do {
            self = try JSONDecoder().decode(SplitFile.self, from: data)
        } catch {
            throw SegmentationError(
                file.path,
                "this is not a split file" + ((error as? DecodingError).map { ": \(Self.place(of: $0))" } ?? ""),
                cure: "make one with `segkit data split`, or restore the published one"
            )
        }
        guard format == Self.currentFormat, (1...Self.currentVersion).contains(version) else {
            throw SegmentationError(
                file.path,
                "its format is \(format), version \(version), and this program reads \(Self.currentFormat) up to version "
                    + "\(Self.currentVersion)",
                cure: "use a newer version of the program"
            )
        }
        try validate(file)
    }

    /// Writes the file, whole or not at all. The same splits give the same bytes.
    public func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self) + Data("\n".utf8), to: file, durably: true)
    }

    /// The split of a part for the records of the data set as it is now.
    ///
    /// - Parameters:
    ///   - name: the part; may be `nil` if there is one only.
    ///   - file: what errors are about.
    ///   - left: ids of records that a study leaves out on purpose, such as normal images.
    ///
    /// - Throws: ``SegmentationError`` if there is no such part, or if the file and the data set do not have the same
    ///   records.
    public func split(
        part name: String?,
        of records: [SampleRecord],
        leftOut left: Set<String> = [],
        file: String
    ) throws -> Split {
        guard let part = name == nil && parts.count == 1 ? parts.first : parts.first(where: { $0.name == name }) else {
            throw SegmentationError(
                file,
                name.map { "it has no part `\($0)`" } ?? "it has \(parts.count) parts, and none is chosen",
                cure: "choose one of \(parts.prefix(12).map { "`\($0.name)`" }.joined(separator: ", "))"
            )
        }
        let present = Set(records.map(\.id))
        let known = Set(self.records.map(\.id))
        if let missing = self.records.first(where: { !present.contains($0.id) && !left.contains($0.id) }) {
            throw SegmentationError(
                file,
                "it divides \(missing.id), which the data set does not have",
                cure: "use the data set that the file was made for (\(dataset)), or make a split of this one"
            )
        }
        if let new = records.first(where: { !known.contains($0.id) }) {
            throw SegmentationError(
                file,
                "the data set has \(new.id), which the file does not divide",
                cure: "use the data set that the file was made for (\(dataset)), or make a split of this one"
            )
        }
        return try Split(records, validation: part.validation, test: part.test, subject: file)
    }

    /// What is wrong, and where.
    private static func place(of error: DecodingError) -> String {
        func name(_ path: [any CodingKey]) -> String {
            path.reduce("") { text, key in
                if let index = key.intValue { return "\(text)[\(index)]" }
                return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
            }
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(name(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return context.codingPath.isEmpty ? "it is not an object" : "\(name(context.codingPath)) is of another kind"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : "\(name(context.codingPath)) has a value that is not allowed"
        @unknown default: return "it cannot be understood"
        }
    }

    private func validate(_ file: URL) throws {
        func contradiction(_ text: String) -> SegmentationError {
            SegmentationError(file.path, text, cure: "restore the published file, or make it again")
        }
        let known = Set(records.map(\.id))
        guard known.count == records.count else { throw contradiction("it lists a record twice") }
        guard Set(parts.map(\.name)).count == parts.count else { throw contradiction("two parts have one name") }
        for part in parts {
            let named = part.validation + part.test
            if let unknown = named.first(where: { !known.contains($0) }) {
                throw contradiction("its part `\(part.name)` names \(unknown), which is not among its records")
            }
            guard Set(named).count == named.count else {
                throw contradiction("its part `\(part.name)` names a record twice")
            }
        }
    }
}

extension Split {
    /// The split that validates and tests on the records of those ids; ids that are not among the records are passed
    /// over. All others train.
    ///
    /// - Throws: ``SegmentationError`` about `subject` if no record is left to train or to validate.
    public init(
        _ records: [SampleRecord],
        validation: [String],
        test: [String] = [],
        subject: String
    ) throws {
        let (validationIDs, testIDs) = (Set(validation), Set(test))
        self.init(
            records: records,
            validation: Set(records.indices.filter { validationIDs.contains(records[$0].id) }),
            test: Set(records.indices.filter { testIDs.contains(records[$0].id) })
        )
        guard !train.isEmpty, !self.validation.isEmpty else {
            throw SegmentationError(
                subject,
                "it leaves no record to \(train.isEmpty ? "train on" : "validate on")",
                cure: "choose another part, or keep more records"
            )
        }
    }
}
