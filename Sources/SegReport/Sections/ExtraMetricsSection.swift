import SegPages
import SegResults
import SegScoring

/// The metrics that a study has beside those of every study.
struct ExtraMetricsSection: ReportSection {
    let id = "metrics"
    let title = "Further metrics"

    func content(_ context: ReportContext) -> ReportContent? {
        let metrics = (context.results.metrics ?? []).filter { $0.isShown(in: .summaries) }
        let tables = metrics.compactMap { table($0, context) }
        guard !tables.isEmpty else { return nil }
        let p = context.results.comparesSeeds ? "p across seeds" : "p of the paired test"
        let note =
            "Values of every case are in cases.csv. Intervals, tests and corrections as for Dice; Δ is the mean difference "
            + "from the reference arm, \(p) is adjusted (* p\u{A0}<\u{A0}0.05, ** p\u{A0}<\u{A0}0.01, *** p\u{A0}<\u{A0}0.001), "
            + "and r is positive where the arm is better."
        return ReportContent(tables + [.note(note)])
    }

    /// The arms by data set under one metric; `nil` where no arm has a value.
    private func table(_ metric: MetricDescription, _ context: ReportContext) -> ReportContent.Part? {
        let results = context.results
        let isCompared = results.comparisons.contains { $0.metric == metric.compared }
        let rows = results.datasets.flatMap { dataset in
            results.arms.compactMap { arm in row(metric, arm, dataset, isCompared: isCompared, context) }
        }
        guard !rows.isEmpty else { return nil }
        let unit = metric.unit.map { ", \($0)" } ?? ""
        let definition = metric.definition.map { ", \($0)" } ?? ""
        return .table(
            .init(
                caption:
                    "\(metric.heading)\(definition), by data set and arm; \(metric.isLowerBetter ? "less" : "more") is "
                    + "better. \(metric.emptyMasks)",
                head: ["Data set", "Arm", "n", "mean ± sd\(unit)", "95 % interval", "sd of seeds", "median\(unit)"]
                    + (isCompared ? ["Δ\(unit)", "p", "r"] : []),
                rows: rows,
                textColumns: 2
            )
        )
    }

    private func row(
        _ metric: MetricDescription,
        _ arm: ArmDescription,
        _ dataset: DatasetDescription,
        isCompared: Bool,
        _ context: ReportContext
    ) -> [String]? {
        let results = context.results
        guard let values = results.summary(arm: arm.name, dataset: dataset.name)?.metrics[metric.name] else {
            return nil
        }
        let digits = metric.decimals
        let cells = [
            context.title(of: dataset), arm.title, NumberFormat.count(values.count),
            NumberFormat.meanAndDeviation(values.mean, values.standardDeviation, digits),
            NumberFormat.interval(values.interval?.bounds, digits),
            NumberFormat.fixed(values.standardDeviationOverSeeds, digits), NumberFormat.fixed(values.median, digits),
        ]
        guard isCompared else { return cells }
        if arm.name == results.referenceArm { return cells + ["reference", "", ""] }
        let comparison = results.comparison(arm: arm.name, dataset: dataset.name, metric: metric.compared)
        let p = comparison.map { NumberFormat.pValue($0.leadingPValue) + NumberFormat.stars($0.leadingPValue) }
        return cells + [
            NumberFormat.signed(comparison?.meanDifference, digits), p ?? NumberFormat.missing,
            NumberFormat.signed(comparison?.effectSize, 2),
        ]
    }
}
