import SegMetrics
import Testing

@Suite struct SeedReplicatesTests {
    struct Case: Decodable {
        let number: UInt64
        let firstSeeds, secondSeeds, caseCount: Int
        let groups: [String]?
        let seedsArePaired: Bool
        let estimate: Double
        let asMany, oneFewer: [Double]
        let components: [Double?]
        /// Difference, t, degrees of freedom, p and bounds.
        let test: [Double?]

        func arms() throws -> (first: SeedReplicates, second: SeedReplicates) {
            try (
                SeedReplicates(runs(500 + number, seeds: firstSeeds)),
                SeedReplicates(runs(600 + number, seeds: secondSeeds))
            )
        }

        /// A case's difficulty, a run's quality and a remainder, on a grid; as in the generator.
        private func runs(_ seed: UInt64, seeds: Int) -> [[Double]] {
            let levels = 1_000_000
            var generator = SplitMix64(seed: seed)
            let difficulty = (0..<caseCount).map { _ in generator.next(below: levels) }
            return (0..<seeds).map { _ in
                let quality = generator.next(below: levels / 4)
                return difficulty.map { Double($0 + quality + generator.next(below: levels / 2)) / Double(levels) }
            }
        }
    }

    struct Student: Decodable {
        let t, freedom, tail: Double
    }

    @Test func hierarchicalIntervalsEqualNumPysOverTheSameDraws() throws {
        for item in try oracle("seeds-and-cases", of: Case.self) {
            let (first, second) = try item.arms()
            for draws in SeedDraws.allCases {
                let interval = try hierarchicalBootstrapInterval(
                    first,
                    second,
                    groups: item.groups,
                    seedsArePaired: item.seedsArePaired,
                    seedDraws: draws,
                    resampleCount: 300,
                    seed: item.number
                )
                #expect(agrees(interval.estimate, item.estimate, within: 1e-10))
                let bounds = draws == .asMany ? item.asMany : item.oneFewer
                #expect(agree([interval.lower, interval.upper], bounds, within: 1e-10), "\(item.number), \(draws)")
            }
        }
    }

    @Test func varianceComponentsEqualTheAnalysisOfVariance() throws {
        for item in try oracle("seeds-and-cases", of: Case.self) {
            let components = try item.arms().first.varianceComponents
            let values = [components.betweenSeeds, components.betweenCases, components.residual]
            #expect(agree(values, item.components, within: 1e-9), "\(item.number)")
        }
    }

    @Test func seedAndCaseTestEqualsItsDefinition() throws {
        for item in try oracle("seeds-and-cases", of: Case.self) {
            let (first, second) = try item.arms()
            let result = try seedAndCaseTest(
                first,
                second,
                groups: item.groups,
                seedsArePaired: item.seedsArePaired
            )
            let values = [
                result.difference, result.tStatistic, result.degreesOfFreedom, result.pValue, result.lower,
                result.upper,
            ]
            #expect(agree(values, item.test, within: 1e-9), "\(item.number)")
        }
    }

    @Test func studentTailsEqualSciPyAndInvert() throws {
        for item in try oracle("student", of: Student.self) {
            let tail = studentTwoSidedTail(item.t, degreesOfFreedom: item.freedom)
            #expect(abs(tail - item.tail) <= 1e-10 * item.tail, "\(item)")
            guard item.t > 0.1, item.tail > 1e-200 else { continue }
            #expect(agrees(studentTwoSidedQuantile(tail, degreesOfFreedom: item.freedom), item.t, within: 1e-9))
        }
    }

    @Test func meansAndDefinedCases() throws {
        let first = try SeedReplicates([[1, 2, .nan], [3, 6, 5]])
        let second = try SeedReplicates([[0, .nan, 1]])
        #expect(agree(first.caseMeans, [2, 4, nil]) && agree(first.seedMeans, [nil, 14.0 / 3]))
        #expect(first.mean.isNaN)
        let cases = try first.definedCases(in: second)
        #expect(cases == [0])
        #expect(first.restricted(to: [0, 1]).values == [[1, 2], [3, 6]])
        #expect(try hierarchicalBootstrapInterval(first, second, resampleCount: 5, seed: 0).lower.isNaN)
        #expect(throws: MetricsError.self) { try SeedReplicates([]) }
        #expect(throws: MetricsError.self) { try SeedReplicates([[1], [1, 2]]) }
    }

    @Test func degenerateAndWrongInput() throws {
        let runs = try SeedReplicates([[0.5, 0.7, 0.6], [0.5, 0.7, 0.6]])
        let same = try seedAndCaseTest(runs, runs)
        #expect(same.pValue == 1 && same.difference == 0)
        let higher = try SeedReplicates(runs.values.map { $0.map { $0 + 0.25 } })
        #expect(try seedAndCaseTest(higher, runs).pValue < 1e-9)
        let lone = try SeedReplicates([[0.5, 0.7, 0.6]])
        #expect(try seedAndCaseTest(lone, runs).pValue.isNaN)
        #expect(try seedAndCaseTest(runs, higher, groups: ["a", "a", "a"]).pValue.isNaN)
        let other = try SeedReplicates([[0.5, 0.7]])
        #expect(throws: MetricsError.self) { try seedAndCaseTest(runs, other) }
        #expect(throws: MetricsError.self) { try seedAndCaseTest(runs, lone, seedsArePaired: true) }
        #expect(throws: MetricsError.self) { try hierarchicalBootstrapInterval(runs, other, seed: 0) }
        #expect(throws: MetricsError.self) { try hierarchicalBootstrapInterval(runs, runs, confidence: 1, seed: 0) }
    }

    @Test func sameSeedSameBits() throws {
        let item = try #require(try oracle("seeds-and-cases", of: Case.self).first)
        let (first, second) = try item.arms()
        func interval(_ seed: UInt64) throws -> BootstrapInterval {
            try hierarchicalBootstrapInterval(first, second, resampleCount: 100, seed: seed)
        }
        #expect(try interval(1) == interval(1))
        #expect(try interval(1) != interval(2))
    }
}
