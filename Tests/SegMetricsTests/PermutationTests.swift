import SegMetrics
import Testing

@Suite struct PermutationTests {
    struct Exact: Decodable {
        struct Outcome: Decodable {
            let statistic: Double
            let pValues: [Double]
        }
        let recipe: Recipe
        /// By statistic.
        let outcomes: [Outcome]
    }

    struct Random: Decodable {
        let recipe: Recipe
        let resampleCount: Int
        let pValues: [Double]
    }

    private static let alternatives: [Alternative] = [.twoSided, .greater, .less]

    /// SciPy enumerates up to 13 groups; beyond, the generator counts whole-number sums.
    @Test func exactPValuesEqualFullEnumeration() throws {
        for item in try oracle("permutation", of: Exact.self) {
            let sample = item.recipe.sample()
            for (statistic, outcome) in zip(PairedPermutation.Statistic.allCases, item.outcomes) {
                for (alternative, pValue) in zip(Self.alternatives, outcome.pValues) {
                    let result = try pairedPermutationTest(
                        sample.first,
                        sample.second,
                        groups: sample.groups,
                        options: .init(
                            alternative: alternative,
                            statistic: statistic,
                            maximumExactCount: 40,
                            seed: 0
                        )
                    )
                    #expect(result.isExact)
                    #expect(agrees(result.statistic, outcome.statistic))
                    #expect(agrees(result.pValue, pValue), "\(item.recipe), \(statistic), \(alternative)")
                }
            }
        }
    }

    @Test func randomPValuesEqualTheReferenceOverTheSameSigns() throws {
        for item in try oracle("permutation-random", of: Random.self) {
            let sample = item.recipe.sample()
            for (alternative, pValue) in zip(Self.alternatives, item.pValues) {
                let options = PairedPermutation.Options(
                    alternative: alternative,
                    maximumExactCount: 0,
                    resampleCount: item.resampleCount,
                    seed: 77
                )
                let result = try pairedPermutationTest(
                    sample.first,
                    sample.second,
                    groups: sample.groups,
                    options: options
                )
                #expect(!result.isExact)
                #expect(agrees(result.pValue, pValue), "\(item.recipe), \(alternative)")
            }
        }
    }

    @Test func signedRanksOfSinglePairsAreWilcoxonsTest() throws {
        let sample = Recipe(seed: 3, count: 30, levels: 12, shift: 3, groups: 0).sample()
        for alternative in Alternative.allCases {
            let exact = try wilcoxonSignedRank(
                sample.first,
                sample.second,
                options: .init(alternative: alternative, method: .exact)
            )
            let flipped = try pairedPermutationTest(
                sample.first,
                sample.second,
                options: .init(alternative: alternative, statistic: .signedRankSum, seed: 0)
            )
            #expect(agrees(flipped.pValue, exact.pValue))
            #expect(flipped.statistic == exact.positiveRankSum - exact.negativeRankSum)
        }
    }

    /// Without rounding, equal pairs by different arithmetic have a sign, and ties have an order.
    @Test func roundOffIsNoDifference() throws {
        let first = [0.1 + 0.2, 0.7, 0.2, 0.9]
        let second = [0.3, 0.4, 0.5 - 2e-16, 0.1]
        func result(_ decimals: Int?) throws -> PairedPermutation.Result {
            let options = PairedPermutation.Options(statistic: .signedRankSum, seed: 0, roundingDecimals: decimals)
            return try pairedPermutationTest(first, second, options: options)
        }
        // Of three differences, 0.3, −0.3 and 0.8, the first two share their rank.
        #expect(try result(12).statistic == 3)
        #expect(try result(nil).statistic != 3)
        let wilcoxon = try wilcoxonSignedRank(first, second, options: .init(method: .exact, roundingDecimals: 12))
        #expect(try agrees(result(12).pValue, wilcoxon.pValue))
    }

    @Test func randomPValuesApproachExactOnes() throws {
        let sample = Recipe(seed: 8, count: 30, levels: 1000, shift: 200, groups: 0).sample()
        func pValue(_ maximumExactCount: Int, seed: UInt64 = 1) throws -> Double {
            let options = PairedPermutation.Options(
                maximumExactCount: maximumExactCount,
                resampleCount: 20_000,
                seed: seed
            )
            return try pairedPermutationTest(sample.first, sample.second, options: options).pValue
        }
        let exact = try pValue(30)
        // Four standard errors of a share of 20,000.
        #expect(try abs(pValue(29) - exact) < 4 * (exact * (1 - exact) / 20_000).squareRoot())
        #expect(try pValue(29) == pValue(29))
        #expect(try pValue(29) != pValue(29, seed: 2))
    }

    @Test func degenerateAndWrongInput() throws {
        func test(_ first: [Double], _ second: [Double], _ groups: [String]? = nil) throws -> PairedPermutation.Result {
            try pairedPermutationTest(first, second, groups: groups, options: .init(seed: 0))
        }
        #expect(try test([0.5, 0.7], [0.5, 0.7]).pValue == 1)
        #expect(try test([3, 4, 5], [1, 1, 1], ["a", "a", "a"]).pValue == 1)
        #expect(try test([], []).pValue.isNaN)
        let undefined = try test([.nan, 1], [0, 0])
        #expect(undefined.pValue.isNaN && undefined.statistic.isNaN)
        // A distance to an empty mask may be infinite: it has a rank, but no mean.
        #expect(try test([.infinity, 1, 3], [0, 0, 0]).pValue.isNaN)
        let ranked = try pairedPermutationTest(
            [.infinity, 1, 3],
            [0, 0, 0],
            options: .init(statistic: .signedRankSum, seed: 0)
        )
        #expect(ranked.pValue == 0.25 && ranked.statistic == 6)
        let small = try pairedPermutationTest(
            [Double](repeating: 1, count: 50),
            [Double](repeating: 0, count: 50),
            options: .init(resampleCount: 99, seed: 1)
        )
        // Never zero, however extreme.
        #expect(small.pValue == 0.01)
        #expect(throws: MetricsError.self) { try test([1], [1, 2]) }
        #expect(throws: MetricsError.self) { try test([1], [1], []) }
        #expect(throws: MetricsError.self) {
            try pairedPermutationTest([1], [1], options: .init(resampleCount: 0, seed: 1))
        }
    }
}
