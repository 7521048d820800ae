import SegMetrics
import Testing

@Suite struct ComparisonTests {
    struct Adjustment: Decodable {
        let pValues: [Double]
        let holm: [Double]
        let benjaminiHochberg: [Double]
    }

    struct Effect: Decodable {
        let first: [Double]
        let second: [Double]
        let rankBiserial: [String: Double?]
        let cliffsDelta: Double
    }

    @Test func adjustedPValues() throws {
        for item in try oracle("comparisons", of: Adjustment.self) {
            #expect(agree(holmAdjusted(item.pValues), item.holm))
            #expect(agree(benjaminiHochbergAdjusted(item.pValues), item.benjaminiHochberg))
        }
    }

    @Test func adjustedPValuesEqualStatsmodels() throws {
        struct Case: Decodable {
            let pValues, bonferroni, holm, benjaminiHochberg: [Double]
        }
        for item in try oracle("adjustments", of: Case.self) {
            #expect(agree(bonferroniAdjusted(item.pValues), item.bonferroni))
            #expect(agree(holmAdjusted(item.pValues), item.holm))
            #expect(agree(benjaminiHochbergAdjusted(item.pValues), item.benjaminiHochberg))
        }
    }

    @Test func cohensDEqualsThePairedTStatistic() throws {
        struct Case: Decodable {
            let recipe: Recipe
            let expected: Double
        }
        for item in try oracle("cohen", of: Case.self) {
            let sample = item.recipe.sample()
            #expect(try agrees(cohensDz(sample.first, sample.second), item.expected))
        }
        #expect(try cohensDz([1], [0]).isNaN)
        #expect(try cohensDz([1, 2], [1, 2]).isNaN)
        #expect(try cohensDz([1, 2], [0, 1]) == .infinity)
        #expect(throws: MetricsError.self) { try cohensDz([1], []) }
    }

    @Test func rankBiserialIntervalsHoldTheCorrelation() throws {
        let sample = Recipe(seed: 9, count: 60, levels: 1000, shift: 400, groups: 20).sample()
        let interval = try rankBiserialInterval(
            sample.first,
            sample.second,
            groups: sample.groups,
            method: .biasCorrectedAccelerated,
            resampleCount: 400,
            seed: 3
        )
        #expect(try interval.estimate == rankBiserialCorrelation(sample.first, sample.second))
        #expect(interval.lower < interval.estimate && interval.estimate < interval.upper)
        #expect(interval.lower > 0 && interval.upper <= 1)
        #expect(throws: MetricsError.self) { try rankBiserialInterval([1], [], method: .percentile, seed: 0) }
    }

    @Test func anUndefinedPValueCountsAsTheLargest() {
        let withGap = [0.01, .nan, 0.04]
        #expect(agree(holmAdjusted(withGap), [0.03, nil, 0.08]))
        #expect(agree(benjaminiHochbergAdjusted(withGap), [0.03, nil, 0.06]))
        #expect(agree(bonferroniAdjusted(withGap), [0.03, nil, 0.12]))
        #expect(holmAdjusted([.nan])[0].isNaN)
    }

    @Test func effectSizes() throws {
        for item in try oracle("effects", of: Effect.self) {
            for zeroMethod in [WilcoxonSignedRank.ZeroMethod.wilcox, .pratt] {
                let expected = try #require(item.rankBiserial[zeroMethod.rawValue])
                let correlation = try rankBiserialCorrelation(item.first, item.second, zeroMethod: zeroMethod)
                #expect(agrees(correlation, expected))
            }
            // Unequal sizes: the fixture compares with the first half of the second sample.
            let half = Array(item.second.prefix(item.first.count / 2 + 1))
            #expect(agrees(cliffsDelta(item.first, half), item.cliffsDelta))
            #expect(agrees(cliffsDelta(half, item.first), -item.cliffsDelta))
        }
        #expect(cliffsDelta([], [1]).isNaN)
        #expect(cliffsDelta([1], [.nan]).isNaN)
        #expect(throws: MetricsError.self) { try rankBiserialCorrelation([1, 2], [1]) }
    }
}
