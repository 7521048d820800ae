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
/// | `table-fits-head` | every row has as many cells as the head |
/// | `chart-fits-study` | charts are of arms of the study, and each line has a point that can be drawn |
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
    case .table(let table), .numbers(let table): check(table)
    case .lineChart(let chart): check(chart.lines, of: chart.title, results)
    case .charts(let figures): figures.flatMap { check($0, results) }
    case .folded(_, let parts): parts.flatMap { check($0, results) }
    case .armHeading(let arm): check([arm], of: "a heading", results)
    case .armLegend(let arms): check(arms, of: "a legend", results)
    case .heading, .subheading, .lead, .paragraph, .note, .warnings, .list, .definitions, .legend, .gallery,
        .contourLegend, .file:
        []
    }
}

private func check(_ table: ReportContent.Table) -> [ConformanceFailure] {
    table.rows.map { $0.reduce(0) { $0 + $1.span } }.filter { $0 != table.columns.count }.map {
        ConformanceFailure(
            "table-fits-head",
            "'\(table.caption)': a row of \($0) cells under a head of \(table.columns.count)"
        )
    }
}

private func check(_ figure: ReportContent.Figure, _ results: StudyResults) -> [ConformanceFailure] {
    let drawn: [ConformanceFailure]
    switch figure.drawing {
    case .lines(let lines):
        drawn =
            check(lines.lines, of: figure.title, results)
            + check(lines.bands.map(\.arm), of: figure.title, results)
    case .scatter(let lines, _): drawn = check(lines, of: figure.title, results)
    case .rows(let rows, _):
        let arms = rows.compactMap { row -> String? in if case .arm(let arm) = row.look { arm } else { nil } }
        drawn = check(arms, of: figure.title, results)
    case .agreement(let agreement): drawn = check([agreement.arm], of: figure.title, results)
    }
    return drawn + check(figure.arm.map { [$0] } ?? [], of: figure.title, results)
        + (figure.numbers.map { check($0) } ?? [])
}

private func check(
    _ lines: [ReportContent.Chart.Line],
    of title: String,
    _ results: StudyResults
) -> [ConformanceFailure] {
    let known = lines.filter { results.arm(named: $0.arm) != nil }
    let unseen = known.filter { line in !line.points.contains { $0.x.isFinite && $0.y.isFinite } }
    return check(lines.map(\.arm), of: title, results)
        + unseen.map { ConformanceFailure("chart-fits-study", "'\(title)': no point of '\($0.arm)' is finite") }
}

private func check(_ arms: [String], of title: String, _ results: StudyResults) -> [ConformanceFailure] {
    arms.filter { results.arm(named: $0) == nil }.map {
        ConformanceFailure("chart-fits-study", "'\(title)': the study has no arm '\($0)'")
    }
}
