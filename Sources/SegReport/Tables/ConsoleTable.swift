import SegPages
public import SegResults
import SegScoring

/// The main results as an aligned table for a terminal, every line ended by a newline.
///
/// One block per data set, one line per arm; the metrics that the study has beside those of every study have their means,
/// with the stars of their own comparison; the last columns compare Dice with the reference arm. With several seeds the first p
/// and the stars are those across seeds, and the p over images of the trained models stands at the end.
public func consoleTable(_ results: StudyResults) -> String {
    let others = (results.metrics ?? []).filter { $0.isShown(in: .console) }
    let columns: [TextGrid.Column] =
        [
            .init("", .left), .init("n", .right), .init("Dice", .right), .init("95 % CI", .left),
            .init("sd of seeds", .right), .init("IoU", .right), .init("AUROC", .right),
        ] + others.map { .init($0.heading, .right) } + [
            .init("Δ Dice", .right),
            .init(results.comparesSeeds ? "p across seeds (Holm)" : "p (Holm)", .right), .init("", .left),
            .init("effect", .right), .init("p of models", .right),
        ]
    var grid = TextGrid(columns: columns)
    for dataset in results.datasets {
        let rows = results.arms.compactMap { arm -> [String]? in
            guard let summary = results.summary(arm: arm.name, dataset: dataset.name) else { return nil }
            let comparison = results.comparison(arm: arm.name, dataset: dataset.name)
            let isReference = arm.name == results.referenceArm
            let means = others.map { metric in
                let stars = NumberFormat.stars(
                    results.comparison(arm: arm.name, dataset: dataset.name, metric: metric.compared)?.leadingPValue
                )
                return NumberFormat.fixed(summary.metrics[metric.name]?.mean, metric.decimals) + stars
            }
            let own = [
                "  " + arm.name, NumberFormat.count(summary.dice.count),
                NumberFormat.meanAndDeviation(summary.dice.mean, summary.dice.standardDeviation),
                NumberFormat.interval(summary.dice.interval?.bounds),
                NumberFormat.fixed(summary.dice.standardDeviationOverSeeds), NumberFormat.fixed(summary.iou.mean),
                NumberFormat.fixed(summary.malignancy?.auroc),
            ]
            return own + means + [
                isReference ? "reference" : comparison.map { NumberFormat.signed($0.meanDifference) } ?? "",
                comparison.map { NumberFormat.pValue($0.leadingPValue) } ?? "",
                NumberFormat.stars(comparison?.leadingPValue),
                comparison?.effectSize.map { NumberFormat.signed($0, 2) } ?? "",
                comparison.flatMap { $0.acrossSeeds == nil ? nil : NumberFormat.pValue($0.adjustedPValue) } ?? "",
            ]
        }
        guard !rows.isEmpty else { continue }
        grid.addHeading("\(dataset.name) (\(dataset.role == .external ? "external" : "source, held out"))")
        for row in rows { grid.addRow(row) }
    }
    return "Study \(results.study)\n" + grid.text()
}
