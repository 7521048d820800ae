import SegPages
public import SegResults

/// The main results as an aligned table for a terminal, every line ended by a newline.
///
/// One block per data set, one line per arm; the last columns compare with the reference arm. With several seeds the first p
/// and the stars are those across seeds, and the p over images of the trained models stands at the end.
public func consoleTable(_ results: StudyResults) -> String {
    var grid = TextGrid(columns: [
        .init("", .left), .init("n", .right), .init("Dice", .right), .init("95 % CI", .left),
        .init("sd of seeds", .right), .init("IoU", .right), .init("AUROC", .right), .init("Δ Dice", .right),
        .init(results.comparesSeeds ? "p across seeds (Holm)" : "p (Holm)", .right), .init("", .left),
        .init("effect", .right), .init("p of models", .right),
    ])
    for dataset in results.datasets {
        let rows = results.arms.compactMap { arm -> [String]? in
            guard let summary = results.summary(arm: arm.name, dataset: dataset.name) else { return nil }
            let comparison = results.comparison(arm: arm.name, dataset: dataset.name)
            let isReference = arm.name == results.referenceArm
            return [
                "  " + arm.name, NumberFormat.count(summary.dice.count),
                NumberFormat.meanAndDeviation(summary.dice.mean, summary.dice.standardDeviation),
                NumberFormat.interval(summary.dice.interval?.bounds),
                NumberFormat.fixed(summary.dice.standardDeviationOverSeeds), NumberFormat.fixed(summary.iou.mean),
                NumberFormat.fixed(summary.malignancy?.auroc),
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
