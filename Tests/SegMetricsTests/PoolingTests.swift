import SegMetrics
import Testing

@Suite("Estimates of several studies, proportions and means by patient")
struct PoolingTests {
    struct Case: Decodable {
        struct Study: Decodable {
            let estimates: [Double]
            let variances: [Double]
            let estimate, tau2, q, i2, error, lower, upper, p: Double
        }

        struct Proportion: Decodable {
            let hits, count: Int
            let lower, upper: Double
        }

        struct Cluster: Decodable {
            let values: [Double]
            let groups: [String]
            let variance: Double
        }

        let studies: [Study]
        let proportions: [Proportion]
        let clusters: [Cluster]
    }

    @Test("Pooled estimates, heterogeneity, proportions and variances equal statsmodels'")
    func equalsStatsmodels() throws {
        let fixture = try #require(try oracle("pooling", of: Case.self).first)
        for item in fixture.studies {
            let result = try randomEffects(item.estimates, variances: item.variances)
            let found = [
                result.estimate, result.betweenVariance, result.qStatistic, result.heterogeneity, result.standardError,
                result.lower, result.upper, result.pValue,
            ]
            let expected = [item.estimate, item.tau2, item.q, item.i2, item.error, item.lower, item.upper, item.p]
            #expect(agree(found, expected, within: 1e-9))
        }
        for item in fixture.proportions {
            let values = (0..<item.count).map { $0 < item.hits ? 1.0 : 0 }
            let result = try proportionInterval(values)
            #expect(agree([result.lower, result.upper], [item.lower, item.upper], within: 1e-9))
        }
        for item in fixture.clusters {
            #expect(agrees(try varianceOfMean(item.values, groups: item.groups), item.variance, within: 1e-9))
        }
    }

    @Test("What cannot be pooled or bounded is not a number")
    func edges() throws {
        #expect(try randomEffects([0.5], variances: [0.1]).estimate.isNaN)
        #expect(try randomEffects([0.5, 0.6], variances: [0.1, 0]).pValue.isNaN)
        #expect(try randomEffects([0.5, .nan], variances: [0.1, 0.1]).lower.isNaN)
        #expect(throws: MetricsError.self) { try randomEffects([0.5, 1], variances: [0.1]) }
        let equal = try randomEffects([0.5, 0.5], variances: [0.1, 0.1])
        #expect(equal.heterogeneity == 0 && equal.betweenVariance == 0 && equal.estimate == 0.5)
        #expect(try proportionInterval([]).lower.isNaN)
        #expect(try proportionInterval([1.5]).upper.isNaN)
        #expect(try varianceOfMean([0.1, 0.2], groups: ["a", "a"]).isNaN)
    }

    @Test("Images of one patient that agree say less than as many patients")
    func patients() throws {
        let values = [1.0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
        let alone = try proportionInterval(values)
        let together = try proportionInterval(values, groups: values.indices.map { "patient \($0 / 4)" })
        #expect(together.proportion == alone.proportion)
        #expect(together.lower < alone.lower && together.upper > alone.upper)
        // Three patients of four equal images are as good as three images.
        let three = try proportionInterval([1, 0, 1])
        #expect(abs(together.lower - three.lower) < 1e-12 && abs(together.upper - three.upper) < 1e-12)
        let all = try proportionInterval(Array(repeating: 1, count: 12), groups: values.indices.map { "\($0 / 4)" })
        #expect(all.upper == 1 && all.lower < 0.5)
    }
}
