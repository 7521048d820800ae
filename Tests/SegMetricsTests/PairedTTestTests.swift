import SegMetrics
import Testing

@Suite("Paired t test")
struct PairedTTestTests {
    struct Case: Decodable {
        let first: [Double]
        let second: [Double]
        let t: Double
        let p: Double
        let interval: [Double]
    }

    @Test("Statistic, p and interval equal SciPy's")
    func equalsSciPy() throws {
        for item in try oracle("paired-t", of: Case.self) {
            let result = try pairedTTest(item.first, item.second, confidence: 0.9)
            #expect(result.pairs == item.first.count)
            #expect(agrees(result.tStatistic, item.t, within: 1e-9))
            #expect(agrees(result.pValue, item.p, within: 1e-9))
            #expect(agree([result.lower, result.upper], item.interval, within: 1e-9))
        }
    }

    @Test("Too few pairs, undefined values and differences without spread")
    func edges() throws {
        let one = try pairedTTest([0.5], [0.25])
        #expect(one.difference == 0.25 && one.pValue.isNaN && one.lower.isNaN && one.standardDeviation.isNaN)
        #expect(try pairedTTest([0.5, .nan], [0.25, 0.3]).pValue.isNaN)
        #expect(try pairedTTest([0.3, 0.4], [0.3, 0.4]).pValue == 1)
        // 0.3 − 0.2 and 0.4 − 0.3 differ in the last bits alone.
        let constant = try pairedTTest([0.3, 0.4], [0.2, 0.3])
        #expect(constant.pValue == 0 && constant.tStatistic == .infinity && constant.lower == constant.upper)
        #expect(throws: MetricsError.self) { try pairedTTest([1, 2], [1]) }
        #expect(throws: MetricsError.self) { try pairedTTest([1, 2], [1, 2], confidence: 1) }
    }
}
