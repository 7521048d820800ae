import SegMetrics
import Testing

/// Areas of several seeds on cases of which some are of one patient.
@Suite struct ROCPlacementsTests {
    struct Case: Decodable {
        let name: String
        /// By seed, then case.
        let first, second: [[Double]]
        let labels: [Bool]
        let groups: [String]?
        let areas: [Double?]
        let covariance: [Double?]
        /// Difference, z, p and bounds.
        let test: [Double?]
        /// F, degrees of freedom, p, bounds, Cov2 and Cov3.
        let acrossSeeds: [Double?]
        /// Of the first arm's mean area and of the difference.
        let bootstrapVariances: [Double]?

        func placements() throws -> (first: [ROCPlacements], second: [ROCPlacements]) {
            func arm(_ scores: [[Double]]) throws -> [ROCPlacements] {
                try scores.map { try ROCPlacements(scores: $0, labels: labels, groups: groups) }
            }
            return try (arm(first), arm(second))
        }
    }

    @Test func meanAreasAndTheirCovarianceEqualTheKernelMatrices() throws {
        for item in try oracle("areas", of: Case.self) {
            let arms = try item.placements()
            let (first, second) = try (ROCPlacements(meanOf: arms.first), ROCPlacements(meanOf: arms.second))
            #expect(agree([first.area, second.area], item.areas), "\(item.name)")
            let covariance = try first.covariance(with: second)
            #expect(
                agree([first.variance, covariance, covariance, second.variance], item.covariance, within: 1e-10),
                "\(item.name)"
            )
            let test = try deLongTest(first, second)
            #expect(
                agree(
                    [test.difference, test.zStatistic, test.pValue, test.lower, test.upper],
                    item.test,
                    within: 1e-9
                ),
                "\(item.name)"
            )
            let interval = try deLongInterval(first)
            #expect(interval.lower.isNaN == (item.covariance[0] == nil))
            #expect(interval.lower.isNaN || abs((interval.lower + interval.upper) / 2 - first.area) < 1e-12)
        }
    }

    @Test func theTestAcrossSeedsEqualsItsTwoWayTable() throws {
        for item in try oracle("areas", of: Case.self) {
            let arms = try item.placements()
            let result = try obuchowskiRocketteTest(arms.first, arms.second)
            let values = [
                result.fStatistic, result.degreesOfFreedom, result.pValue, result.lower, result.upper,
                result.covarianceWithinArms, result.covarianceBetweenArms,
            ]
            #expect(agree(values, item.acrossSeeds, within: 1e-9), "\(item.name): \(values)")
        }
    }

    /// The bootstrap of patients, of 60,000 resamples, knows nothing of the formula.
    @Test func varianceIsThatOfABootstrapOfPatients() throws {
        let items = try oracle("areas", of: Case.self).filter { $0.bootstrapVariances != nil }
        #expect(!items.isEmpty)
        for item in items {
            let arms = try item.placements()
            let (first, second) = try (ROCPlacements(meanOf: arms.first), ROCPlacements(meanOf: arms.second))
            let test = try deLongTest(first, second)
            let ofDifference = test.firstVariance + test.secondVariance - 2 * test.covariance
            let bootstrap = try #require(item.bootstrapVariances)
            #expect(abs(first.variance / bootstrap[0] - 1) < 0.03)
            #expect(abs(ofDifference / bootstrap[1] - 1) < 0.03)
        }
    }

    @Test func oneSeedAndACaseAPatientIsDeLongsTest() throws {
        let items = try oracle("delong", of: DeLongTests.Case.self)
        for item in items {
            let patients = item.labels.indices.map { "patient \($0)" }
            let first = try ROCPlacements(
                meanOf: [ROCPlacements(scores: item.first, labels: item.labels, groups: patients)]
            )
            let second = try ROCPlacements(scores: item.second, labels: item.labels, groups: patients)
            let result = try deLongTest(first, second)
            #expect(
                agree(
                    [result.firstVariance, result.covariance, result.covariance, result.secondVariance],
                    item.covariance,
                    within: 1e-10
                )
            )
            #expect(agrees(result.pValue, item.pValue, within: 1e-9))
        }
    }

    @Test func aSecondImageThatSaysTheSameIsNoEvidence() throws {
        let item = try #require(try oracle("delong", of: DeLongTests.Case.self).first)
        let twice = item.labels.indices.flatMap { [$0, $0] }
        let (scores, labels) = (twice.map { item.first[$0] }, twice.map { item.labels[$0] })
        let single = try ROCPlacements(scores: item.first, labels: item.labels)
        let doubled = try ROCPlacements(scores: scores, labels: labels, groups: twice.map { "patient \($0)" })
        #expect(agree([doubled.area, doubled.variance], [single.area, single.variance]))
        #expect(try ROCPlacements(scores: scores, labels: labels).variance < 0.6 * single.variance)
    }

    @Test func seedsThatAgreeAreOneModelAndAMeanIsNoEnsemble() throws {
        let item = try #require(try oracle("areas", of: Case.self).first)
        let first = try item.placements().first
        let same = try ROCPlacements(meanOf: [first[0], first[0]])
        #expect(same == first[0])
        let ensemble = item.labels.indices.map { index in item.first.reduce(0) { $0 + $1[index] } }
        let mean = try ROCPlacements(meanOf: first)
        #expect(try areaUnderROC(scores: ensemble, labels: item.labels) > mean.area + 0.01)
        let areas = try item.first.map { try areaUnderROC(scores: $0, labels: item.labels) }
        #expect(agrees(mean.area, areas.reduce(0, +) / 3))
    }

    @Test func degenerateAndWrongInput() throws {
        let labels = [true, true, false, false]
        let right = try ROCPlacements(scores: [3, 4, 1, 2], labels: labels)
        let wrong = try ROCPlacements(scores: [1, 2, 3, 4], labels: labels)
        #expect(right.values == [1, 1, 1, 1] && wrong.area == 0)
        let certain = try obuchowskiRocketteTest([right, right], [wrong, wrong])
        #expect(certain.pValue == 0 && certain.fStatistic == .infinity && certain.lower == 1)
        let equal = try obuchowskiRocketteTest([right, wrong], [right, wrong])
        #expect(equal.pValue == 1 && equal.difference == 0)
        #expect(try obuchowskiRocketteTest([right], [wrong]).pValue.isNaN)
        #expect(try obuchowskiRocketteTest([], []).pValue.isNaN)
        // The same difference with every seed: the seeds add nothing to the variance.
        let item = try #require(try oracle("areas", of: Case.self).first)
        let arms = try item.placements()
        let (one, two) = (arms.first[0], arms.second[0])
        let steady = try obuchowskiRocketteTest([one, one], [two, two])
        #expect(steady.degreesOfFreedom == .infinity)
        #expect(agrees(steady.pValue, try deLongTest(one, two).pValue, within: 1e-6))

        let other = try ROCPlacements(scores: [1, 2, 3, 4], labels: [true, false, true, false])
        let patients = try ROCPlacements(scores: [1, 2, 3, 4], labels: labels, groups: ["a", "a", "b", "c"])
        for odd in [other, patients] {
            #expect(throws: MetricsError.self) { try right.covariance(with: odd) }
            #expect(throws: MetricsError.self) { try deLongTest(right, odd) }
            #expect(throws: MetricsError.self) { try ROCPlacements(meanOf: [right, odd]) }
            #expect(throws: MetricsError.self) { try obuchowskiRocketteTest([right, right], [right, odd]) }
        }
        #expect(throws: MetricsError.self) { try obuchowskiRocketteTest([right, right], [right]) }
        #expect(throws: MetricsError.self) { try obuchowskiRocketteTest([right], [right], confidence: 1) }
        #expect(throws: MetricsError.self) { try ROCPlacements(meanOf: []) }
        #expect(throws: MetricsError.self) { try ROCPlacements(scores: [.nan, 1], labels: [true, false]) }
        #expect(throws: MetricsError.self) { try ROCPlacements(scores: [0, 1], labels: [true]) }
        #expect(throws: MetricsError.self) { try ROCPlacements(scores: [0, 1], labels: [true, false], groups: ["a"]) }
    }
}
