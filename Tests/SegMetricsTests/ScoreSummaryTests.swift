import SegMetrics
import Testing

@Suite struct ScoreSummaryTests {
    struct Case: Decodable {
        let values: [Double?]
        let mean: Double?
        let standardDeviation: Double?
        let quartiles: [Double?]
    }

    @Test func statisticsEqualNumPy() throws {
        for item in try oracle("summary", of: Case.self) {
            let summary = ScoreSummary(of: item.values.map { $0 ?? .nan })
            #expect(summary.count == item.values.count { $0 != nil })
            #expect(summary.undefinedCount == 2)
            #expect(summary.emptyCaseCount == 0)
            #expect(agrees(summary.mean, item.mean))
            #expect(agrees(summary.standardDeviation, item.standardDeviation))
            let quartiles = [
                summary.minimum, summary.lowerQuartile, summary.median, summary.upperQuartile, summary.maximum,
            ]
            #expect(agree(quartiles, item.quartiles))
        }
    }

    @Test func casesUnderThePolicyAreReported() throws {
        let masks: [(prediction: [UInt8], reference: [UInt8])] = [
            ([0, 0], [0, 0]), ([0, 0], [0, 0]), ([0, 1], [0, 0]), ([0, 0], [1, 1]), ([0, 1], [0, 1]),
            ([1, 1], [0, 1]),
        ]
        let counts = try masks.map { try ConfusionCounts(prediction: $0.prediction, reference: $0.reference) }
        let scored = ScoreSummary(of: counts.map { $0.dice(.bothEmptyScores(1)) })
        let leftOut = ScoreSummary(of: counts.map { $0.dice(.undefinedWhenReferenceEmpty) })
        for summary in [scored, leftOut] {
            #expect(summary.bothEmptyCount == 2)
            #expect(summary.referenceEmptyCount == 1)
            #expect(summary.predictionEmptyCount == 1)
            #expect(summary.emptyCaseCount == 4)
            #expect(summary.count + summary.undefinedCount == 6)
        }
        #expect(scored.undefinedCount == 0)
        #expect(leftOut.undefinedCount == 3)
        // Two empty images, one right mask and one with half its pixels wrong; the other two score 0.
        #expect(agrees(scored.mean, (3.0 + 2.0 / 3.0) / 6.0))
        #expect(agrees(leftOut.mean, (1.0 + 2.0 / 3.0) / 3.0))
    }

    @Test func infiniteDistancesStayInfinite() {
        let summary = ScoreSummary(of: [1, 2, 3, .infinity])
        #expect(summary.mean == .infinity)
        #expect(summary.median == 2.5)
        #expect(summary.maximum == .infinity)
    }
}
