import SegData
import SegPages
import SegReport
import SegResults
import SegStudy

extension CheckReport {
    /// The check for a terminal: what the data set is, one line for each kind of finding, the verdict.
    public var table: String {
        var text = overview
        if !findings.isEmpty { text += "\n" + findingLines }
        return text + "\n" + verdict
    }

    private var overview: String {
        let counts = [
            (dataset.counts.benign, "benign"), (dataset.counts.malignant, "malignant"),
            (dataset.counts.normal, "normal"), (dataset.counts.unknown, "unlabeled"),
        ].filter { $0.0 > 0 }.map { "\(NumberFormat.count($0.0)) \($0.1)" }.joined(separator: ", ")
        guard dataset.counts.total > 0 else { return "\(dataset.name): no images\n" }
        var line = "\(dataset.name): \(NumberFormat.plural(dataset.counts.total, "image")) (\(counts))"
        if dataset.published != nil && !findings.contains(where: { $0.kind == .counts }) { line += ", as published" }
        if !dataset.excluded.isEmpty { line += ", \(NumberFormat.count(dataset.excluded.count)) more left out" }
        let isUnknown = findings.contains { $0.kind == .unknownPatients }
        line +=
            isUnknown
            ? "; patients unknown\n"
            : "; \(NumberFormat.plural(dataset.groups, "patient or case", "patients or cases"))\n"
        var facts: [String] = []
        if let width = images.width, let height = images.height {
            facts.append("\(Self.span(width, 0)) × \(Self.span(height, 0)) px")
        }
        let depths = images.bitDepths.keys.sorted().joined(separator: ", ")
        if !depths.isEmpty { facts.append("\(depths) bits") }
        facts.append(images.pixelSpacing.map { "pixels of \(Self.span($0, 3)) mm" } ?? "no pixel spacing")
        if let share = images.lesionShare {
            let percent = [share.least, share.greatest].map { NumberFormat.fixed($0 * 100, 1) }
            facts.append("lesions fill \(percent[0]) to \(percent[1]) % of the image")
        }
        if images.readable > 0 { line += "  " + facts.joined(separator: "; ") + "\n" }
        if !duplicates.pairs.isEmpty {
            let images = duplicates.clusters.reduce(0) { $0 + $1.count }
            line += "  \(NumberFormat.plural(duplicates.pairs.count, "pair")) of duplicates in "
            line +=
                "\(NumberFormat.plural(duplicates.clusters.count, "group")) of \(NumberFormat.count(images)) images\n"
        }
        if !compared.isEmpty {
            let others = compared.map { "\($0.name) (\(NumberFormat.plural($0.images, "image")))" }
            line += "  compared with " + NumberFormat.list(others) + "\n"
        }
        return line
    }

    private static func span(_ range: Range, _ digits: Int) -> String {
        let ends = [range.least, range.greatest].map { NumberFormat.fixed($0, digits) }
        return ends[0] == ends[1] ? ends[0] : "\(ends[0])–\(ends[1])"
    }

    private var findingLines: String {
        var grid = TextGrid(columns: [
            .init("", .left), .init("found", .left), .init("", .right), .init("for example", .left),
        ])
        for kind in CheckFinding.Kind.allCases {
            for severity in CheckFinding.Severity.allCases {
                let found = findings.filter { $0.kind == kind && $0.severity == severity }
                guard !found.isEmpty else { continue }
                let isAccepted = severity == .error && allowed.contains(kind)
                grid.addRow([
                    isAccepted ? "allowed" : severity.rawValue, kind.rawValue, NumberFormat.count(found.count),
                    Self.examples(of: kind, found),
                ])
            }
        }
        return grid.text()
    }

    private static func examples(of kind: CheckFinding.Kind, _ findings: [CheckFinding]) -> String {
        let shown = findings.prefix(findings.count <= 3 ? 3 : 2).map { finding in
            switch kind {
            case .duplicate, .duplicateAcrossClasses, .duplicateWithinPatient:
                finding.records.map(\.id).joined(separator: " = ")
            case .duplicateAcrossDatasets: finding.records.map(\.description).joined(separator: " = ")
            case .doubt: (finding.records.first.map { "\($0.id): " } ?? "") + finding.message
            case .listing: ""
            default: finding.records.count == 1 ? finding.records[0].id : finding.message
            }
        }
        let more = findings.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(NumberFormat.count(more)) more" : "")
    }

    private var verdict: String {
        let kinds = CheckFinding.Kind.allCases.filter { kind in
            !allowed.contains(kind) && findings.contains { $0.kind == kind && $0.severity == .error }
        }
        guard !kinds.isEmpty else {
            let warnings = findings(.warning).count
            return warnings == 0
                ? "Fit for a study.\n"
                : "Fit for a study; \(NumberFormat.count(warnings)) \(warnings == 1 ? "warning" : "warnings") to look at.\n"
        }
        return "Not fit for a study:\n" + kinds.map(explanation).joined()
    }

    /// What is wrong, where, why, and what to do about it.
    private func explanation(of kind: CheckFinding.Kind) -> String {
        let found = findings.filter { $0.kind == kind && $0.severity == .error }
        guard let first = found.first, kind.canBeAllowed else {
            return found.map { "  \($0.message)\n" }.joined()
        }
        let place = first.file.map { "\($0): " } ?? ""
        let more = found.count > 1 ? " (and \(NumberFormat.count(found.count - 1)) more)" : ""
        let cure = first.cure ?? kind.cure
        var choices = [cure]
        if !kind.stopsWork {
            choices.append("accept with --allow \(kind.rawValue)")
        } else if !cure.contains("`exclude`") {
            choices.append("leave \(found.count == 1 ? "the image" : "these images") out with `exclude`")
        }
        return "  \(kind.title): \(place)\(first.message)\(more)\n    \(choices.joined(separator: ", or "))\n"
    }
}
