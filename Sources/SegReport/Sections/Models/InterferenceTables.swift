import SegPages
import SegResults

/// Interference over the last half of training, in numbers.
struct InterferenceTables {
    let context: ReportContext
    let summary: InterferenceSummary

    var parts: [ReportContent.Part] {
        var parts: [ReportContent.Part] = [.heading("The last half of training"), .table(levels)]
        if let stages { parts.append(.folded(title: "Cosine by stage", [.table(stages)])) }
        return parts
    }

    private var levels: ReportContent.Table {
        ReportContent.Table(
            caption: "Gradients on the shared parameters in the last half of training.",
            label: "Interference table",
            columns: [
                .init("Gradients", .text), .init("Arm", .text),
                .init("Cosine", explanation: "Mean over the last half of training, ± standard deviation over seeds"),
                .init("Conflict rate", explanation: "Share of the probe's batches with a negative cosine"),
                .init("Similarity", explanation: "Magnitude similarity, 2‖a‖‖b‖ / (‖a‖² + ‖b‖²): 1 for equal norms"),
                .init("Δ cosine", explanation: "From the reference arm, paired by seed: mean ± sd, 95 % interval"),
                .init("p", explanation: "Student's paired t over seeds, Holm over this table"),
            ],
            rows: rows(summary.shownSubjects) { arm, level in
                let comparison = summary.comparisons.first { $0.arm == arm.name && $0.subject == level.subject }
                return [
                    .init(NumberFormat.meanAndDeviation(level.cosine, level.standardDeviation ?? .nan)),
                    .init(InterferenceVerdicts.percent(level.conflictRate)), .fixed(level.magnitudeSimilarity),
                    comparison.map(difference) ?? .missing, .init(NumberFormat.pValue(comparison?.adjustedPValue)),
                ]
            }
        )
    }

    private func difference(_ comparison: InterferenceSummary.Comparison) -> ReportContent.Cell {
        let deviation = comparison.standardDeviation.map { " ± \(NumberFormat.fixed($0))" } ?? ""
        return .estimate(
            NumberFormat.signed(comparison.meanDifference) + deviation,
            comparison.interval,
            isSigned: true
        )
    }

    /// `nil` where the shared parameters have a single stage.
    private var stages: ReportContent.Table? {
        let stages = Set(summary.levels.flatMap(\.stageCosines.keys)).sorted { ($0.count, $0) < ($1.count, $1) }
        guard stages.count > 1 else { return nil }
        return ReportContent.Table(
            caption: "Mean cosine on each stage of the shared parameters alone, last half of training.",
            label: "Interference by stage",
            columns: [.init("Gradients", .text), .init("Arm", .text)]
                + stages.map {
                    .init($0.split(separator: ".").dropFirst().joined(separator: " "), explanation: $0)
                },
            rows: rows(summary.shownSubjects.filter { $0.second != nil }) { _, level in
                stages.map { .fixed(level.stageCosines[$0]) }
            }
        )
    }

    private func rows(
        _ subjects: [InterferenceSummary.Subject],
        _ cells: (ArmDescription, InterferenceSummary.Level) -> [ReportContent.Cell]
    ) -> [[ReportContent.Cell]] {
        subjects.flatMap { subject in
            context.results.arms.compactMap { arm in
                summary.level(arm: arm.name, subject).map {
                    [.init(subject.title), .arm(arm.name)] + cells(arm, $0)
                }
            }
        }
    }
}
