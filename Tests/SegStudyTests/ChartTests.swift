import Foundation
import SegPages
import SegStudy
import Testing

@Suite struct ChartTests {
    @Test(arguments: [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (1, 60, ["0", "20", "40", "60"]),
        (0.612, 0.688, ["0.60", "0.62", "0.64", "0.66", "0.68", "0.70"]),
        (-3, 7, ["−4", "−2", "0", "2", "4", "6", "8"]),
        (0, 0.001, ["0", "2e−4", "4e−4", "6e−4", "8e−4", "1e−3"]),
        (0.5, 0.5, ["0.44", "0.46", "0.48", "0.50", "0.52", "0.54", "0.56"]),
    ])
    func ticksAreRound(low: Double, high: Double, labels: [String]) {
        let scale = ChartScale(linear: low, high, from: 0, to: 100, isNice: true)
        #expect(scale.ticks.map(\.label) == labels)
        #expect(scale.low <= low && scale.high >= high)
    }

    @Test func positionsRunFromStartToEnd() {
        let linear = ChartScale(linear: 2, 4, from: 100, to: 0, isNice: false)
        #expect(linear.position(2) == 100 && linear.position(3) == 50 && linear.position(4) == 0)
        let logarithmic = ChartScale(logarithmic: 0.1, 1000, from: 0, to: 4)
        #expect(abs(logarithmic.position(10) - 2) < 1e-12)
        #expect(logarithmic.ticks.map(\.label) == ["0.1", "1", "10", "100", "1000"])
    }

    @Test(arguments: [(Double.nan, 1.0), (.infinity, 1), (0, 0), (1e-300, 2e-300)])
    func anOddDomainStillHasFinitePositions(low: Double, high: Double) {
        let linear = ChartScale(linear: low, high, from: 0, to: 100, isNice: true)
        #expect(linear.position(0.5).isFinite && !linear.ticks.isEmpty && linear.ticks.count < 30)
        let logarithmic = ChartScale(logarithmic: low, high, from: 0, to: 100)
        #expect(logarithmic.position(0.5).isFinite)
    }

    @Test func boxesAreThoseOfTukey() throws {
        // Quartiles by numpy.percentile([1, 2, 3, 4, 5, 6, 7, 30], [25, 50, 75]) = 2.75, 4.5, 6.25.
        let box = try #require(BoxStatistics([30, 1, 2, 3, .nan, 4, 5, 6, 7]))
        #expect(box.lowerQuartile == 2.75 && box.median == 4.5 && box.upperQuartile == 6.25)
        #expect(box.lowerWhisker == 1 && box.upperWhisker == 7 && box.outliers == [30])
        #expect(box.mean == 7.25)
        let single = try #require(BoxStatistics([0.5]))
        #expect(single.lowerWhisker == 0.5 && single.upperWhisker == 0.5 && single.outliers.isEmpty)
        #expect(BoxStatistics([.nan]) == nil && BoxStatistics([]) == nil)
    }

    @Test func runningMediansFollowEquallyFilledBins() {
        let points = (0..<40).map { (place: Int) -> (x: Double, y: Double) in (Double(place + 1), Double(place / 10)) }
        let medians = ScatterChart.runningMedians(points.reversed())
        #expect(medians.map(\.y) == [0, 1, 2, 3])
        #expect(medians.map(\.x) == [5.5, 15.5, 25.5, 35.5])
        #expect(ScatterChart.runningMedians(Array(points.prefix(19))).isEmpty)
    }

    @Test func armsDifferInColorDashAndMark() {
        let styles = (0..<7).map { SeriesStyle($0) }
        #expect(Set(styles.map(\.className)).count == 7)
        let looks = (0..<21).map { index in
            let style = SeriesStyle(index)
            return "\(style.className) \(style.dash ?? "solid") \(style.mark(0, 0, radius: 1))"
        }
        #expect(Set(looks).count == 21)
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-0.004, "0"), (-2.25, "-2.25"), (3.07, "3.07"), (.nan, "0"), (1e20, "1000000"),
    ])
    func lengthsAreShort(value: Double, text: String) { #expect(px(value) == text) }

    @Test func aLineBreaksWhereAValueIsMissing() {
        let style = SeriesStyle(0)
        let points = [(x: 1.0, y: 1.0), (2, 2), (3, .nan), (4, 1), (5, .infinity), (6, 2), (7, 3)]
        let chart = LineChart(
            description: "",
            horizontalTitle: "",
            verticalTitle: "",
            series: [.init(style: style, points: points)]
        )
        let markup = chart.markup().rendered()
        #expect(markup.components(separatedBy: "class=\"line s0\"").count - 1 == 2)
        #expect(markup.components(separatedBy: "class=\"mark s0\"").count - 1 == 1)
    }
}
