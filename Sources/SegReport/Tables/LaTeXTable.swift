import SegPages
public import SegResults
import SegScoring

/// The paper's table as LaTeX, to be read in with `\input{table}`: it needs the package `booktabs` and nothing else.
///
/// One row an arm, one column a data set: mean Dice (the leading metric) ± standard deviation, below it the 95 % interval and with several
/// seeds the standard deviation of their means, below that p and effect size of the comparison with the reference arm; then
/// the same of the AUROC and of the metrics that the study has in addition to those of every study. With several seeds the first p,
/// which stars refer to, is the one across seeds. The best value of a column is bold. The caption says what the numbers are.
///
/// - Edge cases: results without any evaluated data set give a comment that states it.
public func latexTable(_ results: StudyResults) -> String {
    let table = PaperTable(results)
    let short = ShortBlocks(results, datasets: table.datasets)
    guard !table.blocks.isEmpty else { return "% The study \(comment(results.study)) has no evaluated data set.\n" }
    var lines = [
        "% Made by SegmentationKit \(comment(results.packageVersion)) from the study \(comment(results.study)).",
        "% Needs \\usepackage{booktabs}.", "\\begin{table}", "\\centering", "\\footnotesize",
        "\\caption{\(caption(results, table))}", "\\label{tab:\(label(results.study))}",
        "\\begin{tabular}{l\(String(repeating: "c", count: table.datasets.count))}", "\\toprule",
        row([""] + table.datasets.map { LaTeXText.escaped($0.title) }),
    ]
    for block in table.blocks {
        lines += ["\\midrule", row(["\\emph{\(LaTeXText.escaped(block.title))}"] + block.counts.map(count))]
        for (index, entry) in block.rows.enumerated() {
            if index > 0 { lines.append("\\addlinespace") }
            lines.append(
                row([LaTeXText.escaped(entry.arm.title)] + entry.cells.map { value($0, block.decimals, results) })
            )
            lines.append(row([""] + entry.cells.map { interval($0, block.decimals) }))
            guard entry.cells.contains(where: { $0?.comparison != nil }) else { continue }
            if entry.cells.contains(where: { $0?.comparison?.acrossSeeds != nil }) {
                lines.append(row([""] + entry.cells.map { acrossSeeds($0?.comparison) }))
            }
            lines.append(row([""] + entry.cells.map { models($0?.comparison) }))
        }
    }
    for block in short.blocks {
        let title = LaTeXText.escaped(block.title)
        lines += ["\\midrule", "\\multicolumn{\(table.datasets.count + 1)}{l}{\\emph{\(title)}} \\\\"]
        lines += block.rows.map(row)
    }
    lines += [
        "\\bottomrule", "\\end{tabular}", "\\par\\medskip",
        "\\parbox{\\linewidth}{\\scriptsize \(notes(results, table, short))}",
        "\\end{table}",
    ]
    return lines.joined(separator: "\n") + "\n"
}

/// Cells as a row. What follows the end of a row must not look like its star or option, hence the braces.
private func row(_ cells: [String]) -> String {
    let start = cells.first?.first.map { "*[".contains($0) } == true ? "{}" : ""
    return start + cells.joined(separator: " & ") + " \\\\"
}

private func count(_ text: String) -> String {
    text.isEmpty ? "" : "$n = \(text.replacing("–", with: "$--$"))$"
}

private func value(_ cell: PaperTable.Cell?, _ decimals: Int, _ results: StudyResults) -> String {
    guard let cell else { return "--" }
    let number = LaTeXText.escaped(NumberFormat.fixed(cell.value, decimals))
    var text = cell.isBest ? "\\textbf{\(number)}" : number
    if let deviation = cell.standardDeviation, deviation.isFinite {
        text += " \\ensuremath{\\pm} \(NumberFormat.fixed(deviation, decimals))"
    }
    let stars = NumberFormat.stars(results.verdict(cell.comparison))
    return stars.isEmpty ? text : text + "\\textsuperscript{\(stars)}"
}

private func interval(_ cell: PaperTable.Cell?, _ decimals: Int) -> String {
    let bounds = NumberFormat.interval(cell?.interval?.bounds, decimals)
    var parts = bounds == NumberFormat.missing ? [] : [LaTeXText.escaped(bounds)]
    if let deviation = cell?.standardDeviationOverSeeds, deviation.isFinite {
        parts.append("$s = \(NumberFormat.fixed(deviation, decimals))$")
    }
    return parts.isEmpty ? "" : "{\\scriptsize \(parts.joined(separator: ", "))}"
}

private func acrossSeeds(_ comparison: ArmComparison?) -> String {
    guard let p = comparison?.acrossSeeds?.adjustedPValue, p.isFinite else { return "" }
    return "{\\scriptsize $\(NumberFormat.pEquation(p))$}"
}

