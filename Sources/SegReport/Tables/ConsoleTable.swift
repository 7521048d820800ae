import SegPages
public import SegResults
import SegScoring

/// The main results as an aligned table for a terminal, every line ended by a newline.
///
/// One block per data set, those tested on first, and one line per arm; the leading metric has interval and deviation over
/// seeds, the others have their means, counts their sums, with the stars of their own comparison; the last columns compare
/// the leading metric with the reference arm. With several seeds the first p and the stars are those across seeds, and the p
/// over images of the trained models is at the end.
public func consoleTable(_ results: StudyResults) -> String {
    let primary = MetricDescription.primary
    let others = results.allMetrics.filter { $0.isShown(in: .console) && $0 != primary }
    // The AUROC follows what every arm has.
    let required = others.filter { $0.isShown(in: .required) }
    let further = others.filter { !$0.isShown(in: .required) }
    var columns: [TextGrid.Column] = [
        .init("", .left), .init("n", .right), .init(primary.heading, .right), .init("95 % CI", .left),
        .init("sd of seeds", .right),
    ]
    columns += required.map { TextGrid.Column($0.heading, .right) }
    columns.append(TextGrid.Column("AUROC", .right))
    columns += further.map { TextGrid.Column($0.heading, .right) }
    columns += [
        TextGrid.Column("Δ \(primary.heading)", .right),
        TextGrid.Column(results.comparesSeeds ? "p across seeds (Holm)" : "p (Holm)", .right),
        TextGrid.Column("", .left), TextGrid.Column("effect", .right), TextGrid.Column("p of models", .right),
    ]
    var grid = TextGrid(columns: columns)
    for dataset in results.datasetsTestsFirst {
        let rows = results.arms.compactMap { arm -> [String]? in
            guard let summary = results.summary(arm: arm.name, dataset: dataset.name) else { return nil }
            func mean(_ metric: MetricDescription) -> String {
                let comparison = results.comparison(arm: arm.name, dataset: dataset.name, of: metric)
                let values = summary.values(of: metric)
                let number =
                    values?.total.map { NumberFormat.fixed($0, 0) }
                    ?? NumberFormat.fixed(values?.mean, metric.decimals)
                return number + NumberFormat.stars(results.verdict(comparison))
            }
            let own = ["  " + arm.name] + leading(primary, summary) + required.map(mean)
            let compared = results.comparison(arm: arm.name, dataset: dataset.name, of: primary)
            return own + [NumberFormat.fixed(summary.malignancy?.auroc)] + further.map(mean)
                + comparisonCells(results, arm, compared)
        }
        guard !rows.isEmpty else { continue }
        grid.addHeading("\(dataset.name) (\(role(dataset)))")
        for row in rows { grid.addRow(row) }
    }
    return "Study \(results.study)\n" + grid.text()
}

private func role(_ dataset: DatasetDescription) -> String {
    switch dataset.role {
    case .external: "external"
    case .source: "source, validation"
    case .test: "source, test"
    }
}

/// Count, mean, interval and deviation over seeds.
private func leading(_ metric: MetricDescription, _ summary: EvaluationSummary) -> [String] {
    guard let values = summary.values(of: metric) else {
        return Array(repeating: NumberFormat.missing, count: 4)
    }
    return [
        NumberFormat.count(values.count),
        NumberFormat.meanAndDeviation(values.mean, values.standardDeviation, metric.decimals),
        NumberFormat.interval(values.interval?.bounds, metric.decimals),
        NumberFormat.fixed(values.standardDeviationOverSeeds, metric.decimals),
    ]
}

/// The difference from the reference arm, its p with stars, effect size, and the p of the trained models.
private func comparisonCells(_ results: StudyResults, _ arm: ArmDescription, _ comparison: ArmComparison?) -> [String] {
    let isReference = arm.name == results.referenceArm
    return [
        isReference ? "reference" : comparison.map { NumberFormat.signed($0.meanDifference) } ?? "",
        comparison.map { NumberFormat.pValue($0.leadingPValue) } ?? "",
        NumberFormat.stars(results.verdict(comparison)),
        comparison?.effectSize.map { NumberFormat.signed($0, 2) } ?? "",
        comparison.flatMap { $0.acrossSeeds == nil ? nil : NumberFormat.pValue($0.modelsPValue) } ?? "",
    ]
}
