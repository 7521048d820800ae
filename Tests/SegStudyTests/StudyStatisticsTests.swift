import SegCore
import SegMetrics
import SegResults
import SegStudy
import Testing

/// Hand-made cases, so small that expected values are worked out in the margin.
@Suite("Statistics of a study")
struct StudyStatisticsTests {
    typealias Test = (training: TrainingRecord, cases: [CaseResult], emptyCases: [String: [String]])

    /// A training's test on lesions of which the first half is malignant.
    private static func test(
        _ arm: String,
        _ seed: UInt64,
        fold: Int? = nil,
        dataset: String = "B",
        scores: [Double]? = nil,
        dice: [Double],
        names: [String]? = nil,
        groups: [String]? = nil,
        threshold: Double = 0.5
    ) -> Test {
        let rows = dice.indices.map { index in
            let name = names?[index] ?? "case\(index)"
            return CaseResult(
                arm: arm,
                seed: seed,
                fold: fold,
                dataset: dataset,
                caseID: name,
                group: groups?[index] ?? name,
                pathology: index < dice.count / 2 ? .malignant : .benign,
                dice: dice[index],
                iou: dice[index] / (2 - dice[index]),
                malignancyProbability: scores?[index]
            )
        }
        let training = TrainingRecord(arm: arm, seed: seed, fold: fold, epochs: [], malignancyThreshold: threshold)
        return (training, rows, [:])
    }

    private static let flat = [0.5, 0.5, 0.5, 0.5]

    /// Areas of 3/4 and 1/2, and of 1 where the two probabilities are averaged.
    private static let ours: [[Double]] = [[0.9, 0.2, 0.5, 0.1], [0.1, 0.8, 0.3, 0.2]]
    /// Areas of 1 and 1/2.
    private static let theirs: [[Double]] = [[0.9, 0.8, 0.1, 0.2], [0.4, 0.45, 0.5, 0.1]]

    private static func twoSeeds() -> StudyStatistics {
        let tests = [("new", ours), ("old", theirs)].flatMap { arm, scores in
            [UInt64(1), 2].map { seed in test(arm, seed, scores: scores[Int(seed) - 1], dice: flat) }
        }
        return StudyStatistics(tests, seeds: [1, 2], resamples: 50)
    }

    @Test("Over seeds AUROC and AUPRC are the means of the seeds', not those of averaged probabilities")
    func areas() throws {
        let malignancy = try #require(try Self.twoSeeds().summary("new", "B", seed: nil)?.malignancy)
        #expect(malignancy.cases == 4 && malignancy.malignant == 2)
        #expect(abs((malignancy.auroc ?? 0) - 0.625) < 1e-12)
        // Average precisions 5/6 and 3/4.
        #expect(abs((malignancy.auprc ?? 0) - 19.0 / 24) < 1e-12)
        // Placements averaged over seeds are ½, ¾ of the malignant and ½, ¾ of the benign: V = 2 · (1/32) / 2.
        let margin = 1.959963984540054 * (1.0 / 32).squareRoot()
        let interval = try #require(malignancy.aurocInterval)
        #expect(abs(interval.low - (0.625 - margin)) < 1e-12 && abs(interval.high - (0.625 + margin)) < 1e-12)
        #expect(abs((malignancy.aurocStandardDeviationOverSeeds ?? 0) - 0.25 / 2.0.squareRoot()) < 1e-12)
        let brier = Self.ours.map { [1 - $0[0], 1 - $0[1], $0[2], $0[3]].reduce(0) { $0 + $1 * $1 } / 4 }
        #expect(abs((malignancy.brierScore ?? 0) - (brier[0] + brier[1]) / 2) < 1e-12)
        // Of each seed one of two malignant lesions is found, and 1/2 and 1 of the benign are spared.
        #expect(malignancy.sensitivity == 0.5 && malignancy.specificity == 0.75)
        for (seed, area) in [(UInt64(1), 0.75), (2, 0.5)] {
            let single = try #require(try Self.twoSeeds().summary("new", "B", seed: seed))
            #expect(single.malignancy?.auroc == area && single.malignancy?.aurocStandardDeviationOverSeeds == nil)
            #expect(single.dice.standardDeviationOverSeeds == nil)
        }
    }

