import SegMetrics
import Testing

/// Whether the p-values of AUROCs mean what they say, over many simulated studies.
@Suite struct AreaCalibrationTests {
    /// A lesion has a class (one a patient) and a difficulty, of which its patient has a part; a run has its own power to
    /// tell the classes apart, and its luck with every lesion.
    private struct Study {
        var patients = 60
        var lesionsPerPatient = 2
        var seeds = 5
        /// Standard deviation over runs of the distance between the classes, where lesions scatter by 1.
        var runQuality = 0.0
        /// How much further apart the first arm truly has the classes.
        var advantage = 0.0

        func arms(using normal: inout NormalVariates) throws -> (first: [ROCPlacements], second: [ROCPlacements]) {
            let names = (0..<patients).flatMap { [String](repeating: "p\($0)", count: lesionsPerPatient) }
            let classes = (0..<patients).map { _ in normal.next() > 0.25 }
            let shared = (0..<patients).map { _ in 0.6 * normal.next() }
            let labels = names.indices.map { classes[$0 / lesionsPerPatient] }
            let difficulties = names.indices.map { shared[$0 / lesionsPerPatient] + 0.6 * normal.next() }
            func runs(_ advantage: Double) throws -> [ROCPlacements] {
                try (0..<seeds).map { _ in
                    let apart = 1.3 + advantage + runQuality * normal.next()
                    let scores = names.indices.map { index in
                        (labels[index] ? apart : 0) + difficulties[index] + 0.5 * normal.next()
                    }
                    return try ROCPlacements(scores: scores, labels: labels, groups: names)
                }
            }
            return try (runs(advantage), runs(0))
        }

        func pValues(_ count: Int, of test: ([ROCPlacements], [ROCPlacements]) throws -> Double) throws -> [Double] {
            var normal = NormalVariates(seed: 11)
            return try (0..<count).map { _ in
                let arms = try arms(using: &normal)
                return try test(arms.first, arms.second)
            }
        }
    }

    private func acrossSeeds(_ first: [ROCPlacements], _ second: [ROCPlacements]) throws -> Double {
        try obuchowskiRocketteTest(first, second).pValue
    }

    private func models(_ first: [ROCPlacements], _ second: [ROCPlacements]) throws -> Double {
        try deLongTest(ROCPlacements(meanOf: first), ROCPlacements(meanOf: second)).pValue
    }

    private func share(of pValues: [Double], upTo level: Double) -> Double {
        Double(pValues.count { $0 <= level }) / Double(pValues.count)
    }

    @Test(arguments: [0.0, 0.1, 0.3]) func identicalArmsHaveUniformPValuesAcrossSeeds(runQuality: Double) throws {
        let pValues = try Study(runQuality: runQuality).pValues(1_500, of: acrossSeeds)
        #expect(kolmogorovSmirnovTest(pValues).pValue > 0.01)
        // 0.05 and three standard errors of a share of 1,500.
        #expect(share(of: pValues, upTo: 0.05) < 0.067)
    }

    /// Three seeds are the fewest that the degrees of freedom can do with: 7 % at the level of 5 % where runs differ much.
    @Test(arguments: [0.0, 0.3]) func threeSeedsNearlyKeepTheirLevel(runQuality: Double) throws {
        let pValues = try Study(seeds: 3, runQuality: runQuality).pValues(1_500, of: acrossSeeds)
        #expect(share(of: pValues, upTo: 0.05) < 0.085)
    }

    /// Where runs differ, the mean areas of two sets of runs of one arm do: DeLong's test says so of the models.
    @Test func runsOfUnequalQualityNeedTheTestAcrossSeeds() throws {
        let equal = try Study().pValues(500, of: models)
        #expect(kolmogorovSmirnovTest(equal).pValue > 0.05)
        let unequal = try Study(runQuality: 0.3).pValues(500, of: models)
        #expect(share(of: unequal, upTo: 0.05) > 0.2)
    }

    @Test func aTrulyBetterArmIsFound() throws {
        let pValues = try Study(runQuality: 0.1, advantage: 0.6).pValues(200, of: acrossSeeds)
        #expect(share(of: pValues, upTo: 0.05) > 0.8)
    }
}
