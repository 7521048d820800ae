import SegMetrics
import Testing

@Suite struct BootstrapTests {
    struct Case: Decodable {
        let first: [Double]
        let second: [Double]
        let groups: [String]?
        let confidence: Double
        let seed: String
        let resampleCount: Int
        let estimate: Double
        let bounds: [Double]
    }

    @Test func intervalsEqualNumPysOverTheSameDraws() throws {
        for item in try oracle("bootstrap", of: Case.self) {
            let interval = try pairedBootstrapInterval(
                item.first,
                item.second,
                groups: item.groups,
                confidence: item.confidence,
                resampleCount: item.resampleCount,
                seed: #require(UInt64(item.seed))
            )
            #expect(agrees(interval.estimate, item.estimate))
            #expect(agree([interval.lower, interval.upper], item.bounds))
            #expect(interval.groupCount == item.groups.map { Set($0).count } ?? item.first.count)
        }
    }

    /// The generator's published reference values.
    @Test func generatorEqualsItsReference() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func sameSeedSameBitsAndOtherSeedOtherBounds() throws {
        let first = (0..<30).map { Double($0 * $0 % 17) }
        let second = (0..<30).map { Double($0 * 7 % 13) }
        func interval(_ seed: UInt64, _ prefix: String = "p") throws -> BootstrapInterval {
            let groups = first.indices.map { "\(prefix)\($0 / 3)" }
            return try pairedBootstrapInterval(first, second, groups: groups, resampleCount: 200, seed: seed)
        }
        #expect(try interval(5) == interval(5))
        #expect(try interval(5) == interval(5, "patient"))
        #expect(try interval(5) != interval(6))
    }

    @Test func clusteringWidensTheIntervalOfRepeatedCases() throws {
        // Ten patients, each photographed ten times: a hundred pairs, but only ten that are independent.
        let differences = (0..<100).map { Double([3, -1, 4, -1, 5, -9, 2, 6, -5, 3][$0 / 10]) }
        let zeros = [Double](repeating: 0, count: 100)
        let patients = (0..<100).map { "\($0 / 10)" }
        let naive = try pairedBootstrapInterval(differences, zeros, resampleCount: 2000, seed: 1)
        let clustered = try pairedBootstrapInterval(differences, zeros, groups: patients, resampleCount: 2000, seed: 1)
        #expect(clustered.upper - clustered.lower > 2 * (naive.upper - naive.lower))
        #expect(clustered.estimate == naive.estimate)
    }

    @Test func undefinedAndWrongInput() throws {
        #expect(try pairedBootstrapInterval([], [], seed: 0).lower.isNaN)
        #expect(try pairedBootstrapInterval([1, .nan], [0, 0], resampleCount: 9, seed: 0).upper.isNaN)
        #expect(throws: MetricsError.self) { try pairedBootstrapInterval([1], [1, 2], seed: 0) }
        #expect(throws: MetricsError.self) { try pairedBootstrapInterval([1], [1], groups: [], seed: 0) }
    }
}
