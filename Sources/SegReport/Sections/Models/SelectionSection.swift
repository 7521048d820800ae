import SegMetrics
import SegPages
import SegResults

/// What arms reach on the cases that they are most certain of.
struct SelectionSection: ReportSection {
    let id = "selection"
    let title = "Certainty and coverage"

    func content(_ context: ReportContext) -> ReportContent? {
        let all = context.results.selection ?? []
        guard !all.isEmpty else { return nil }
        var parts: [ReportContent.Part] = [.legend]
        for kind in SelectiveSummary.Kind.allCases {
            let panels = context.evaluatedDatasets.compactMap { panel($0, kind, context) }
            let groups = context.evaluatedDatasets.compactMap { dataset -> ReportContent.Group? in
                let rows = all.filter { $0.kind == kind && $0.dataset == dataset.name }.map(row)
                return rows.isEmpty ? nil : context.group(dataset, RankedRow.marked(rows, Self.ranked))
            }
            guard !groups.isEmpty else { continue }
            parts += [.heading(Self.title(kind)), .charts(panels), .table(table(kind, groups))]
        }
        let kept = NumberFormat.fixed(100 * SelectiveSummary.keptOnValidation, 0)
        parts.append(
            .note(
                "Cases are taken from the surest on. A mask is as sure as the Dice that its own probabilities let expect, malignancy "
                    + "as its logit is far from that of the threshold. The risk is one minus Dice, or the share of wrong classifications. The "
                    + "abstention threshold of each training keeps \(kept) % of the source's validation part; how many it keeps "
                    + "elsewhere, and what these reach, is a test."
            )
        )
        return ReportContent(parts)
    }

    private static func title(_ kind: SelectiveSummary.Kind) -> String {
        kind == .dice
            ? "\(MetricDescription.primary.title) against coverage" : "Accuracy of malignancy against coverage"
    }

    private static func value(_ kind: SelectiveSummary.Kind) -> String {
        kind == .dice ? "mean \(MetricDescription.primary.title)" : "accuracy"
    }

    private func table(_ kind: SelectiveSummary.Kind, _ groups: [ReportContent.Group]) -> ReportContent.Table {
        ReportContent.Table(
            caption:
                "\(Self.title(kind)): area under the risk–coverage curve, and what the abstention threshold keeps.",
            label: Self.title(kind),
            columns: [
                .init("Arm", .text), .init("Cases"), .init("Risk area", explanation: "Less is better"),
                .init("All", explanation: "The \(Self.value(kind)) of all cases"),
                .init("Kept", explanation: "The share of cases that the threshold keeps"),
                .init("Of those kept", explanation: "Their \(Self.value(kind))"),
            ],
            groups: groups,
            style: .main
        )
    }

    /// What those kept reach is not ranked: an arm that keeps fewer reaches more.
    private static let ranked = [
        RankedColumn(index: 2, decimals: 3, isLowerBetter: true),
        RankedColumn(index: 3, decimals: 3, isLowerBetter: false),
    ]

    private func row(_ summary: SelectiveSummary) -> RankedRow {
        let cells: [ReportContent.Cell] = [
            .arm(summary.arm), .count(summary.cases), .fixed(summary.area), .fixed(summary.all),
            .init(summary.coverage.map { "\(NumberFormat.fixed(100 * $0, 0)) %" } ?? NumberFormat.missing),
            .fixed(summary.kept),
        ]
        return RankedRow(cells: cells, values: [2: summary.area, 3: summary.all])
    }

    private func panel(
        _ dataset: DatasetDescription,
        _ kind: SelectiveSummary.Kind,
        _ context: ReportContext
    ) -> ReportContent.Figure? {
        let lines = context.results.arms.flatMap { arm -> [ReportContent.Chart.Line] in
            let passes = TestPass.all(in: context.cases(arm: arm.name, dataset: dataset.name))
            return passes.compactMap { pass in
                let trainings = context.results.trainings.filter { $0.arm == arm.name && $0.seed == pass.seed }
                let thresholds = Dictionary(
                    trainings.compactMap { training in training.malignancyThreshold.map { (training.fold ?? 1, $0) } },
                    uniquingKeysWith: { first, _ in first }
                )
                let judged = pass.judged(kind, malignancyThresholds: thresholds)
                let curve = try? RiskCoverageCurve(
                    certainties: judged.map(\.certainty),
                    losses: judged.map { 1 - $0.value }
                )
                guard let curve, !curve.points.isEmpty else { return nil }
                return ReportContent.Chart.Line(
                    arm: arm.name,
                    points: ThinnedLine.points(curve.points).map { ($0.coverage, 1 - $0.risk) },
                    isFaint: passes.count > 1
                )
            }
        }
        guard !lines.isEmpty else { return nil }
        let areas = (context.results.selection ?? []).filter { $0.kind == kind && $0.dataset == dataset.name }
            .map { "\(context.title(of: $0.arm)) \(NumberFormat.fixed($0.area))" }.joined(separator: "; ")
        return ReportContent.Figure(
            title: "\(Self.title(kind)) on \(dataset.title)",
            caption: dataset.title,
            detail: "risk area: \(areas)",
            description: "Areas under the risk–coverage curve: \(areas)",
            horizontalTitle: "coverage, surest cases first",
            verticalTitle: Self.value(kind),
            drawing: .lines(.init(lines, horizontalDomain: 0...1))
        )
    }
}
