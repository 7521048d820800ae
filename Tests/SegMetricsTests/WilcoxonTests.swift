import SegMetrics
import Testing

@Suite struct WilcoxonTests {
    struct Case: Decodable {
        let kind: String
        let first: [Double]
        let second: [Double]
        /// Statistic and p-value for every choice of options, in the order of `options`.
        let outcomes: [[Double?]]
    }

    struct Rounding: Decodable {
        let first: [Double]
        let second: [Double]
        let rounded: [Double]
        let raw: [Double]
    }

    static func options(
        _ methods: [WilcoxonSignedRank.Method],
        zeroMethods: [WilcoxonSignedRank.ZeroMethod] = [.wilcox, .pratt],
        corrections: [Bool]
    ) -> [WilcoxonSignedRank.Options] {
        methods.flatMap { method in
            zeroMethods.flatMap { zeroMethod in
                Alternative.allCases.flatMap { alternative in
                    corrections.map { isCorrected in
                        WilcoxonSignedRank.Options(
                            alternative: alternative,
                            zeroMethod: zeroMethod,
                            method: method,
                            isContinuityCorrected: isCorrected
                        )
                    }
                }
            }
        }
    }

    /// Statistics must be equal; p-values relative to their own size, however small.
    private func expect(_ result: WilcoxonSignedRank.Result, equals outcome: [Double?], _ comment: Comment) {
        #expect(agrees(result.statistic, outcome[0], within: 0), comment)
        if let pValue = outcome[1] {
            #expect(abs(result.pValue - pValue) <= 1e-9 * pValue, comment)
        } else {
            // SciPy's normal approximation has no p-value where every pair is equal; it is 1 here, as by its exact method.
            let isEqual = result.pairCount > 0 && result.zeroCount == result.pairCount
            #expect(isEqual ? result.pValue == 1 : result.pValue.isNaN, comment)
        }
    }

    @Test func statisticAndPValueEqualSciPy() throws {
        let options = Self.options([.automatic, .asymptotic], corrections: [false, true])
        let cases = try oracle("wilcoxon", of: Case.self)
        #expect(Set(cases.map(\.first.count)).isSuperset(of: 2...60))
        for item in cases {
            try #require(item.outcomes.count == options.count)
            for (choice, outcome) in zip(options, item.outcomes) {
                let result = try wilcoxonSignedRank(item.first, item.second, options: choice)
                expect(result, equals: outcome, "n = \(item.first.count), \(item.kind), \(choice)")
            }
        }
    }

    /// From one pair to 2,000, at the borders where the method changes, from no ties to nothing but ties and zeros.
    @Test func statisticAndPValueEqualSciPyOnRecipes() throws {
        struct Case: Decodable {
            let recipe: Recipe
            let outcomes: [[Double?]]
        }
        let zeroMethods: [WilcoxonSignedRank.ZeroMethod] = [.wilcox, .pratt, .zeroSplit]
        let options = Self.options([.automatic, .asymptotic], zeroMethods: zeroMethods, corrections: [false, true])
        for item in try oracle("wilcoxon-recipes", of: Case.self) {
            let sample = item.recipe.sample()
            try #require(item.outcomes.count == options.count)
            for (choice, outcome) in zip(options, item.outcomes) {
                let result = try wilcoxonSignedRank(sample.first, sample.second, options: choice)
                expect(result, equals: outcome, "\(item.recipe), \(choice)")
            }
        }
    }

    /// Zeros carry no sign, so whether their ranks are dropped or shared out changes nothing exact.
    @Test func splitZerosHaveThePValueOfDroppedOnes() throws {
        let sample = Recipe(seed: 5, count: 40, levels: 6, shift: 0, groups: 0).sample()
        let dropped = try wilcoxonSignedRank(
            sample.first,
            sample.second,
            options: .init(zeroMethod: .pratt, method: .exact)
        )
        let split = try wilcoxonSignedRank(
            sample.first,
            sample.second,
            options: .init(zeroMethod: .zeroSplit, method: .exact)
        )
        #expect(dropped.zeroCount > 0 && split.positiveRankSum > dropped.positiveRankSum)
        #expect(dropped.pValue == split.pValue)
        #expect(split.positiveRankSum + split.negativeRankSum == 820)
    }

    @Test func exactEqualsSciPysFullPermutationWithTiesAndZeros() throws {
        let options = Self.options([.exact], corrections: [false])
        for item in try oracle("wilcoxon-permutation", of: Case.self) {
            try #require(item.outcomes.count == options.count)
            for (choice, outcome) in zip(options, item.outcomes) {
                let result = try wilcoxonSignedRank(item.first, item.second, options: choice)
                expect(result, equals: outcome, "n = \(item.first.count), \(item.kind), \(choice)")
            }
        }
    }

    @Test func roundingKillsRoundOffTies() throws {
        for item in try oracle("wilcoxon-rounding", of: Rounding.self) {
            let rounded = try wilcoxonSignedRank(item.first, item.second, options: .init(roundingDecimals: 9))
            let raw = try wilcoxonSignedRank(item.first, item.second)
            expect(rounded, equals: item.rounded, "rounded")
            expect(raw, equals: item.raw, "raw")
            #expect(rounded.pValue != raw.pValue)
            #expect(rounded.zeroCount > raw.zeroCount)
        }
    }

    @Test func theMethodUsedIsReported() throws {
        func method(_ count: Int, ties: Bool) throws -> WilcoxonSignedRank.Method {
            let first = (1...count).map { ties ? 1 : Double($0) }
            return try wilcoxonSignedRank(first, [Double](repeating: 0, count: count)).method
        }
        #expect(try method(50, ties: false) == .exact)
        #expect(try method(51, ties: false) == .asymptotic)
        #expect(try method(13, ties: true) == .exact)
        #expect(try method(14, ties: true) == .asymptotic)
    }

    @Test func undefinedAndWrongInput() throws {
        #expect(try wilcoxonSignedRank([], []).pValue.isNaN)
        let undefined = try wilcoxonSignedRank([1, .nan, 3], [0, 0, 0])
        #expect(undefined.statistic.isNaN && undefined.pValue.isNaN && undefined.rankBiserialCorrelation.isNaN)
        #expect(throws: MetricsError.self) { try wilcoxonSignedRank([1], []) }
        // SciPy refuses this one; every sign pattern of no ranks is as extreme as the observed one.
        #expect(try wilcoxonSignedRank([1], [1]).pValue == 1)
        for count in [13, 14, 60] {
            let equal = [Double](repeating: 0.7, count: count)
            #expect(try wilcoxonSignedRank(equal, equal).pValue == 1)
        }

        let pairs = try definedPairs([1, .nan, 3, 4], [5, 6, .nan, 8])
        #expect(pairs.first == [1, 4])
        #expect(pairs.second == [5, 8])
        #expect(pairs.excludedCount == 2)
    }
}
