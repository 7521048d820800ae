import SegMetrics
import Testing

@Suite struct AcceleratedBootstrapTests {
    struct Case: Decodable {
        let recipe: Recipe
        let statistic: String
        let confidence: Double
        let resampleCount: Int
        let estimate: Double
        let percentile: [Double]
        let accelerated: [Double]
    }

    private func statistic(_ name: String, of values: [Double]) -> Double {
        let summary = ScoreSummary(of: values)
        return name == "median" ? summary.median : name == "mean" ? summary.mean : summary.standardDeviation
    }

    /// SciPy's own interval where every case is its own group; Efron's formulas spelled out in NumPy for groups.
    @Test func intervalsEqualSciPyOverTheSameDraws() throws {
        for item in try oracle("bootstrap-accelerated", of: Case.self) {
            let sample = item.recipe.sample()
            let values = zip(sample.first, sample.second).map { $0 * $0 * $0 - $1 }
            for method in BootstrapMethod.allCases {
                let general = try bootstrapInterval(
                    caseCount: values.count,
                    groups: sample.groups,
                    method: method,
                    confidence: item.confidence,
                    resampleCount: item.resampleCount,
                    seed: item.recipe.seed
                ) { cases in statistic(item.statistic, of: cases.map { values[$0] }) }
                let bounds = method == .percentile ? item.percentile : item.accelerated
                #expect(agrees(general.estimate, item.estimate))
                #expect(agree([general.lower, general.upper], bounds, within: 1e-9), "\(item.recipe), \(method)")
                guard item.statistic == "mean" else { continue }
                let mean = try meanBootstrapInterval(
                    values,
                    groups: sample.groups,
                    method: method,
                    confidence: item.confidence,
                    resampleCount: item.resampleCount,
                    seed: item.recipe.seed
                )
                #expect(agree([mean.lower, mean.upper], bounds, within: 1e-9), "\(item.recipe), \(method)")
            }
        }
    }

    @Test(arguments: BootstrapMethod.allCases) func degenerateCases(_ method: BootstrapMethod) throws {
        // Equal values in groups of unequal size, whose means differ by round-off.
        let groups = ["a", "a", "a", "b", "c", "c", "d"]
        let equal = try meanBootstrapInterval(
            [Double](repeating: 0.1, count: 7),
            groups: groups,
            method: method,
            resampleCount: 100,
            seed: 1
        )
        #expect(abs(equal.lower - 0.1) < 1e-15 && abs(equal.upper - 0.1) < 1e-15)
        let single = try meanBootstrapInterval(
            [0.1, 0.5, 0.9],
            groups: ["a", "a", "a"],
            method: method,
            resampleCount: 100,
            seed: 1
        )
        #expect(agree([single.lower, single.upper], [0.5, 0.5]) && single.groupCount == 1)
        let empty = try meanBootstrapInterval([], method: method, resampleCount: 10, seed: 1)
        #expect(empty.estimate.isNaN && empty.lower.isNaN)
        let undefined = try meanBootstrapInterval([1, .nan], method: method, resampleCount: 10, seed: 1)
        #expect(undefined.estimate.isNaN && undefined.upper.isNaN)
        // Undefined on every resample without the first case.
        let gaps = try bootstrapInterval(caseCount: 3, method: method, resampleCount: 50, seed: 1) { cases in
            cases.contains(0) ? 1 : .nan
        }
        #expect(gaps.estimate == 1 && gaps.lower.isNaN && gaps.upper.isNaN)
    }

    @Test func accelerationNeedsResamplesOnBothSides() throws {
        // The count of different cases falls below its observed value in nearly every resample, and never exceeds it.
        func interval(_ method: BootstrapMethod) throws -> BootstrapInterval {
            try bootstrapInterval(caseCount: 20, method: method, resampleCount: 200, seed: 1) { Double(Set($0).count) }
        }
        #expect(try interval(.percentile).upper < 20)
        #expect(try interval(.biasCorrectedAccelerated).lower.isNaN)
    }

    @Test func wrongInput() {
        #expect(throws: MetricsError.self) {
            try meanBootstrapInterval([1], groups: [], method: .percentile, seed: 0)
        }
        #expect(throws: MetricsError.self) {
            try meanBootstrapInterval([1], method: .percentile, confidence: 95, seed: 0)
        }
        #expect(throws: MetricsError.self) {
            try meanBootstrapInterval([1], method: .percentile, resampleCount: 0, seed: 0)
        }
    }
}
