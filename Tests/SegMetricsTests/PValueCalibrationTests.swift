import SegMetrics
import Testing

/// Whether p-values mean what they say: over many simulated studies of two identical arms they are uniform, if what the
/// test takes for independent is independent.
@Suite struct PValueCalibrationTests {
    private static let studies = 500

    private func wilcoxon(_ outcome: SimulatedStudy.Outcome) throws -> Double {
        try wilcoxonSignedRank(outcome.first.caseMeans, outcome.second.caseMeans).pValue
    }

    private func permutation(
        _ outcome: SimulatedStudy.Outcome,
        byPatient: Bool,
        _ statistic: PairedPermutation.Statistic = .meanDifference
    ) throws -> Double {
        try pairedPermutationTest(
            outcome.first.caseMeans,
            outcome.second.caseMeans,
            groups: byPatient ? outcome.patients : nil,
            // All patterns of 40 patients would take the tests minutes.
            options: .init(statistic: statistic, maximumExactCount: 20, resampleCount: 999, seed: 4)
        ).pValue
    }

    private func seedAndCase(_ outcome: SimulatedStudy.Outcome) throws -> Double {
        try seedAndCaseTest(outcome.first, outcome.second, groups: outcome.patients).pValue
    }

    private func share(of pValues: [Double], upTo level: Double) -> Double {
        Double(pValues.count { $0 <= level }) / Double(pValues.count)
    }

    /// Runs that differ only by luck, case for case: the signs of the differences are exchangeable.
    @Test func identicalArmsHaveUniformPValues() throws {
        let study = SimulatedStudy()
        let byRanks = try study.pValues(Self.studies, seed: 1, of: wilcoxon)
        #expect(kolmogorovSmirnovTest(byRanks).pValue > 0.05)
        let byFlips = try study.pValues(Self.studies, seed: 2) { try permutation($0, byPatient: false) }
        #expect(kolmogorovSmirnovTest(byFlips).pValue > 0.05)
    }

    /// Images of a patient share their luck: a test that takes them for independent counts the same evidence repeatedly.
    @Test func imagesOfOnePatientNeedTheClusteredTest() throws {
        var study = SimulatedStudy(patients: 40, imagesPerPatient: 5)
        study.luckWithPatient = 0.5
        let naive = try study.pValues(Self.studies, seed: 3, of: wilcoxon)
        #expect(kolmogorovSmirnovTest(naive).pValue < 1e-6)
        #expect(share(of: naive, upTo: 0.05) > 0.15)
        for statistic in PairedPermutation.Statistic.allCases {
            let clustered = try study.pValues(Self.studies, seed: 3) {
                try permutation($0, byPatient: true, statistic)
            }
            #expect(kolmogorovSmirnovTest(clustered).pValue > 0.05, "\(statistic)")
        }
    }

    /// Some runs end better on all cases. Then two sets of runs of one arm are truly different models, and every test over
    /// cases alone says so; only the spread between runs shows that the arm is not to thank.
    @Test func runsOfUnequalQualityNeedTheTestOverSeeds() throws {
        var study = SimulatedStudy(seeds: 5)
        study.runQuality = 0.3
        let overCases = try study.pValues(Self.studies, seed: 5) { try permutation($0, byPatient: true) }
        #expect(share(of: overCases, upTo: 0.05) > 0.5)
        let overSeeds = try study.pValues(Self.studies, seed: 5, of: seedAndCase)
        #expect(kolmogorovSmirnovTest(overSeeds).pValue > 0.05)
    }

    /// Between those extremes the test over seeds and cases may be timid, but is never bold.
    @Test(arguments: [0.0, 0.05, 0.1], [2, 3, 5]) func theTestOverSeedsKeepsItsLevel(runQuality: Double, seeds: Int)
        throws
    {
        var study = SimulatedStudy(patients: 40, imagesPerPatient: 3, seeds: seeds)
        study.runQuality = runQuality
        study.luckWithPatient = 0.3
        let pValues = try study.pValues(Self.studies, seed: 6, of: seedAndCase)
        // 0.05 and two standard errors of a share of 500.
        #expect(share(of: pValues, upTo: 0.05) < 0.07)
    }

    @Test func aTrulyBetterArmIsFound() throws {
        // 0.15 on the logit scale is about 0.026 of Dice.
        let study = SimulatedStudy(advantage: 0.15)
        #expect(try share(of: study.pValues(200, seed: 7, of: wilcoxon), upTo: 0.05) > 0.8)
        let byFlips = try study.pValues(200, seed: 7) { try permutation($0, byPatient: true, .signedRankSum) }
        #expect(share(of: byFlips, upTo: 0.05) > 0.8)

        var uneven = SimulatedStudy(seeds: 5, advantage: 0.3)
        uneven.runQuality = 0.1
        #expect(try share(of: uneven.pValues(200, seed: 8, of: seedAndCase), upTo: 0.05) > 0.8)
    }

    /// What intervals of 95 % hold of the true difference, 0 between identical arms.
    @Test func intervalsOverSeedsAndPatientsCover() throws {
        func coverage(_ study: SimulatedStudy, _ interval: (SimulatedStudy.Outcome) throws -> (Double, Double)) throws
            -> Double
        {
            var normal = NormalVariates(seed: 9)
            let hits = try (0..<300).count { _ in
                let (lower, upper) = try interval(study.outcome(using: &normal))
                return lower <= 0 && upper >= 0
            }
            return Double(hits) / 300
        }
        func hierarchical(_ outcome: SimulatedStudy.Outcome) throws -> (Double, Double) {
            let interval = try hierarchicalBootstrapInterval(
                outcome.first,
                outcome.second,
                groups: outcome.patients,
                resampleCount: 500,
                seed: 1
            )
            return (interval.lower, interval.upper)
        }
        func overCases(_ outcome: SimulatedStudy.Outcome) throws -> (Double, Double) {
            let interval = try pairedBootstrapInterval(
                outcome.first.caseMeans,
                outcome.second.caseMeans,
                groups: outcome.patients,
                resampleCount: 500,
                seed: 1
            )
            return (interval.lower, interval.upper)
        }
        func overSeeds(_ outcome: SimulatedStudy.Outcome) throws -> (Double, Double) {
            let result = try seedAndCaseTest(outcome.first, outcome.second, groups: outcome.patients)
            return (result.lower, result.upper)
        }
        var study = SimulatedStudy(patients: 40, imagesPerPatient: 2, seeds: 5)
        study.luckWithPatient = 0.3
        #expect(try coverage(study, overCases) > 0.9)
        #expect(try coverage(study, hierarchical) > 0.92)
        study.runQuality = 0.3
        #expect(try coverage(study, overCases) < 0.6)
        #expect(try coverage(study, hierarchical) > 0.88)
        #expect(try coverage(study, overSeeds) > 0.92)
    }
}
