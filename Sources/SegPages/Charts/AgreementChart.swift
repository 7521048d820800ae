/// A Bland–Altman plot: the difference of two measurements over their mean, with bias and limits of agreement.
package struct AgreementChart: Sendable {
    package var title: String
    package var description: String
    package var horizontalTitle: String
    package var verticalTitle: String
    package var style: SeriesStyle
    /// Mean and difference of each pair.
    package var points: [(mean: Double, difference: Double)]
    package var statistics: AgreementStatistics
    /// The domains, common to charts that are to be compared.
    package var means: ClosedRange<Double>
    package var differences: ClosedRange<Double>

    package init(
        title: String,
        description: String,
        horizontalTitle: String,
        verticalTitle: String,
        style: SeriesStyle,
        points: [(mean: Double, difference: Double)],
        statistics: AgreementStatistics,
        means: ClosedRange<Double>,
        differences: ClosedRange<Double>
    ) {
        self.title = title
        self.description = description
        self.horizontalTitle = horizontalTitle
        self.verticalTitle = verticalTitle
        self.style = style
        self.points = points
        self.statistics = statistics
        self.means = means
        self.differences = differences
    }

    /// The least distance between labels in the margin, px.
    private static let labelHeight = 14.0

    package func markup() -> Markup {
        var frame = ChartFrame()
        frame.right = 76
        let x = ChartScale(
            linear: means.lowerBound,
            means.upperBound,
            from: frame.left + 4,
            to: frame.plotRight - 4,
            isNice: false
        )
        let y = ChartScale(
            linear: differences.lowerBound,
            differences.upperBound,
            from: frame.plotBottom,
            to: frame.top,
            isNice: true
        )
        var items = [
            frame.verticalAxis(y, title: verticalTitle), frame.horizontalAxis(x, title: horizontalTitle),
            line(frame.left, y.position(0), frame.plotRight, y.position(0), "diagonal"),
        ]
        let marks = points.map { (x: x.position($0.mean), y: y.position($0.difference)) }
        items += lines(frame, y)
        // Above the lines, which would hide the marks that lie on them.
        items.append(Crowd.marks(marks, style: style, radius: 1.9))
        return frame.svg(description, title: title, items)
    }

    /// The three lines, with their values in the margin.
    private func lines(_ frame: ChartFrame, _ y: ChartScale) -> [Markup] {
        let levels: [(name: String, value: Double, isLimit: Bool)] = [
            ("+1.96 SD", statistics.high, true), ("bias", statistics.bias, false),
            ("−1.96 SD", statistics.low, true),
        ].filter { $0.value.isFinite }
        let places = Self.apart(
            levels.map { y.position($0.value) },
            by: 2 * Self.labelHeight,
            within: frame.top + Self.labelHeight...frame.plotBottom - Self.labelHeight
        )
        return zip(levels, places).flatMap { level, place in
            let height = y.position(level.value)
            let start = (frame.left, height)
            let shape = "M\(px(start.0)) \(px(start.1))H\(px(frame.plotRight))"
            return [
                tag(
                    "path",
                    ["class": "line \(style.className)", "stroke-dasharray": level.isLimit ? "6 4" : nil, "d": shape]
                ),
                text(frame.plotRight + 5, place - 1, level.name),
                text(
                    frame.plotRight + 5,
                    place + Self.labelHeight - 1,
                    NumberFormat.signed(level.value, 2),
                    className: "row-title"
                ),
            ]
        }
    }

    /// Positions that keep a distance, as near as may be to those wanted, which descend the page.
    package static func apart(_ wanted: [Double], by distance: Double, within range: ClosedRange<Double>) -> [Double] {
        var places = wanted.map { min(max($0, range.lowerBound), range.upperBound) }
        for index in places.indices.dropFirst() { places[index] = max(places[index], places[index - 1] + distance) }
        // What was pushed beyond the end pushes back.
        var limit = range.upperBound
        for index in places.indices.reversed() {
            places[index] = min(places[index], limit)
            limit = places[index] - distance
        }
        return places
    }
}
