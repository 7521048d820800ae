package import SegConfiguration
import SegCore
package import SegData
package import SegResults

/// What the check of a data set finds, as a study or an evaluation takes it: errors stop it, everything else is reported.
package struct HeldFindings {
    /// Worst first.
    package let findings: [CheckFinding]
    private let dataset: OpenedDataset

    /// - Parameter isSource: whether a study trains on it. A picture with two labels in a set that is tested on only
    ///   bounds what can be reached there, but teaches nothing wrong.
    package init(_ dataset: OpenedDataset, inspections: [RecordInspection], pairs: [DuplicatePair], isSource: Bool) {
        self.dataset = dataset
        let all = DatasetFindings.all(
            name: dataset.name,
            adapter: dataset.adapter,
            listed: dataset.listed,
            records: dataset.records,
            inspections: inspections,
            pairs: pairs
        )
        findings = DatasetFindings.sorted(
            all.map { finding in
                var finding = finding
                if !isSource, finding.kind == .duplicateAcrossClasses { finding.severity = .warning }
                return finding
            }
        )
    }

    /// - Parameter accepting: how the user accepts errors of those kinds.
    ///
    /// - Throws: ``SegmentationError`` naming the first error of each kind, and how to mend or accept it.
    package func requireNoErrors(
        accepting: (_ kinds: [String]) -> String = { "`allow: [\($0.joined(separator: ", "))]`" }
    ) throws {
        let errors = findings.filter { $0.severity == .error && !dataset.allowed.contains($0.kind) }
        guard let first = errors.first else { return }
        let kinds = CheckFinding.Kind.allCases.filter { kind in errors.contains { $0.kind == kind } }
        let sentences = kinds.prefix(3).compactMap { kind -> String? in
            let own = errors.filter { $0.kind == kind }
            guard let finding = own.first else { return nil }
            let place = finding.file.map { "\($0): " } ?? ""
            return "\(place)\(finding.message)" + (own.count > 1 ? " (and \(own.count - 1) more)" : "")
        }
        throw SegmentationError(
            "\(dataset.path): \(dataset.name)",
            sentences.joined(separator: "; ")
                + (kinds.count > 3 ? "; and errors of \(kinds.count - 3) more kinds" : ""),
            cure: "\(first.cure ?? first.kind.cure); or, if you know of it, accept it with "
                + "\(accepting(kinds.map(\.rawValue))); `segkit data check` lists all"
        )
    }

    /// A kind a line, for the console and the results; without notes there.
    package var summaries: [DatasetDescription.Finding] {
        CheckFinding.Severity.allCases.flatMap { severity in
            CheckFinding.Kind.allCases.compactMap { kind in
                let own = findings.filter { $0.kind == kind && $0.severity == severity }
                guard let first = own.first else { return nil }
                let example = first.records.count == 1 ? "\(first.records[0].id): \(first.message)" : first.message
                return DatasetDescription.Finding(
                    kind: kind.rawValue,
                    severity: severity.rawValue,
                    count: own.count,
                    example: example
                )
            }
        }
    }

    /// What a reader of the console should know.
    package var warnings: [String] {
        summaries.filter { $0.severity != CheckFinding.Severity.note.rawValue }.map { finding in
            let isError = finding.severity == CheckFinding.Severity.error.rawValue
            return
                "\(isError ? "allowed" : "warning"): \(dataset.name): \(finding.kind), \(finding.count): \(finding.example)"
        }
    }
}

extension OpenedDataset {
    /// The records with one group for all images of a cluster of duplicates, by record.
    ///
    /// A picture that appears twice is one case in intervals and tests: two would make them too narrow.
    package func groups(joining duplicates: DuplicateClusters) -> [String: String] {
        var parent: [String: String] = [:]
        func root(_ name: String) -> String {
            var name = name
            while let next = parent[name] { name = next }
            return name
        }
        let own = Dictionary(records.map { ($0.id, $0.group) }, uniquingKeysWith: { first, _ in first })
        for cluster in duplicates.clusters {
            let groups = cluster.compactMap { own[$0.id] }
            for other in groups.dropFirst() {
                let roots = [root(groups[0]), root(other)].sorted()
                if roots[0] != roots[1] { parent[roots[1]] = roots[0] }
            }
        }
        return parent.isEmpty ? [:] : own.mapValues(root)
    }
}
