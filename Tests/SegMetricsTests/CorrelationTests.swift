import SegMetrics
import Testing

@Suite struct CorrelationTests {
    struct Case: Decodable {
        let first: [Double]
        let second: [Double]
        let pearson: Double?
        let spearman: Double?
        let concordance: Double?
    }

    @Test func valuesEqualSciPyAndTheDefinition() throws {
        for item in try oracle("correlation", of: Case.self) {
            #expect(agrees(try pearsonCorrelation(item.first, item.second), item.pearson, within: 1e-9))
            #expect(agrees(try spearmanCorrelation(item.first, item.second), item.spearman, within: 1e-12))
            #expect(agrees(try concordanceCorrelation(item.first, item.second), item.concordance, within: 1e-9))
        }
    }

    @Test func anOrderOfItsOwnDoesNotMatter() throws {
        let (first, second) = ([0.1, 0.9, 0.4, 0.4, 0.7], [0.2, 0.5, 0.6, 0.1, 0.9])
        let order = [3, 0, 4, 2, 1]
        for correlation in [pearsonCorrelation, spearmanCorrelation, concordanceCorrelation] {
            let value = try correlation(first, second)
            #expect(abs(try correlation(second, first) - value) < 1e-15)
            #expect(abs(try correlation(order.map { first[$0] }, order.map { second[$0] }) - value) < 1e-15)
        }
    }

    @Test func whatIsNotANumberGivesNoNumber() throws {
        for correlation in [pearsonCorrelation, spearmanCorrelation, concordanceCorrelation] {
            #expect(try correlation([0.1, .nan, 0.3], [0.1, 0.2, 0.4]).isNaN)
            #expect(try correlation([0.1, 0.2, 0.3], [0.1, 0.2, .nan]).isNaN)
            #expect(try correlation([], []).isNaN)
            #expect(throws: MetricsError.self) { try correlation([1], [1, 2]) }
        }
    }
}