    @Test("Arms' areas are compared as means, the models by DeLong's test and the methods across seeds")
    func comparedAreas() throws {
        let comparisons = try Self.twoSeeds().comparisons(
            arms: ["new", "old"],
            reference: "old",
            datasets: ["B"],
            family: ["B"]
        )
        let comparison = try #require(comparisons.first { $0.metric == .auroc })
        // 0.625 against 0.75.
        #expect(abs(comparison.meanDifference + 0.125) < 1e-12 && comparison.pairs == 4)
        func placements(_ scores: [[Double]]) throws -> [ROCPlacements] {
            try scores.map { try ROCPlacements(scores: $0, labels: [true, true, false, false]) }
        }
        let (mine, other) = (try placements(Self.ours), try placements(Self.theirs))
        let models = try deLongTest(ROCPlacements(meanOf: mine), ROCPlacements(meanOf: other))
        #expect(comparison.pValue == models.pValue && comparison.interval?.low == models.lower)
        let methods = try obuchowskiRocketteTest(mine, other)
        let across = try #require(comparison.acrossSeeds)
        #expect(across.seeds == 2 && across.pValue == methods.pValue && across.interval?.high == methods.upper)
        #expect(comparison.leadingPValue == across.adjustedPValue && across.pValue > comparison.pValue)
        let single = StudyStatistics(
            [
                Self.test("new", 1, scores: Self.ours[0], dice: Self.flat),
                Self.test("old", 1, scores: Self.theirs[0], dice: Self.flat),
            ],
            seeds: [1],
            resamples: 50
        )
        let alone = try single.comparisons(arms: ["new"], reference: "old", datasets: ["B"], family: ["B"])
        let area = try #require(alone.first { $0.metric == .auroc })
        #expect(area.acrossSeeds == nil && area.leadingPValue == area.adjustedPValue)
        let deLong = try deLongTest(
            first: Self.ours[0],
            second: Self.theirs[0],
            labels: [true, true, false, false]
        )
        #expect(area.pValue == deLong.pValue)
    }

    @Test("On external sets every fold's model counts as a training; a cross-validated set is judged by seed")
    func folds() throws {
        let external = [UInt64(1), 2].flatMap { seed in
            (0..<2).map { fold in
                let scores = seed == 1 ? Self.ours[fold] : Self.theirs[fold]
                return Self.test("new", seed, fold: fold + 1, scores: scores, dice: Self.flat)
            }
        }
        let outside = try #require(
            try StudyStatistics(external, seeds: [1, 2], resamples: 50).summary("new", "B", seed: nil)?.malignancy
        )
        // ¾, ½, 1 and ½; by seed 0.625 and 0.75.
        #expect(abs((outside.auroc ?? 0) - 0.6875) < 1e-12)
        #expect(abs((outside.aurocStandardDeviationOverSeeds ?? 0) - 0.125 / 2.0.squareRoot()) < 1e-12)
        let errors = try (Self.ours + Self.theirs).map {
            try expectedCalibrationError(
                probabilities: $0,
                labels: [true, true, false, false],
                binning: .equalWidthClosedLeft(10)
            )
        }
        #expect(abs((outside.calibrationError ?? 0) - errors.reduce(0, +) / 4) < 1e-12)

