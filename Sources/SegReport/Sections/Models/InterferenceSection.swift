import SegResults

/// Whether the tasks' gradients pull the shared parameters the same way, and what the terms learned on the way.
struct InterferenceSection: ReportSection {
    let id = "interference"
    let title = "Interference"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        var parts: [ReportContent.Part] = []
        if let summary = results.interference {
            let charts = InterferenceCharts(context: context)
            parts += InterferenceVerdicts(context: context, summary: summary).sentences.map { .lead($0) }
            parts += InterferenceTables(context: context, summary: summary).parts
            parts.append(
                .folded(
                    title: "Cosine and conflict rate by epoch",
                    [
                        .armLegend(
                            results.arms.map(\.name).filter { arm in summary.levels.contains { $0.arm == arm } }
                        ),
                        .charts(charts.interference(summary)), .note(Self.note),
                    ]
                )
            )
        }
        let learned = InterferenceCharts(context: context).learned
        if !learned.isEmpty {
            let arms = results.arms.map(\.name).filter { arm in
                results.trainings.contains { $0.arm == arm && $0.epochs.contains { $0.learned != nil } }
            }
            parts.append(.folded(title: "What the terms learned, by epoch", [.armLegend(arms), .charts(learned)]))
        }
        parts += PriorAgreementTable(context: context).parts
        return parts.isEmpty ? nil : ReportContent(parts)
    }

    private static let note =
        "Cosine of the tasks' gradients on the parameters that they share, mean over the probe's training batches: above "
        + "0 the tasks help each other there, below 0 they conflict, near 0 they do not touch. The conflict rate is the "
        + "share of batches with a negative cosine. Lines are means over seeds, areas reach from the lowest seed to the "
        + "highest. Single batches are noisy, and the optimizer does not follow raw gradients: read levels, not points."
}

extension InterferenceSummary {
    /// Subjects worth a chart of their own: with two tasks, each against all others is the pair again.
    var shownSubjects: [Subject] {
        var subjects: [Subject] = []
        for level in levels where !subjects.contains(level.subject) {
            let pairs = Set(levels.filter { $0.arm == level.arm && $0.subject.second != nil }.map(\.subject))
            if level.subject.second != nil || pairs.count > 1 { subjects.append(level.subject) }
        }
        return subjects.filter { $0.second != nil } + subjects.filter { $0.second == nil }
    }
}

extension InterferenceSummary.Subject {
    /// The subject as headings have it.
    var title: String { "\(first) and \(second ?? "all others")" }
}
