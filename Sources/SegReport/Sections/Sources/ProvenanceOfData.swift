import SegData
import SegPages
import SegResults

/// The data sets, how they were divided, and what audit and checks found.
struct ProvenanceOfData {
    let results: StudyResults

    var parts: [ReportContent.Part] {
        var parts: [ReportContent.Part] = [.table(datasets)]
        if let findings { parts.append(.table(findings)) }
        if !results.split.parts.isEmpty { parts.append(.table(split)) }
        if let audit = results.audit { parts += self.audit(audit) }
        return parts
    }

    private func counts(_ counts: PathologyCounts) -> [ReportContent.Cell] {
        [counts.total, counts.benign, counts.malignant, counts.normal, counts.unknown].map { .count($0) }
    }

    private var datasets: ReportContent.Table {
        ReportContent.Table(
            caption: "Data sets. The fingerprint is a hash of the files read, in full in results.json.",
            label: "Data sets",
            columns: [
                .init("Data set", .text), .init("Role", .text), .init("Images"), .init("Benign"), .init("Malignant"),
                .init("Normal"), .init("Unknown"), .init("Evaluated"), .init("Fingerprint", .text),
            ],
            rows: results.datasets.map { dataset -> [ReportContent.Cell] in
                var fingerprint = ReportContent.Cell(shortened(dataset.fingerprint, to: 17))
                fingerprint.isCode = true
                fingerprint.fullText = dataset.fingerprint
                let head: [ReportContent.Cell] = [.init(dataset.name), .init(dataset.role.rawValue)]
                return head + counts(dataset.counts) + [ReportContent.Cell.count(dataset.evaluated.total), fingerprint]
            }
        )
    }

    private var split: ReportContent.Table {
        ReportContent.Table(
            caption: "Split of the source data. \(results.split.method)",
            label: "Split",
            columns: [
                .init("Part", .text), .init("Images"), .init("Benign"), .init("Malignant"), .init("Normal"),
                .init("Unknown"),
                .init("Groups", explanation: "Patients, or cases where patients are unknown"),
            ],
            rows: results.split.parts.map { part in
                [ReportContent.Cell(part.name)] + counts(part.counts) + [ReportContent.Cell.count(part.groups)]
            }
        )
    }

    /// What the check of each data set found.
    private var findings: ReportContent.Table? {
        var seen: Set<String> = []
        let rows = results.datasets.flatMap { dataset in
            // The parts of the source share what was found in it.
            (dataset.findings ?? []).compactMap { finding -> [ReportContent.Cell]? in
                guard seen.insert("\(finding.kind) \(finding.example)").inserted else { return nil }
                return [
                    .init(dataset.name), .init(finding.severity), .init(finding.kind), .count(finding.count),
                    .init(finding.example),
                ]
            }
        }
        guard !rows.isEmpty else { return nil }
        return ReportContent.Table(
            caption: "What the check of the data sets found. Errors are those that the study allows.",
            label: "Findings",
            columns: [
                .init("Data set", .text), .init("Severity", .text), .init("Finding", .text), .init("Count"),
                .init("For example", .text),
            ],
            rows: rows
        )
    }

    private func audit(_ audit: AuditSummary) -> [ReportContent.Part] {
        var pairs: [(term: String, text: String)] = [
            ("Result", Self.result(audit)),
            (
                "Compared",
                "\(NumberFormat.plural(audit.comparedImages, "image")), each with every other one; duplicates are those whose "
                    + "thumbnails correlate above \(NumberFormat.fixed(audit.duplicateCorrelation, 2))"
            ),
        ]
        let notCompared = (audit.patients ?? []).filter { $0.reason != nil }
        if !notCompared.isEmpty {
            let sentences = notCompared.map(\.sentence).joined(separator: "; ")
            pairs.append(("Not compared", sentences.prefix(1).uppercased() + sentences.dropFirst()))
        }
        if audit.linkedImages > 0 {
            pairs.append(("Kept together", "\(NumberFormat.plural(audit.linkedImages, "duplicate")) of the source"))
        }
        if audit.duplicatesWithin > 0 {
            pairs.append(
                ("Duplicates within a part", "\(NumberFormat.plural(audit.duplicatesWithin, "pair")), counted twice")
            )
        }
        let contradictions: [ReportContent.Part] = audit.contradictions.isEmpty ? [] : [.list(audit.contradictions)]
        return [.heading("Leakage audit"), .definitions(pairs)] + contradictions
    }

    /// No more than was compared.
    private static func result(_ audit: AuditSummary) -> String {
        guard let patients = audit.patients, patients.contains(where: { $0.reason != nil }) else {
            return "No patient and no image is both in training or validation and in what the models are tested on."
        }
        let isAny = patients.contains { $0.reason == nil }
        return "No image is both in training or validation and in what the models are tested on, nor a patient of the "
            + "source's own parts" + (isAny ? ", nor of the data sets whose patients were compared." : ".")
    }
}
