public import SegReport
public import SegResults

/// Checks that a section of the report keeps the rules of ``SegReport/ReportSection``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name` | the `id` is made of letters, digits, - and _, and no standard section has it |
/// | `has-title` | the title is one line of text |
/// | `has-content` | there is content for the results that are given |
/// | `content-repeats` | the same results give the same page |
/// | `copes-with-little` | a study of one arm without a reference, and one without any case, give a page too |
/// | `table-fits-head` | every row has as many cells as the head, of which the columns of text are no more than all |
/// | `chart-fits-study` | lines are of arms of the study, and each has a point that can be drawn |
///
/// - Parameters:
///   - results: what a study found; small results of two arms, seeds and data sets if `nil`. Give results of your own for a
///     section on what these do not have.
///   - cases: the rows of `cases.csv` that belong to `results`.
/// - Returns: The breaches, a few of each rule; empty for a section that conforms.
public func checkReportSection(
    _ section: some ReportSection,
    results: StudyResults? = nil,
    cases: [CaseResult] = []
) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    let isPlain = section.id.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    if section.id.isEmpty || !isPlain {
        failures.append(ConformanceFailure("has-name", "'\(section.id)' is not made of letters, digits, - and _ alone"))
    }
    if ReportSections.standard.contains(where: { $0.id == section.id }) || section.id == "main" {
        failures.append(ConformanceFailure("has-name", "'\(section.id)' is part of every report"))
    }
    if !section.title.contains(where: { !$0.isWhitespace }) || section.title.contains(where: \.isNewline) {
        failures.append(ConformanceFailure("has-title", "the title '\(section.title)' is not one line of text"))
    }
    let sample = SampleResults(arms: ["first", "second"])
    let (shown, rows) = results.map { ($0, cases) } ?? (sample.results, sample.cases)
    guard let content = section.content(ReportContext(results: shown, cases: rows)) else {
        failures.append(ConformanceFailure("has-content", "there is none; give the check results that have some"))
        return failures
    }
    for part in content.parts { failures += check(part, shown) }
    func page(_ results: StudyResults, _ cases: [CaseResult]) -> String {
        HTMLReport.render(results: results, cases: cases, images: [], sections: [section])
    }
    if page(shown, rows) != page(shown, rows) {
        failures.append(ConformanceFailure("content-repeats", "the same results gave another page the second time"))
    }
    let single = SampleResults(arms: ["first"])
    for (name, little) in [("one arm", (single.results, single.cases)), ("no cases", (sample.bare, []))] {
        let text = page(little.0, little.1)
        if !text.hasSuffix("</html>") && !text.hasSuffix("</html>\n") {
            failures.append(ConformanceFailure("copes-with-little", "the page of a study of \(name) is cut short"))
        }
    }
    return failures.toldOnce()
}

private func check(_ part: ReportContent.Part, _ results: StudyResults) -> [ConformanceFailure] {
    switch part {
    case .table(let table):
        var failures = table.rows.filter { $0.count != table.head.count }.map {
            ConformanceFailure(
                "table-fits-head",
                "'\(table.caption)': a row of \($0.count) cells under a head of \(table.head.count)"
            )
        }
        if !(0...table.head.count).contains(table.textColumns) {
            failures.append(
                ConformanceFailure(
                    "table-fits-head",
                    "'\(table.caption)': \(table.textColumns) columns of text of \(table.head.count)"
                )
            )
        }
        return failures
    case .lineChart(let chart):
        return chart.lines.compactMap { line in
            if results.arm(named: line.arm) == nil {
                return ConformanceFailure("chart-fits-study", "'\(chart.title)': the study has no arm '\(line.arm)'")
            }
            let canBeDrawn = line.points.contains { $0.x.isFinite && $0.y.isFinite }
            return canBeDrawn
                ? nil : ConformanceFailure("chart-fits-study", "'\(chart.title)': no point of '\(line.arm)' is finite")
        }
    case .heading, .paragraph, .note, .list, .legend: return []
    }
}
