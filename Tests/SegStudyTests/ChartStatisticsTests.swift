import Foundation
import SegStudy
import Testing

/// Expected values are printed by `Generators/chart_statistics.py`.
@Suite("What charts compute")
struct ChartStatisticsTests {
    private static let probabilities = [
        0.255, 0.784, 0.738, 0.498, 0.421, 0.327, 0.482, 0.697, 0.121, 0.974, 0.137, 0.208, 0.675, 0.327, 0.754, 0.672,
        0.608, 0.285, 0.059, 0.125, 0.122, 0.541, 0.04, 0.478, 0.445, 0.248, 0.176, 0.247, 0.115, 0.76, 0.556, 0.421,
        0.415, 0.671, 0.575, 0.922, 0.538, 0.786, 0.283, 0.835, 0.735, 0.453, 0.347, 0.131, 0.135, 0.197, 0.416, 0.945,
        0.984, 0.696, 0.653, 0.701, 0.616, 0.45, 0.485, 0.979, 0.871, 0.208, 0.105, 0.864,
    ]
    private static let labels = [
        0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0,
        0,
        1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0,
    ].map { $0 == 1 }

    @Test("The calibration error is torchmetrics'", arguments: [(10, 0.12), (4, 0.08246666666666672)])
    func calibrationError(bins: Int, expected: Double) throws {
        let bins = try #require(
            CalibrationBins(probabilities: Self.probabilities, labels: Self.labels, bins: bins)
        )
        // torchmetrics adds up in 32 bits.
        #expect(abs(bins.expectedError - expected) < 1e-6)
    }

    @Test("Calibration curves are scikit-learn's")
    func calibrationCurve() throws {
        let bins = try #require(CalibrationBins(probabilities: Self.probabilities, labels: Self.labels)).bins
        let observed = [0, 0.1, 1.0 / 7, 0, 4.0 / 11, 0.25, 0.75, 6.0 / 7, 2.0 / 3, 0.8]
        let predicted = [
            0.0495, 0.1364, 0.2477142857142857, 0.3336666666666666, 0.4512727272727273, 0.5525, 0.661,
            0.751142857142857, 0.8566666666666666, 0.9607999999999999,
        ]
        #expect(zip(bins, observed).allSatisfy { abs($0.observed - $1) < 1e-12 } && bins.count == 10)
        #expect(zip(bins, predicted).allSatisfy { abs($0.predicted - $1) < 1e-12 })
        #expect(bins.reduce(0) { $0 + $1.count } == 60)
    }

    @Test("The ends of the scale have their bins, empty bins are left out, and what is no probability is refused")
    func calibrationEdges() throws {
        let ends = try #require(CalibrationBins(probabilities: [0, 1, 1, 0.1], labels: [false, true, false, true]))
        #expect(ends.bins.map(\.lower) == [0, 0.1, 0.9] && ends.bins.map(\.count) == [1, 1, 2])
        #expect(abs(ends.expectedError - (0.9 + 2 * 0.5) / 4) < 1e-12)
        #expect(CalibrationBins(probabilities: [], labels: []) == nil)
        #expect(CalibrationBins(probabilities: [1.2], labels: [true]) == nil)
        #expect(CalibrationBins(probabilities: [.nan], labels: [true]) == nil)
    }

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
    }
}
