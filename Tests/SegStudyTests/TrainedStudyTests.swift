import SegMetrics
import SegResults
import SegStudy
import Testing

/// Whether a study's own comparisons say what is true of trainings whose truth is known.
@Suite("Comparisons of a study that was trained")
struct TrainedStudyTests {
    private static let studies = 500
    /// Of the tests for uniformity: low, so that machines which round otherwise, and train to other Dice, agree.
    private static let level = 0.001

    /// The comparisons of many simulated studies.
    private func comparisons(
        seed: UInt64,
        _ count: Int = studies,
        rows: (CachedDice, inout Draws) -> [CaseResult]
    ) throws -> [ArmComparison] {
        let cached = try TrainedStudy.shared.get().cachedDice()
        var generator = Draws(seed: seed)
        return try (0..<count).map { _ in try #require(try comparison(of: rows(cached, &generator))) }
    }

    /// p of the Kolmogorov–Smirnov test that p-values are uniform.
    private func uniformity(_ comparisons: [ArmComparison]) -> Double {
        kolmogorovSmirnovTest(comparisons.map(\.pValue)).pValue
    }

    private func share(of pValues: [Double], upTo level: Double) -> Double {
        Double(pValues.count { $0 <= level }) / Double(pValues.count)
    }

    @Test("The arm that is truly better is found on every data set, by the test over cases and by that across seeds")
    func better() throws {
        let study = try TrainedStudy.shared.get()
        for dataset in [TrainedStudy.external, "eastern"] {
            let comparison = try #require(study.results.comparison(arm: "able", dataset: dataset))
            #expect(comparison.reference == "slow" && comparison.meanDifference > 0.05, "\(comparison)")
            #expect(comparison.adjustedPValue < 0.05 && comparison.adjustedPValue >= comparison.pValue)
            #expect(try #require(comparison.effectSize) > 0 && #require(comparison.interval).low > 0)
            let across = try #require(comparison.acrossSeeds)
            #expect(across.seeds == TrainedStudy.seeds.count && across.adjustedPValue < 0.05)
            #expect(try #require(across.interval).low > 0)
        }
    }

    @Test("Two arms that are alike: p of the Wilcoxon test over images is uniform")
    func images() throws {
        let found = try comparisons(seed: 1) { cached, generator in
            cached.rows(patients: 45, imagesPerPatient: 1, coin: .forImages, using: &generator)
        }
        #expect(found.allSatisfy { $0.pairs == 45 })
        #expect(uniformity(found) > Self.level)
        // The check sees what it should: a test of one side that is reported as one of two.
        #expect(kolmogorovSmirnovTest(found.map { $0.pValue / 2 }).pValue < 1e-6)
    }

    @Test("Two arms that are alike: p of the permutation by patient is uniform, and that of a test over images is not")
    func patients() throws {
        let found = try comparisons(seed: 2) { cached, generator in
            cached.rows(patients: 45, imagesPerPatient: 4, coin: .forPatients, using: &generator)
        }
        #expect(found.allSatisfy { $0.pairs == 180 })
        #expect(uniformity(found) > Self.level)
        // The same studies, but the rows do not say which images are of one patient.
        let naive = try comparisons(seed: 2) { cached, generator in
            cached.rows(patients: 45, imagesPerPatient: 4, coin: .forPatients, knowsPatients: false, using: &generator)
        }
        #expect(zip(found, naive).allSatisfy { abs($0.meanDifference - $1.meanDifference) < 1e-12 })
        #expect(uniformity(naive) < 10 * Self.level)
        #expect(share(of: naive.map(\.pValue), upTo: 0.05) > 0.07)
    }

    @Test("Two trainings of one arm are two models: only the test across seeds does not take one for a better arm")
    func trainings() throws {
        let models = try comparisons(seed: 3) { cached, generator in
            cached.rows(patients: 45, imagesPerPatient: 4, coin: .none, using: &generator)
        }
        #expect(share(of: models.map(\.pValue), upTo: 0.05) > 0.3)
        let arms = try comparisons(seed: 4) { cached, generator in
            cached.rows(patients: 45, seeds: 3, using: &generator)
        }
        let across = try arms.map { try #require($0.acrossSeeds?.pValue) }
        #expect(share(of: across, upTo: 0.05) < 0.1)
    }
}
