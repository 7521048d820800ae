extension LineChart {
    /// An area between two lines, such as the range of several trainings around their mean.
    package struct Band: Sendable {
        package var style: SeriesStyle
        /// From left to right; values that are not finite end the area there.
        package var points: [(x: Double, low: Double, high: Double)]

        package init(style: SeriesStyle, points: [(x: Double, low: Double, high: Double)]) {
            self.style = style
            self.points = points
        }

        /// Both edges, for the axes to hold them.
        package var edge: [(x: Double, y: Double)] { points.flatMap { [($0.x, $0.low), ($0.x, $0.high)] } }

        package func markup(_ x: ChartScale, _ y: ChartScale) -> Markup {
            let runs = points.split { !($0.x.isFinite && $0.low.isFinite && $0.high.isFinite) }
            let data = runs.filter { $0.count > 1 }.map { run in
                let there = run.map { "\(px(x.position($0.x))) \(px(y.position($0.high)))" }
                let back = run.reversed().map { "\(px(x.position($0.x))) \(px(y.position($0.low)))" }
                return "M" + (there + back).joined(separator: "L") + "Z"
            }
            guard !data.isEmpty else { return .group([]) }
            return tag("path", ["class": "band \(style.className)", "d": data.joined()])
        }
    }
}
