/// One row per arm over a common horizontal axis, the arm's name above its row, so that long names have room.
package struct RowChart: Sendable {
    /// What a row shows.
    package enum Content: Sendable {
        /// The five numbers of a box plot, the mean and the points beyond the whiskers.
        case box(BoxStatistics)
        /// A mean with its interval.
        case interval(mean: Double, (low: Double, high: Double)?)
    }

    package struct Row: Sendable {
        package var title: String
        package var value: String
        package var style: SeriesStyle
        package var content: Content?

        package init(title: String, value: String, style: SeriesStyle, content: Content? = nil) {
            self.title = title
            self.value = value
            self.style = style
            self.content = content
        }
    }

    package var title: String
    package var description: String
    package var horizontalTitle: String
    package var domain: ClosedRange<Double>
    package var rows: [Row]

    package init(
        title: String,
        description: String,
        horizontalTitle: String,
        domain: ClosedRange<Double>,
        rows: [Row]
    ) {
        self.title = title
        self.description = description
        self.horizontalTitle = horizontalTitle
        self.domain = domain
        self.rows = rows
    }

    private static let rowHeight = 44.0

    package func markup() -> Markup {
        var frame = ChartFrame()
        frame.left = 20
        frame.right = 20
        frame.top = 4
        frame.height = frame.top + frame.bottom + Self.rowHeight * Double(max(rows.count, 1)) + 4
        let scale = ChartScale(
            linear: domain.lowerBound,
            domain.upperBound,
            from: frame.left,
            to: frame.plotRight,
            isNice: false
        )
        var items = [frame.horizontalAxis(scale, title: horizontalTitle)]
        for (index, row) in rows.enumerated() {
            let top = frame.top + Self.rowHeight * Double(index)
            // What the value leaves of the line.
            let room = max(16, 60 - row.value.count)
            items.append(text(frame.left + 2, top + 14, shortened(row.title, to: room), className: "row-title"))
            items.append(text(frame.plotRight, top + 14, row.value, anchor: "end", className: "row-value"))
            let middle = top + 30
            switch row.content {
            case .box(let box): items += self.box(box, row.style, middle, scale)
            case .interval(let mean, let interval): items += self.interval(mean, interval, row.style, middle, scale)
            case nil: items.append(text(frame.left + 2, middle + 4, "no values", className: "axis-title"))
            }
        }
        return frame.svg(description, title: title, items)
    }

    private func box(_ box: BoxStatistics, _ style: SeriesStyle, _ y: Double, _ scale: ChartScale) -> [Markup] {
        let (low, high) = (scale.position(box.lowerQuartile), scale.position(box.upperQuartile))
        let (start, end) = (scale.position(box.lowerWhisker), scale.position(box.upperWhisker))
        let median = scale.position(box.median)
        var items = [
            line(start, y, low, y, "whisker \(style.className)"),
            line(high, y, end, y, "whisker \(style.className)"),
            line(start, y - 4, start, y + 4, "whisker \(style.className)"),
            line(end, y - 4, end, y + 4, "whisker \(style.className)"),
            tag(
                "rect",
                [
                    "class": "box \(style.className)", "x": px(low), "y": px(y - 8), "width": px(max(high - low, 1)),
                    "height": "16", "rx": "1.5",
                ]
            ),
            line(median, y - 8, median, y + 8, "median \(style.className)"),
            tag("path", ["class": "mean \(style.className)", "d": Self.diamond(scale.position(box.mean), y)]),
        ]
        if !box.outliers.isEmpty {
            let marks = box.outliers.map { (x: scale.position($0), y: y) }
            items.append(Crowd.marks(marks, style: style, radius: 2.2))
        }
        return items
    }

    private func interval(
        _ mean: Double,
        _ interval: (low: Double, high: Double)?,
        _ style: SeriesStyle,
        _ y: Double,
        _ scale: ChartScale
    ) -> [Markup] {
        guard mean.isFinite else { return [] }
        var items: [Markup] = []
        if let interval, interval.low.isFinite, interval.high.isFinite {
            let (low, high) = (scale.position(interval.low), scale.position(interval.high))
            items = [
                line(low, y, high, y, "interval \(style.className)"),
                line(low, y - 5, low, y + 5, "interval \(style.className)"),
                line(high, y - 5, high, y + 5, "interval \(style.className)"),
            ]
        }
        let mark = style.mark(scale.position(mean), y, radius: 5)
        items.append(tag("path", ["class": "mark ringed \(style.className)", "d": mark]))
        return items
    }

    private static func diamond(_ x: Double, _ y: Double) -> String {
        "M\(px(x)) \(px(y - 4))L\(px(x + 4)) \(px(y))L\(px(x)) \(px(y + 4))L\(px(x - 4)) \(px(y))z"
    }
}
