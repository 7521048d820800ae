/// Lines over a common horizontal axis, with gaps where values are undefined.
package struct LineChart: Sendable {
    package struct Series: Sendable {
        package var style: SeriesStyle
        package var points: [(x: Double, y: Double)]
        /// Points to mark on the line.
        package var marked: [(x: Double, y: Double)]
        /// Whether it is one of several of the same style.
        package var isFaint: Bool

        package init(
            style: SeriesStyle,
            points: [(x: Double, y: Double)],
            marked: [(x: Double, y: Double)] = [],
            isFaint: Bool = false
        ) {
            self.style = style
            self.points = points
            self.marked = marked
            self.isFaint = isFaint
        }
    }

    /// The chart's name in a few words; `nil` where the description is as short.
    package var title: String?
    package var description: String
    package var horizontalTitle: String
    package var verticalTitle: String
    package var series: [Series]
    /// The vertical domain; `nil` to fit the values.
    package var verticalDomain: ClosedRange<Double>?
    /// The horizontal domain; `nil` to fit the values.
    package var horizontalDomain: ClosedRange<Double>?
    /// How the horizontal axis is spaced.
    package var horizontalKind = ChartScale.Kind.linear
    /// Whether to draw the line of equal coordinates.
    package var hasDiagonal = false
    /// Areas behind the lines.
    package var bands: [Band] = []
    package var frame = ChartFrame()

    package init(description: String, horizontalTitle: String, verticalTitle: String, series: [Series]) {
        self.description = description
        self.horizontalTitle = horizontalTitle
        self.verticalTitle = verticalTitle
        self.series = series
    }

    package func markup() -> Markup {
        let finite = (series.flatMap(\.points) + bands.flatMap(\.edge)).filter { $0.x.isFinite && $0.y.isFinite }
        let xs = finite.map(\.x)
        let ys = finite.map(\.y)
        let (low, high) = (
            horizontalDomain?.lowerBound ?? xs.min() ?? 0, horizontalDomain?.upperBound ?? xs.max() ?? 1
        )
        let x =
            switch horizontalKind {
            case .linear:
                ChartScale(linear: low, high, from: frame.left, to: frame.plotRight, ticks: 6, isNice: false)
            case .logarithmic: ChartScale(logarithmic: low, high, from: frame.left, to: frame.plotRight)
            }
        let y = ChartScale(
            linear: verticalDomain?.lowerBound ?? ys.min() ?? 0,
            verticalDomain?.upperBound ?? ys.max() ?? 1,
            from: frame.plotBottom,
            to: frame.top,
            isNice: verticalDomain == nil
        )
        var items = [
            frame.verticalAxis(y, title: verticalTitle), frame.horizontalAxis(x, title: horizontalTitle),
        ]
        if hasDiagonal {
            items.append(
                line(x.position(x.low), y.position(x.low), x.position(x.high), y.position(x.high), "diagonal")
            )
        }
        if finite.isEmpty { items.append(frame.emptyNotice()) }
        items += bands.map { $0.markup(x, y) }
        items += series.flatMap { lines($0, x, y) }
        items += series.flatMap { marks($0, x, y) }
        return frame.svg(description, title: title, items)
    }

    private func lines(_ series: Series, _ x: ChartScale, _ y: ChartScale) -> [Markup] {
        // A run of one value has no length to draw; a mark shows it.
        let runs = series.points.split { !($0.x.isFinite && $0.y.isFinite) }
        return runs.map { run in
            guard run.count > 1 else {
                let point = run[run.startIndex]
                return tag(
                    "path",
                    [
                        "class": "mark \(series.style.className)",
                        "d": series.style.mark(x.position(point.x), y.position(point.y), radius: 2.5),
                    ]
                )
            }
            let data = run.enumerated().map { index, point in
                "\(index == 0 ? "M" : "L")\(px(x.position(point.x))) \(px(y.position(point.y)))"
            }
            return tag(
                "path",
                [
                    "class": "line \(series.style.className)\(series.isFaint ? " faint" : "")",
                    "stroke-dasharray": series.style.dash, "d": data.joined(),
                ]
            )
        }
    }

    private func marks(_ series: Series, _ x: ChartScale, _ y: ChartScale) -> [Markup] {
        series.marked.filter { $0.x.isFinite && $0.y.isFinite }.map { point in
            tag(
                "path",
                [
                    "class": "mark ringed \(series.style.className)",
                    "d": series.style.mark(x.position(point.x), y.position(point.y), radius: 4.5),
                ]
            )
        }
    }
}