        // Each fold tests one malignant and one benign lesion; the four are ranked together.
        let inside = [(1, [0.9, 0.5], ["a", "b"]), (2, [0.2, 0.1], ["c", "d"])].map { fold, scores, names in
            Self.test("new", 1, fold: fold, scores: scores, dice: [0.5, 0.5], names: names)
        }
        let crossed = try #require(
            try StudyStatistics(inside, seeds: [1], resamples: 50).summary("new", "B", seed: 1)?.malignancy
        )
        #expect(crossed.cases == 4 && crossed.auroc == 0.75)
    }

    @Test("The lesions of a patient are no independent evidence of an AUROC")
    func patients() throws {
        let scores = [0.9, 0.8, 0.6, 0.2, 0.5, 0.4, 0.3, 0.7]
        let groups = ["a", "a", "b", "c", "d", "d", "e", "a"]
        let statistics = StudyStatistics(
            [Self.test("new", 1, scores: scores, dice: [Double](repeating: 0.5, count: 8), groups: groups)],
            seeds: [1],
            resamples: 50
        )
        let interval = try #require(try statistics.summary("new", "B", seed: 1)?.malignancy?.aurocInterval)
        let labels = scores.indices.map { $0 < 4 }
        let expected = try deLongInterval(scores: scores, labels: labels, groups: groups)
        #expect(interval.low == expected.lower && interval.high == expected.upper)
        #expect(try deLongInterval(scores: scores, labels: labels).lower != expected.lower)
    }

    @Test("The spread over seeds is that of their means, over the cases that have a value")
    func spread() throws {
        let tests = [
            Self.test("new", 1, dice: [0.2, 0.4, .nan, 0.6]), Self.test("new", 2, dice: [0.5, 0.7, 0.9, 0.9]),
            Self.test("new", 3, dice: [0.8, 0.4, 0.1, 0.9]),
        ]
        let statistics = StudyStatistics(tests, seeds: [1, 2, 3], resamples: 50)
        let dice = try #require(try statistics.summary("new", "B", seed: nil)).dice
        // Means 0.4, 0.7 and 0.7 over three cases.
        #expect(dice.count == 3 && abs(dice.mean - 0.6) < 1e-12)
        #expect(abs((dice.standardDeviationOverSeeds ?? 0) - 0.03.squareRoot()) < 1e-12)
    }

    @Test("Holm's family holds what is tested on; p on the validation part stays as it is")
    func family() throws {
        let datasets = ["A", "B", "C"]
        let tests = ["new", "old"].flatMap { arm in
            [UInt64(1), 2].flatMap { seed in
                datasets.enumerated().map { index, dataset in
                    let dice = (0..<12).map { item in
                        0.5 + 0.3 * SampleStudy.uniform(index, item) + (arm == "new" ? 0.02 * Double(index + 1) : 0)
                            + 0.1 * SampleStudy.uniform(index, item, Int(seed), arm == "new" ? 7 : 8)
                    }
                    return Self.test(arm, seed, dataset: dataset, dice: dice)
                }
            }
        }
        func compared(_ family: Set<String>) throws -> [ArmComparison] {
            try StudyStatistics(tests, seeds: [1, 2], resamples: 50).comparisons(
                arms: ["new"],
                reference: "old",
                datasets: datasets,
                family: family
            ).filter { $0.metric == .dice }
        }
        let outside = try compared(["B", "C"])
        #expect(outside.map(\.dataset) == datasets)
        #expect(outside[0].adjustedPValue == outside[0].pValue)
        #expect(outside[0].acrossSeeds?.adjustedPValue == outside[0].acrossSeeds?.pValue)
        #expect(outside.dropFirst().map(\.adjustedPValue) == holmAdjusted(outside.dropFirst().map(\.pValue)))
        let across = outside.dropFirst().compactMap(\.acrossSeeds)
        #expect(across.map(\.adjustedPValue) == holmAdjusted(across.map(\.pValue)) && across.count == 2)
        #expect(try compared(Set(datasets))[2].adjustedPValue > outside[2].adjustedPValue)
    }

    @Test("Round-off is no difference to the test by patient either")
    func roundOff() throws {
        let groups = ["a", "a", "b", "c"]
        let other = [0.3, 0.5, 0.7, 0.2]
        func pValue(_ mine: [Double]) throws -> Double {
            let tests = [("new", mine), ("old", other)].map { Self.test($0, 1, dice: $1, groups: groups) }
            let comparisons = try StudyStatistics(tests, seeds: [1], resamples: 50).comparisons(
                arms: ["new"],
                reference: "old",
                datasets: ["B"],
                family: ["B"]
            )
            return try #require(comparisons.first).pValue
        }
        #expect(try pValue([0.1 + 0.2, 0.5, 0.7, 0.2]) == 1)
        // Two patients differ, alike: two of four patterns of signs are as extreme.
        #expect(try pValue([0.1 + 0.2, 0.6, 0.7, 0.4]) == 0.5)
    }
}
