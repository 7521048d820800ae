import SegPages
import SegResults
import SegTraining

/// The metrics that a study has beside the fixed ones.
struct ExtraMetricsSection: ReportSection {
    let id = "metrics"
    let title = "Further metrics"

    func content(_ context: ReportContext) -> ReportContent? {
        guard let all = context.results.extraMetrics, !all.isEmpty else { return nil }
        let leading: UInt64? = context.results.seeds.count > 1 ? nil : context.results.seeds.first
        let shown = all.filter { $0.seed == leading }
        var names: [String] = []
        for summary in shown where !names.contains(summary.name) { names.append(summary.name) }
        let tables = names.compactMap { name in table(shown.filter { $0.name == name }, context) }
        let p = context.results.seeds.count > 1 ? "p across seeds" : "p of the paired test"
        let note =
            "Values of every case are in cases.csv. Intervals, tests and corrections as for Dice; Δ is the mean difference "
            + "from the reference arm, \(p) is adjusted, and r is positive where the arm is better."
        return ReportContent(tables + [.note(note)])
    }

    /// The arms by data set under one metric.
    private func table(_ summaries: [ExtraMetricSummary], _ context: ReportContext) -> ReportContent.Part? {
        guard let first = summaries.first else { return nil }
        let isCompared = summaries.contains { $0.comparison != nil }
        let unit = first.unit.map { ", \($0)" } ?? ""
        let rows = summaries.map { summary in
            let values = summary.values
            let dataset = context.results.dataset(named: summary.dataset)
            let cells = [
                dataset.map(context.title(of:)) ?? summary.dataset, context.title(of: summary.arm),
                NumberFormat.count(values.count),
                NumberFormat.meanAndDeviation(values.mean, values.standardDeviation),
                NumberFormat.interval(values.interval?.bounds), NumberFormat.fixed(values.median),
            ]
            guard isCompared else { return cells }
            let comparison = summary.comparison
            return cells + [
                summary.arm == context.results.referenceArm
                    ? "reference" : NumberFormat.signed(comparison?.meanDifference),
                comparison.map { NumberFormat.pValue($0.leadingPValue) } ?? "",
                comparison?.effectSize.map { NumberFormat.signed($0, 2) } ?? "",
            ]
        }
        let better = first.direction == .higherIsBetter ? "more" : "less"
        return .table(
            .init(
                caption: "\(first.title)\(unit) by data set and arm; \(better) is better.",
                head: ["Data set", "Arm", "n", "mean ± sd\(unit)", "95 % interval", "median\(unit)"]
                    + (isCompared ? ["Δ\(unit)", "p", "r"] : []),
                rows: rows,
                textColumns: 2
            )
        )
    }
}
