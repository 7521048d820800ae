import Foundation
import SegPages
import SegStudy
import Testing

/// Expected values are printed by `Generators/chart_statistics.py`.
@Suite("What charts compute")
struct ChartStatisticsTests {
    @Test("Bias and limits of agreement are NumPy's")
    func agreement() throws {
        let statistics = try #require(AgreementStatistics(differences: [-3.5, 1.25, 0, 2, 7.75, -1]))
        #expect(abs(statistics.bias - 1.0833333333333333) < 1e-12)
        #expect(abs(statistics.standardDeviation - 3.7903385952532878) < 1e-12)
        #expect(abs(statistics.low + 6.345730313363111) < 1e-12 && abs(statistics.high - 8.512396980029777) < 1e-12)
        #expect(AgreementStatistics(differences: []) == nil)
        let single = try #require(AgreementStatistics(differences: [2]))
        #expect(single.bias == 2 && single.low.isNaN)
    }

    @Test("Labels keep their distance, their order and their place where they can")
    func labels() {
        func apart(_ wanted: [Double]) -> [Double] { AgreementChart.apart(wanted, by: 20, within: 10...110) }
        #expect(apart([20, 60, 100]) == [20, 60, 100])
        #expect(apart([50, 52, 54]) == [50, 70, 90])
        #expect(apart([100, 105, 109]) == [70, 90, 110])
        #expect(apart([-40, 0, 300]) == [10, 30, 110])
    }

    @Test("Of many marks one stays in each square, and every lonely one; few are all drawn")
    func crowds() {
        let few = (0..<Crowd.limit).map { _ in (x: 1.0, y: 1.0) }
        #expect(Crowd.thinned(few).count == Crowd.limit)
        let lonely = (0..<20).map { (x: 100 + 10 * Double($0), y: 50.0) }
        let thinned = Crowd.thinned(few + lonely)
        #expect(thinned.count == 21)
        #expect(thinned.dropFirst().map(\.x) == lonely.map(\.x))
        // What has no place, or one far outside, ends no report.
        let strange = [(x: Double.nan, y: 1.0), (x: 1.0, y: .infinity), (x: 1e300, y: -1e300)]
        #expect(Crowd.thinned(few + lonely + strange).count == 22)
        #expect(Crowd.thinned(strange).count == 1)
    }
}
