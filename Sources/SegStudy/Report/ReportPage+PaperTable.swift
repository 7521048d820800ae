/// The table that a paper would print: arms in rows, data sets in columns. `table.tex` is the same.
extension ReportPage {
    func paperTable() -> Markup {
        let table = PaperTable(results)
        let head = [columnHead("Arm", isNumber: false)] + table.datasets.map { columnHead(titled($0)) }
        let bodies = table.blocks.map { block in
            let title = block.metric == .dice ? "Dice" : "AUROC of malignancy"
            let group = tag(
                "tr",
                ["class": "group"],
                tag(
                    "th",
                    ["scope": "rowgroup", "colspan": String(head.count)],
                    tag("span", ["class": "group-title"], text: title)
                )
            )
            let rows = block.rows.map { row in
                tag(
                    "tr",
                    [:],
                    [rowHead(keyed(row.arm))] + row.cells.map { cell($0, isReference: isReference(row.arm)) }
                )
            }
            return tag("tbody", [:], [group] + rows)
        }
        var caption =
            "Mean Dice ± standard deviation over images, and AUROC, each with its 95 % interval. The best value of a "
            + "column is bold."
        if table.hasComparisons {
            caption +=
                " p (adjusted) and effect size r compare with the reference arm; "
                + "* p\u{A0}<\u{A0}0.05, ** p\u{A0}<\u{A0}0.01, *** p\u{A0}<\u{A0}0.001."
        }
        return self.table(caption: caption, label: "Arms by data sets", head: head, bodies: bodies, className: "paper")
    }

    private func isReference(_ arm: ArmDescription) -> Bool { arm.name == results.referenceArm }

    private func cell(_ cell: PaperTable.Cell?, isReference: Bool) -> Markup {
        guard let cell else { return number(NumberFormat.missing) }
        let value = NumberFormat.fixed(cell.value)
        var parts: [Markup] = [cell.isBest ? tag("b", text: value) : .text(value)]
        if let deviation = cell.standardDeviation, deviation.isFinite {
            parts.append(.text(" ± \(NumberFormat.fixed(deviation))"))
        }
        let p = cell.comparison?.adjustedPValue
        parts.append(tag("span", ["class": "stars", "aria-hidden": "true"], text: NumberFormat.stars(p)))
        let interval = NumberFormat.interval(cell.interval)
        if interval != NumberFormat.missing { parts.append(tag("small", text: interval)) }
        if isReference {
            parts.append(tag("small", [:], "reference"))
        } else if let p, p.isFinite {
            let effect = cell.comparison?.effectSize.map { ", r = \(NumberFormat.signed($0, 2))" } ?? ""
            parts.append(tag("small", text: NumberFormat.pEquation(p) + effect))
        }
        return tag("td", ["class": "number"], parts)
    }
}
