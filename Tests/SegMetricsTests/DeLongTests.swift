import SegMetrics
import Testing

@Suite struct DeLongTests {
    struct Case: Decodable {
        let first: [Double]
        let second: [Double]
        let labels: [Bool]
        let areas: [Double]
        let covariance: [Double?]
        let zStatistic: Double?
        let pValue: Double?
        let interval: [Double?]
    }

    struct LibraryCase: Decodable {
        let first: [Double]
        let second: [Double]
        let labels: [Bool]
        let areas: [Double]
        let zStatistic: Double
        let pValue: Double
        let intervals: [Double]
    }

    struct Normal: Decodable {
        let z: [Double]
        let upperTails: [Double]
        let probabilities: [Double]
        let quantiles: [Double]
    }

    @Test func resultEqualsItsDefinitionOverAllPairs() throws {
        for item in try oracle("delong", of: Case.self) {
            let result = try deLongTest(first: item.first, second: item.second, labels: item.labels)
            let covariance = [
                result.firstVariance, result.covariance, result.covariance, result.secondVariance,
            ]
            #expect(agree([result.firstArea, result.secondArea], item.areas))
            #expect(agree(covariance, item.covariance, within: 1e-10))
            #expect(agrees(result.zStatistic, item.zStatistic, within: 1e-9))
            #expect(agrees(result.pValue, item.pValue, within: 1e-9))
            let interval = try deLongInterval(scores: item.first, labels: item.labels)
            #expect(agree([interval.lower, interval.upper], item.interval, within: 1e-9))
            #expect(
                try interval.area.isNaN || agrees(interval.area, areaUnderROC(scores: item.first, labels: item.labels))
            )
        }
    }

    /// Independent code for two areas: MLstatkit's.
    @Test func testOfTwoAreasEqualsMLstatkit() throws {
        for item in try oracle("delong-libraries", of: LibraryCase.self) {
            let result = try deLongTest(first: item.first, second: item.second, labels: item.labels)
            #expect(agree([result.firstArea, result.secondArea], item.areas))
            #expect(agrees(result.zStatistic, item.zStatistic, within: 1e-9))
            #expect(agrees(result.pValue, item.pValue, within: 1e-9))
            let intervals = try [item.first, item.second].flatMap { scores in
                let interval = try deLongInterval(scores: scores, labels: item.labels)
                return [interval.lower, interval.upper]
            }
            #expect(agree(intervals, item.intervals, within: 1e-9))
        }
    }

    /// 58 normal and 51 abnormal images rated 1 to 5 (J. A. Hanley, B. J. McNeil, Radiology 143 (1982), table I). Their
    /// area is 0.893; Stata's manual gives DeLong's standard error and interval for them in the example of `roctab`.
    @Test func publishedExampleOfRatedImages() throws {
        let normal = [33, 6, 6, 11, 2]
        let abnormal = [3, 2, 2, 11, 33]
        var scores: [Double] = []
        var labels: [Bool] = []
        for rating in 0..<5 {
            scores += [Double](repeating: Double(rating + 1), count: normal[rating] + abnormal[rating])
            labels += [Bool](repeating: false, count: normal[rating])
            labels += [Bool](repeating: true, count: abnormal[rating])
        }
        let interval = try deLongInterval(scores: scores, labels: labels)
        #expect(abs(interval.area - 0.8932) < 0.5e-4)
        #expect(abs(interval.variance.squareRoot() - 0.0307) < 0.5e-4)
        #expect(abs(interval.lower - 0.83295) < 0.5e-5 && abs(interval.upper - 0.95339) < 0.5e-5)
        #expect(throws: MetricsError.self) { try deLongInterval(scores: scores, labels: labels, confidence: 95) }
    }

    @Test func areasWithoutVarianceAreCompared() throws {
        let labels = [true, true, false, false]
        let right = try deLongTest(first: [3, 4, 1, 2], second: [1, 2, 3, 4], labels: labels)
        #expect(right.zStatistic == .infinity && right.pValue == 0)
        let one = try deLongTest(first: [1], second: [2], labels: [true])
        #expect(one.firstArea.isNaN && one.pValue.isNaN)
        #expect(throws: MetricsError.self) { try deLongTest(first: [1, 2], second: [1], labels: [true, false]) }
    }

    @Test func normalTailsAndQuantilesEqualSciPy() throws {
        let table = try #require(try oracle("normal", of: Normal.self).first)
        for (z, tail) in zip(table.z, table.upperTails) {
            #expect(abs(normalUpperTail(z) - tail) <= 1e-12 * tail)
        }
        #expect(agree(table.probabilities.map(normalQuantile), table.quantiles, within: 1e-9))
    }
}