/// The comparison of the trained models, which is all there is with a single seed.
private func models(_ comparison: ArmComparison?) -> String {
    guard let comparison, comparison.modelsPValue.isFinite else { return "" }
    let equation = NumberFormat.pEquation(comparison.modelsPValue)
    var text = comparison.acrossSeeds == nil ? "$\(equation)$" : "$p_\\mathrm{m}\(equation.dropFirst())$"
    if let effect = comparison.effectSize, effect.isFinite {
        text += ", $r = \(NumberFormat.signed(effect, 2).replacing("−", with: "-"))$"
    }
    return "{\\scriptsize \(text)}"
}

/// What the table shows, in at most sixty words; conventions stand below it.
private func caption(_ results: StudyResults, _ table: PaperTable) -> String {
    let primary = LaTeXText.escaped(MetricDescription.primary.title)
    let hasAreas = table.blocks.contains { $0.metric == .auroc }
    var text = "\(primary)\(hasAreas ? " and AUROC of malignancy" : "") by arm and data set, with 95\\,\\% intervals."
    if results.arms.count > 1 { text += " Bold: the best of a column." }
    if table.hasComparisons {
        text +=
            " Stars: adjusted \\ensuremath{p} against the reference arm, * \\ensuremath{< 0.05}, ** \\ensuremath{< 0.01}, "
            + "*** \\ensuremath{< 0.001}."
    }
    return text
}

/// How the numbers were made and are to be read.
private func notes(_ results: StudyResults, _ table: PaperTable, _ short: ShortBlocks) -> String {
    let primary = LaTeXText.escaped(MetricDescription.primary.title)
    var sentences = [
        "\(primary) by arm and data set: mean \\ensuremath{\\pm} standard deviation over images, below it the 95\\,\\% interval of "
            + "the mean"
            + (table.blocks.contains { $0.metric == .auroc }
                ? "; AUROC of malignancy over lesions, with its 95\\,\\% interval." : ".")
    ]
    sentences += (results.metrics ?? []).filter { $0.isShown(in: .paper) }.map { metric in
        LaTeXText.escaped(
            "\(metric.title) is given as \(MetricDescription.primary.title) is; "
                + "\(metric.isLowerBetter ? "less" : "more") is better. \(metric.emptyMasks)"
        )
    }
    if results.seeds.count > 1 {
        sentences.append(
            "Means over \(results.seeds.count) seeds: each image's values were averaged over seeds first, and AUROC is the mean "
                + "of the seeds' own; \\ensuremath{s} is the standard deviation of the seeds' means."
        )
    }
    if table.hasComparisons, let reference = results.referenceArm {
        let title = results.arm(named: reference)?.title ?? reference
        let subject =
            results.comparesSeeds
            ? "\\ensuremath{p} compares the method with \(LaTeXText.escaped(title)) over seeds and images, and stars go by it; "
                + "\\ensuremath{p_\\mathrm{m}} compares the trained models over images; both are adjusted: "
            : "\\ensuremath{p} compares with \(LaTeXText.escaped(title)) on the same images and is adjusted: "
        sentences += [
            subject + LaTeXText.escaped(results.methods.correction),
            "\\ensuremath{r} is the effect size: \(LaTeXText.escaped(results.methods.effectSize))",
            results.comparesSeeds
                ? results.testsMeans
                    ? "\\ensuremath{p} and \\ensuremath{p_\\mathrm{m}} are of means, \\ensuremath{r} is of ranks (AUROC: of the area)."
                    : "\\ensuremath{p} is of means, \\ensuremath{p_\\mathrm{m}} and \\ensuremath{r} are of ranks (AUROC: of the area)."
                : results.testsMeans
                    ? "Intervals and \\ensuremath{p} are of means, \\ensuremath{r} is of ranks (AUROC: of the area)."
                    : "Intervals are of means, \\ensuremath{p} and \\ensuremath{r} of ranks (AUROC: of the area).",
            LaTeXText.escaped(results.methods.test),
        ]
    }
    if table.datasets.contains(where: { $0.role == .source }) {
        sentences.append("Epochs and thresholds were chosen on the validation part: it is not a test and has no stars.")
    }
    sentences += [
        short.blocks.isEmpty ? "" : LaTeXText.escaped(results.methods.boundaries ?? ""),
        LaTeXText.escaped(results.methods.interval), "Empty masks: \(LaTeXText.escaped(results.methods.emptyPolicy))",
    ]
    return sentences.filter { !$0.isEmpty }.map { $0.hasSuffix(".") ? $0 : $0 + "." }.joined(separator: " ")
}

/// A name as a label: letters, digits and hyphens.
private func label(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
}

/// Text that stays within its comment.
private func comment(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
