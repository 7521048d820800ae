import Foundation
import SegMetrics
import Testing

@Suite struct KolmogorovSmirnovTests {
    struct Case: Decodable {
        let seed: UInt64
        let count: Int
        let power: Double
        let statistic: Double
        let exact: Double
        let asymptotic: Double
    }

    struct Tail: Decodable {
        let count: Int
        let d: Double
        let tail: Double
    }

    @Test func resultsEqualSciPy() throws {
        for item in try oracle("kolmogorov-smirnov", of: Case.self) {
            var generator = SplitMix64(seed: item.seed)
            let values = (0..<item.count).map { _ in
                pow((Double(generator.next(below: 1_000_000)) + 0.5) / 1e6, item.power)
            }
            let exact = kolmogorovSmirnovTest(values, method: .exact)
            #expect(agrees(exact.statistic, item.statistic))
            #expect(abs(exact.pValue - item.exact) <= 1e-7 * item.exact, "\(item) \(exact.pValue)")
            let asymptotic = kolmogorovSmirnovTest(values, method: .asymptotic)
            #expect(agrees(asymptotic.pValue, item.asymptotic, within: 1e-9))
        }
    }

    @Test func exactTailsEqualSciPy() throws {
        for item in try oracle("kolmogorov-tails", of: Tail.self) {
            let tail = kolmogorovUpperTail(item.d, count: item.count)
            #expect(abs(tail - item.tail) <= 1e-7 * item.tail + 1e-300, "\(item) \(tail)")
        }
    }

    @Test func otherDistributionsAndUndefinedValues() {
        let values = [0.1, 0.4, 0.9].map { -log(1 - $0) }
        let exponential = kolmogorovSmirnovTest(values) { 1 - exp(-$0) }
        #expect(agrees(exponential.statistic, kolmogorovSmirnovTest([0.1, 0.4, 0.9]).statistic))
        #expect(kolmogorovSmirnovTest([]).pValue.isNaN)
        #expect(kolmogorovSmirnovTest([0.5, .nan]).statistic.isNaN)
        #expect(kolmogorovSmirnovTest([Double](repeating: 0.5, count: 1001)).method == .asymptotic)
    }
}
