import SegPages
import SegResults
import SegScoring

/// The table that a paper would print: arms in rows, data sets in columns. `table.tex` is the same.
extension PaperTable {
    func content(_ results: StudyResults) -> ReportContent.Table {
        ReportContent.Table(
            caption: caption(results),
            label: "Arms by data sets",
            columns: [.init("Arm", .text)] + datasets.map { .init($0.title) },
            groups: blocks.map { block in
                ReportContent.Group(
                    block.title,
                    cells: block.counts.map { $0.isEmpty ? .missing : .init("n = \($0)") },
                    rows: block.rows.map { row in
                        [.arm(row.arm.name)] + row.cells.map { cell($0, row.arm, block.decimals, results) }
                    }
                )
            },
            style: .paper
        )
    }

    private func caption(_ results: StudyResults) -> String {
        let primary = MetricDescription.primary.title
        var caption =
            "Mean \(primary) ± standard deviation over images, and AUROC, each with its 95 % interval; n counts images with a "
            + "\(primary), and lesions. The best value of a column is bold."
        caption += (results.metrics ?? []).filter { $0.isShown(in: .paper) }.map { metric in
            " \(metric.title) is given as \(primary) is; \(metric.isLowerBetter ? "less" : "more") is better."
        }.joined()
        if results.seeds.count > 1 {
            caption +=
                " Means over \(results.seeds.count) seeds; below them the standard deviation of the seeds' own means, which "
                + "says how much another training would move them."
        }
        if hasComparisons {
            caption +=
                (results.comparesSeeds
                    ? " p (adjusted, across seeds) compares the methods' means with those of the reference arm; p of the "
                        + "trained models\(results.testsMeans ? "" : ", which is of ranks,") and effect size r stand below; "
                    : " p (adjusted; \(results.testsMeans ? "of the mean difference" : "of ranks"), but of the area itself for "
                        + "AUROC) and effect size r compare with the reference arm; ")
                + "* p\u{A0}<\u{A0}0.05, ** p\u{A0}<\u{A0}0.01, *** p\u{A0}<\u{A0}0.001."
        }
        if datasets.contains(where: { $0.role == .source }) {
            caption += " Epochs and thresholds were chosen on the validation part: it is not a test and has no stars."
        }
        return caption
    }

    private func cell(_ cell: Cell?, _ arm: ArmDescription, _ decimals: Int, _ results: StudyResults)
        -> ReportContent.Cell
    {
        guard let cell else { return .missing }
        var content = ReportContent.Cell(
            NumberFormat.fixed(cell.value, decimals),
            isBest: cell.isBest,
            stars: NumberFormat.stars(results.verdict(cell.comparison)),
            details: ReportContent.Cell.interval(cell.interval, digits: decimals)
                + ReportContent.Cell.overSeeds(cell.standardDeviationOverSeeds, digits: decimals)
        )
        if let deviation = cell.standardDeviation, deviation.isFinite {
            content.suffix = " ± \(NumberFormat.fixed(deviation, decimals))"
        }
        if arm.name == results.referenceArm {
            content.details.append("reference")
        } else if let comparison = cell.comparison {
            let effect = comparison.effectSize.map { ", r = \(NumberFormat.signed($0, 2))" } ?? ""
            if let across = comparison.acrossSeeds?.adjustedPValue, across.isFinite {
                content.details.append(NumberFormat.pEquation(across))
            }
            let subject = comparison.acrossSeeds == nil ? "" : "models "
            if comparison.modelsPValue.isFinite {
                content.details.append(subject + NumberFormat.pEquation(comparison.modelsPValue) + effect)
            }
        }
        return content
    }
}
