/// Points of several series over a logarithmic horizontal axis, with a line of running medians through each.
package struct ScatterChart: Sendable {
    package struct Series: Sendable {
        package var style: SeriesStyle
        package var points: [(x: Double, y: Double)]

        package init(style: SeriesStyle, points: [(x: Double, y: Double)]) {
            self.style = style
            self.points = points
        }
    }

    package var title: String
    package var description: String
    package var horizontalTitle: String
    package var verticalTitle: String
    package var verticalDomain: ClosedRange<Double>
    package var series: [Series]

    package init(
        title: String,
        description: String,
        horizontalTitle: String,
        verticalTitle: String,
        verticalDomain: ClosedRange<Double>,
        series: [Series]
    ) {
        self.title = title
        self.description = description
        self.horizontalTitle = horizontalTitle
        self.verticalTitle = verticalTitle
        self.verticalDomain = verticalDomain
        self.series = series
    }

    package func markup() -> Markup {
        let frame = ChartFrame()
        let drawn = series.map { series in
            Series(style: series.style, points: series.points.filter { $0.x > 0 && $0.x.isFinite && $0.y.isFinite })
        }
        let xs = drawn.flatMap { $0.points.map(\.x) }
        let x = ChartScale(
            logarithmic: xs.min() ?? 1,
            xs.max() ?? 10,
            from: frame.left + 6,
            to: frame.plotRight - 6
        )
        let y = ChartScale(
            linear: verticalDomain.lowerBound,
            verticalDomain.upperBound,
            from: frame.plotBottom,
            to: frame.top,
            isNice: false
        )
        var items = [
            frame.verticalAxis(y, title: verticalTitle), frame.horizontalAxis(x, title: horizontalTitle),
        ]
        if xs.isEmpty { items.append(frame.emptyNotice()) }
        for series in drawn where !series.points.isEmpty {
            let marks = series.points.map { (x: x.position($0.x), y: y.position($0.y)) }
            items.append(Crowd.marks(marks, style: series.style, radius: 1.9))
        }
        let trends = drawn.map { series in
            let data = Self.runningMedians(series.points).enumerated().map { index, point in
                "\(index == 0 ? "M" : "L")\(px(x.position(point.x))) \(px(y.position(point.y)))"
            }
            return (style: series.style, data: data.joined())
        }.filter { !$0.data.isEmpty }
        // Halos in the color of the page lift the lines off the points.
        items += trends.map { tag("path", ["class": "halo", "d": $0.data]) }
        items += trends.map { trend in
            tag(
                "path",
                ["class": "line \(trend.style.className)", "stroke-dasharray": trend.style.dash, "d": trend.data]
            )
        }
        return frame.svg(description, title: title, items)
    }

    /// Medians of equally filled bins, at most eight, of at least ten points each.
    package static func runningMedians(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let bins = min(8, points.count / 10)
        guard bins > 1 else { return [] }
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        return (0..<bins).map { bin in
            let slice = sorted[(bin * sorted.count / bins)..<((bin + 1) * sorted.count / bins)]
            return (quantile(slice.map(\.x), 0.5), quantile(slice.map(\.y).sorted(), 0.5))
        }
    }
}
