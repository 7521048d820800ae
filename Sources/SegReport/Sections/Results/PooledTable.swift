import SegPages
import SegResults

/// Figures over all external sets together, with how much the sets differ.
struct PooledTable {
    let context: ReportContext

    var parts: [ReportContent.Part] {
        let pooled = context.results.pooled ?? []
        guard let most = pooled.map(\.datasets).max(by: { $0.count < $1.count }) else { return [] }
        let metrics = pooled.map(\.metric).uniqued()
        let groups = metrics.map { metric in
            let title = metric == .auroc ? "AUROC of malignancy" : "Mean \(MetricDescription.primary.title)"
            let own = pooled.filter { $0.metric == metric && $0.reference == nil }
            let best = BestValues(own.map { $0.estimate }, decimals: 3, isLowerBetter: false)
            let rows = own.map { figure -> [ReportContent.Cell] in
                let difference = pooled.first {
                    $0.metric == metric && $0.arm == figure.arm && $0.reference != nil
                }
                let estimate = ReportContent.Cell.estimate(
                    NumberFormat.fixed(figure.estimate),
                    figure.interval,
                    isBest: best.contains(figure.estimate)
                )
                return [.arm(figure.arm), .count(figure.datasets.count), estimate] + spread(figure)
                    + cells(difference, isReference: figure.arm == context.results.referenceArm)
            }
            return ReportContent.Group(title, rows: rows)
        }
        let difference: [ReportContent.Column] = [
            .init("Δ [95 % CI]", explanation: "Difference from the reference arm, pooled"),
            .init("p", explanation: "Of the pooled difference; not adjusted"), .init("I² of Δ"),
            .init("τ of Δ"),
        ]
        let hasDifferences = pooled.contains { $0.reference != nil }
        let table = ReportContent.Table(
            caption: "Over the external sets \(NumberFormat.list(most)) together, by a random-effects model.",
            label: "Pooled results",
            columns: [
                .init("Arm", .text), .init("Sets"), .init("Estimate [95 % CI]"),
                .init("I²", explanation: "Share of the sets' scatter that is more than chance"),
                .init("τ", explanation: "Standard deviation of the sets' true figures"),
            ] + (hasDifferences ? difference : []),
            groups: hasDifferences
                ? groups
                : groups.map { ReportContent.Group($0.title, rows: $0.rows.map { Array($0.prefix(5)) }) },
            style: .main
        )
        let note =
            "DerSimonian and Laird's variance between sets, Hartung and Knapp's interval, never narrower than the classical one; "
            + "with few sets it is wide, and I² and τ are rough."
        return [.heading("External sets together"), .table(table), .note(note)]
    }

    private func spread(_ figure: PooledEstimate) -> [ReportContent.Cell] {
        [.init("\(NumberFormat.fixed(100 * figure.heterogeneity, 0)) %"), .fixed(figure.betweenDeviation)]
    }

    private func cells(_ difference: PooledEstimate?, isReference: Bool) -> [ReportContent.Cell] {
        if isReference { return [.spanning(4, "reference")] }
        guard let difference else { return Array(repeating: .missing, count: 4) }
        let estimate = ReportContent.Cell.estimate(
            NumberFormat.signed(difference.estimate),
            difference.interval,
            isSigned: true
        )
        return [estimate, .init(NumberFormat.pValue(difference.pValue))] + spread(difference)
    }
}
