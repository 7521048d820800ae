import Foundation
import SegCache
import SegCore

extension RecordInspection {
    /// Raised with every change of what an inspection finds in the same files, and of ``tensorRecord(of:)``.
    static let version = 2

    private static let part = "inspection"

    /// What is stored: without the record and its paths, which the reader has.
    private struct Stored: Codable {
        struct Finding: Codable {
            var kind: CheckFinding.Kind
            var severity: CheckFinding.Severity
            var message: String
            var cure: String?
            /// Which of the record's files it is about, or a path of another one.
            var file: Int?
            var path: String?
        }

        var facts: SampleFacts?
        var findings: [Finding]
    }

    private static func files(of record: SampleRecord) -> [String] {
        ([record.imageFile] + record.maskFiles + record.emptyMaskFiles).map(\.path)
    }

    /// The inspection as the cache stores it; `nil` if it cannot be written.
    func tensorRecord(of record: SampleRecord) -> TensorRecord? {
        let files = Self.files(of: record)
        let stored = Stored(
            facts: facts,
            findings: findings.map { finding in
                let file = finding.file.flatMap { files.firstIndex(of: $0) }
                return Stored.Finding(
                    kind: finding.kind,
                    severity: finding.severity,
                    message: finding.message,
                    cure: finding.cure,
                    file: file,
                    path: file == nil ? finding.file : nil
                )
            }
        )
        guard let bytes = try? [UInt8](JSONEncoder().encode(stored)) else { return nil }
        return TensorRecord([StoredTensor(Self.part, bytes, shape: [bytes.count], filter: StoredTensor.Filter.none)])
    }

    /// The inspection of a stored record; `nil` if that is not one.
    init?(_ stored: TensorRecord, record: SampleRecord, name: String) {
        guard let bytes = stored[Self.part]?.values(as: UInt8.self),
            let content = try? JSONDecoder().decode(Stored.self, from: Data(bytes))
        else { return nil }
        let files = Self.files(of: record)
        let reference = RecordReference(dataset: name, id: record.id)
        self.init(
            findings: content.findings.map { finding in
                CheckFinding(
                    finding.kind,
                    severity: finding.severity,
                    records: [reference],
                    file: finding.path ?? finding.file.flatMap { files.indices.contains($0) ? files[$0] : nil },
                    message: finding.message,
                    cure: finding.cure
                )
            },
            facts: content.facts
        )
    }
}
