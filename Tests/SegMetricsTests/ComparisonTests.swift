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

    @Test func anUndefinedPValueCountsAsTheLargest() {
        let withGap = [0.01, .nan, 0.04]
        #expect(agree(holmAdjusted(withGap), [0.03, nil, 0.08]))
        #expect(agree(benjaminiHochbergAdjusted(withGap), [0.03, nil, 0.06]))
        #expect(holmAdjusted([.nan])[0].isNaN)
    }

    @Test func effectSizes() throws {
        for item in try oracle("effects", of: Effect.self) {
            for zeroMethod in WilcoxonSignedRank.ZeroMethod.allCases {
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
