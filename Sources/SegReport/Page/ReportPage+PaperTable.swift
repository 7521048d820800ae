import SegPages
import SegResults
import SegScoring

/// The table that a paper would print: arms in rows, data sets in columns. `table.tex` is the same.
extension ReportPage {
    func paperTable() -> Markup {
        let table = PaperTable(results)
        let head = [columnHead("Arm", isNumber: false)] + table.datasets.map { columnHead(titled($0)) }
        let bodies = table.blocks.map { block in
            let group = tag(
                "tr",
                ["class": "group"],
                [tag("th", ["scope": "rowgroup"], tag("span", ["class": "group-title"], text: block.title))]
                    + block.counts.map { number($0.isEmpty ? NumberFormat.missing : "n = \($0)") }
            )
            let rows = block.rows.map { row in
                tag(
                    "tr",
                    [:],
                    [rowHead(keyed(row.arm))]
                        + row.cells.map { cell($0, isReference: isReference(row.arm), block.decimals) }
                )
            }
            return tag("tbody", [:], [group] + rows)
        }
        var caption =
            "Mean Dice ± standard deviation over images, and AUROC, each with its 95 % interval; n counts images with a Dice, "
            + "and lesions. The best value of a column is bold."
        caption += (results.metrics ?? []).filter { $0.isShown(in: .paper) }.map { metric in
            " \(metric.title) is given as Dice is; \(metric.isLowerBetter ? "less" : "more") is better."
        }.joined()
        if results.seeds.count > 1 {
            caption +=
                " Means over \(results.seeds.count) seeds; below them the standard deviation of the seeds' own means, which "
                + "tells how much another training would move them."
        }
        if table.hasComparisons {
            caption +=
                (results.comparesSeeds
                    ? " p (adjusted, across seeds) compares the methods with the reference arm; p of the trained models and "
                        + "effect size r stand below; "
                    : " p (adjusted) and effect size r compare with the reference arm; ")
                + "* p\u{A0}<\u{A0}0.05, ** p\u{A0}<\u{A0}0.01, *** p\u{A0}<\u{A0}0.001."
        }
        return self.table(caption: caption, label: "Arms by data sets", head: head, bodies: bodies, className: "paper")
    }

    private func isReference(_ arm: ArmDescription) -> Bool { arm.name == results.referenceArm }

    private func cell(_ cell: PaperTable.Cell?, isReference: Bool, _ decimals: Int) -> Markup {
        guard let cell else { return number(NumberFormat.missing) }
        let value = NumberFormat.fixed(cell.value, decimals)
        var parts: [Markup] = [cell.isBest ? tag("b", text: value) : .text(value)]
        if let deviation = cell.standardDeviation, deviation.isFinite {
            parts.append(.text(" ± \(NumberFormat.fixed(deviation, decimals))"))
        }
        let p = cell.comparison?.leadingPValue
        parts.append(tag("span", ["class": "stars", "aria-hidden": "true"], text: NumberFormat.stars(p)))
        let interval = NumberFormat.interval(cell.interval?.bounds, decimals)
        if interval != NumberFormat.missing { parts.append(tag("small", text: interval)) }
        parts.append(overSeeds(cell.standardDeviationOverSeeds, digits: decimals))
        if isReference {
            parts.append(tag("small", [:], "reference"))
        } else if let comparison = cell.comparison {
            let effect = comparison.effectSize.map { ", r = \(NumberFormat.signed($0, 2))" } ?? ""
            if let across = comparison.acrossSeeds?.adjustedPValue, across.isFinite {
                parts.append(tag("small", text: NumberFormat.pEquation(across)))
            }
            let subject = comparison.acrossSeeds == nil ? "" : "models "
            if comparison.adjustedPValue.isFinite {
                parts.append(tag("small", text: subject + NumberFormat.pEquation(comparison.adjustedPValue) + effect))
            }
        }
        return tag("td", ["class": "number"], parts)
    }
}
