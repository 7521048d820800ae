import SegPages
import SegResults

/// How far boundaries are off: beside the overlap, which says little of a large lesion's outline.
extension ReportPage {
    /// The table with its title and note; none where no arm predicts masks.
    func boundaryPart(_ datasets: [DatasetDescription]) -> [Markup] {
        let bodies = datasets.compactMap { dataset -> Markup? in
            let rows = results.arms.compactMap { boundaryRow($0, dataset) }
            return rows.isEmpty ? nil : group(dataset, columns: boundaryHead.count, rows: rows)
        }
        guard !bodies.isEmpty else { return [] }
        let table = table(
            caption: "Distances between boundaries by data set and arm.",
            label: "Boundary table",
            head: boundaryHead,
            bodies: bodies,
            className: "main"
        )
        let units = hasMillimetres ? " mm are of the images whose pixels' size is known." : ""
        let note = "Lengths in px of the original images, less is better.\(units) \(results.methods.boundaries ?? "")"
        return [tag("h3", [:], "Boundaries"), table, tag("p", ["class": "note"], text: note)]
    }

    private var boundarySummaries: [EvaluationSummary] { results.summaries.filter { $0.hausdorff95 != nil } }

    private var hasMillimetres: Bool { boundarySummaries.contains { $0.hausdorff95InMillimetres != nil } }

    private var hasSurfaceDice: Bool { boundarySummaries.contains { $0.surfaceDice != nil } }

    private var comparesBoundaries: Bool { results.comparisons.contains { $0.metric == .hausdorff95 } }

    private var boundaryHead: [Markup] {
        let moments = "mean ± standard deviation over images, interval of the mean"
        var head = [
            columnHead("Arm", isNumber: false),
            columnHead("HD95, px", explained: "Hausdorff distance at the 95th percentile: \(moments)"),
        ]
        if hasMillimetres { head.append(columnHead("HD95, mm", explained: "The same in mm")) }
        head.append(columnHead("ASSD, px", explained: "Average symmetric surface distance: \(moments)"))
        if hasMillimetres { head.append(columnHead("ASSD, mm", explained: "The same in mm")) }
        if hasSurfaceDice { head.append(columnHead("NSD", explained: "Normalised surface Dice: \(moments)")) }
        if comparesBoundaries {
            head += [
                columnHead("Δ HD95, px", explained: "Mean difference from the reference arm, with its interval"),
                leadingColumnHead("the paired test", acrossSeeds: "the comparison of methods, over seeds and cases"),
            ]
        }
        return head
    }

    private func boundaryRow(_ arm: ArmDescription, _ dataset: DatasetDescription) -> Markup? {
        guard let summary = results.summary(arm: arm.name, dataset: dataset.name), let distance = summary.hausdorff95
        else { return nil }
        func cell(_ metric: MetricSummary?, _ digits: Int) -> Markup {
            metric.map { moments($0, digits) } ?? number(NumberFormat.missing)
        }
        var cells = [rowHead(keyed(arm)), cell(distance, 1)]
        if hasMillimetres { cells.append(cell(summary.hausdorff95InMillimetres, 2)) }
        cells.append(cell(summary.surfaceDistance, 1))
        if hasMillimetres { cells.append(cell(summary.surfaceDistanceInMillimetres, 2)) }
        if hasSurfaceDice { cells.append(cell(summary.surfaceDice, 3)) }
        guard comparesBoundaries else { return tag("tr", [:], cells) }
        let comparison = results.comparison(arm: arm.name, dataset: dataset.name, metric: .hausdorff95)
        cells += comparisonCells(arm, comparison, hasEffect: false, digits: 1)
        return tag("tr", [:], cells)
    }
}
