import SegCore
import SegPages

extension ContentMarkup {
    /// A chart with its caption, and the numbers behind it.
    func markup(of figure: ReportContent.Figure) -> Markup {
        let caption = figure.arm.map { tag("strong", [:], keyed($0)) } ?? tag("strong", text: figure.caption)
        let detail: [Markup] = figure.detail.isEmpty ? [] : [.text(" \(figure.detail)")]
        return tag(
            "figure",
            [:],
            [drawing(figure), tag("figcaption", [:], [caption] + detail)] + (figure.numbers.map { [numbers($0)] } ?? [])
        )
    }

    func markup(of chart: ReportContent.Chart) -> Markup {
        markup(
            of: ReportContent.Figure(
                title: chart.title,
                caption: chart.title,
                description: chart.description,
                horizontalTitle: chart.horizontalTitle,
                verticalTitle: chart.verticalTitle,
                drawing: .lines(.init(chart.lines))
            )
        )
    }

    private func drawing(_ figure: ReportContent.Figure) -> Markup {
        switch figure.drawing {
        case .lines(let lines): return self.lines(lines, figure)
        case .rows(let rows, let domain):
            return RowChart(
                title: figure.title,
                description: figure.description,
                horizontalTitle: figure.horizontalTitle,
                domain: domain,
                rows: rows.map(row)
            ).markup()
        case .scatter(let series, let domain):
            return ScatterChart(
                title: figure.title,
                description: figure.description,
                horizontalTitle: figure.horizontalTitle,
                verticalTitle: figure.verticalTitle,
                verticalDomain: domain,
                series: series.map { .init(style: context.style(of: $0.arm), points: $0.points) }
            ).markup()
        case .agreement(let agreement): return self.agreement(agreement, figure)
        }
    }

    private func lines(_ content: ReportContent.Lines, _ figure: ReportContent.Figure) -> Markup {
        var chart = LineChart(
            description: figure.description,
            horizontalTitle: figure.horizontalTitle,
            verticalTitle: figure.verticalTitle,
            series: content.lines.map {
                .init(style: context.style(of: $0.arm), points: $0.points, marked: $0.marked, isFaint: $0.isFaint)
            }
        )
        chart.title = figure.title
        chart.bands = content.bands.map { .init(style: context.style(of: $0.arm), points: $0.points) }
        chart.horizontalDomain = content.horizontalDomain
        chart.verticalDomain = content.verticalDomain
        if content.isSquare {
            chart.hasDiagonal = true
            chart.frame.height = 400
        }
        return chart.markup()
    }

    private func row(_ row: ReportContent.Row) -> RowChart.Row {
        let style =
            switch row.look {
            case .arm(let arm): context.style(of: arm)
            // Colors that the first arms do not have.
            case .pathology(let pathology): SeriesStyle(pathology == .malignant ? 5 : 6)
            }
        let content: RowChart.Content? =
            switch row.content {
            case nil: nil
            case .values(let values): BoxStatistics(values).map { .box($0) }
            case .quantiles(let low, let lowerQuartile, let median, let upperQuartile, let high, let mean):
                .box(
                    BoxStatistics(
                        lowerWhisker: low,
                        lowerQuartile: lowerQuartile,
                        median: median,
                        upperQuartile: upperQuartile,
                        upperWhisker: high,
                        mean: mean
                    )
                )
            case .interval(let mean, let low?, let high?): .interval(mean: mean, (low, high))
            case .interval(let mean, _, _): .interval(mean: mean, nil)
            }
        return RowChart.Row(title: row.title, value: row.value, style: style, content: content)
    }

    private func agreement(_ content: ReportContent.Agreement, _ figure: ReportContent.Figure) -> Markup {
        guard let statistics = AgreementStatistics(differences: content.points.map(\.difference)) else {
            return .group([])
        }
        return AgreementChart(
            title: figure.title,
            description: figure.description,
            horizontalTitle: figure.horizontalTitle,
            verticalTitle: figure.verticalTitle,
            style: context.style(of: content.arm),
            points: content.points,
            statistics: statistics,
            means: content.means,
            differences: content.differences
        ).markup()
    }
}
