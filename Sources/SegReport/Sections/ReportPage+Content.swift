import SegPages
import SegResults

/// Content of sections as markup.
extension ReportPage {
    func markup(of content: ReportContent) -> [Markup] {
        switch content.body {
        case .markup(let markup): markup
        case .parts(let parts): parts.map(markup(of:))
        }
    }

    private func markup(of part: ReportContent.Part) -> Markup {
        switch part {
        case .heading(let text): tag("h3", text: text)
        case .paragraph(let text): tag("p", text: text)
        case .note(let text): tag("p", ["class": "note"], text: text)
        case .list(let items): tag("ul", [:], items.map { tag("li", text: $0) })
        case .legend: legend(results.arms)
        case .table(let table): markup(of: table)
        case .lineChart(let chart): markup(of: chart)
        }
    }

    private func markup(of content: ReportContent.Table) -> Markup {
        let head = content.head.enumerated().map { columnHead($1, isNumber: $0 >= content.textColumns) }
        let rows = content.rows.map { row in
            tag(
                "tr",
                [:],
                content.head.indices.map { column in
                    let text = column < row.count ? row[column] : ""
                    return column == 0
                        ? rowHead(.text(text)) : column < content.textColumns ? tag("td", text: text) : number(text)
                }
            )
        }
        return table(
            caption: content.caption,
            label: content.caption,
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
    }

    private func markup(of content: ReportContent.Chart) -> Markup {
        var chart = LineChart(
            description: content.description,
            horizontalTitle: content.horizontalTitle,
            verticalTitle: content.verticalTitle,
            series: content.lines.map { LineChart.Series(style: style(of: $0.arm), points: $0.points) }
        )
        chart.title = content.title
        return figure(chart.markup(), caption: [tag("strong", text: content.title)])
    }
}
