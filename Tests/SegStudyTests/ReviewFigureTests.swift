import SegCore
import SegManuscript
import SegMetrics
import SegReport
import SegResults
import SegStudy
import Testing

/// What reviewers ask for beside means: intervals, predictive values, false alarms, subgroups, figures over external sets.
@Suite("Figures that reviewers ask for")
struct ReviewFigureTests {
    private static let study = SampleStudy(
        arms: 3,
        datasets: [("A", .source, 40), ("B", .external, 120), ("C", .external, 144)]
    )

    private static func statistics(
        _ study: SampleStudy = study,
        prevalence: Double? = nil,
        together: Bool = false
    ) -> StudyStatistics {
        let cases = study.cases()
        let tests = study.armNames.flatMap { arm in
            study.seeds.map { seed in
                (
                    training: TrainingRecord(arm: arm, seed: seed, epochs: [], malignancyThreshold: 0.42),
                    cases: cases.filter { $0.arm == arm && $0.seed == seed }, emptyCases: [String: [String]]()
                )
            }
        }
        return StudyStatistics(
            tests,
            seeds: study.seeds,
            resamples: 200,
            prevalence: prevalence,
            adjustsArmsTogether: together
        )
    }

    @Test("Intervals of malignancy are those of the general bootstrap and of Wilson; predictive values are Bayes'")
    func malignancy() throws {
        let malignancy = try #require(try Self.statistics().summary("arm-1", "C", seed: 1)?.malignancy)
        let lesions = Self.study.cases().filter {
            $0.arm == "arm-1" && $0.dataset == "C" && $0.pathology?.hasLesion == true
        }
        let (scores, labels) = (
            lesions.compactMap(\.malignancyProbability), lesions.map { $0.pathology == .malignant }
        )
        func bootstrap(_ statistic: ([Double], [Bool]) throws -> Double) throws -> BootstrapInterval {
            try bootstrapInterval(
                caseCount: labels.count,
                groups: lesions.map(\.group),
                method: .percentile,
                resampleCount: 200,
                seed: 20_251_115
            ) { cases in try statistic(cases.map { scores[$0] }, cases.map { labels[$0] }) }
        }
        let intervals = try #require(malignancy.intervals)
        let expected = [
            (intervals.auprc, try bootstrap { try averagePrecision(scores: $0, labels: $1) }),
            (intervals.brierScore, try bootstrap { try brierScore(probabilities: $0, labels: $1) }),
            (
                intervals.calibrationError,
                try bootstrap {
                    try expectedCalibrationError(probabilities: $0, labels: $1, binning: .equalWidthClosedLeft(10))
                }
            ),
        ]
        for (found, bounds) in expected {
            let found = try #require(found)
            #expect(abs(found.low - bounds.lower) < 1e-12 && abs(found.high - bounds.upper) < 1e-12)
        }
        let hits = zip(scores, labels).filter(\.1).map { $0.0 >= 0.42 ? 1.0 : 0 }
        let patients = zip(lesions.map(\.group), labels).filter(\.1).map(\.0)
        let wilson = try proportionInterval(hits, groups: patients)
        #expect(intervals.sensitivity?.low == wilson.lower && intervals.sensitivity?.high == wilson.upper)
        #expect(malignancy.sensitivity == wilson.proportion)

        // At the data set's own prevalence the value is the plain fraction of those called malignant that are.
        let called = zip(scores, labels).filter { $0.0 >= 0.42 }
        let own = try #require(malignancy.predictiveValues)
        #expect(abs((own.positive ?? 0) - Double(called.count(where: \.1)) / Double(called.count)) < 1e-12)
        let rare = try #require(try Self.statistics(prevalence: 0.01).summary("arm-1", "C", seed: 1)?.malignancy)
        #expect(rare.predictiveValues?.prevalence == 0.01)
        #expect((rare.predictiveValues?.positive ?? 1) < 0.1 && (rare.predictiveValues?.negative ?? 0) > 0.98)
        let nobody = PredictiveValues(sensitivity: 0, specificity: 1, prevalence: 0.5)
        #expect(nobody.positive == nil && nobody.negative == 0.5)
    }

    @Test(
        "False alarms are counted on normal images, each by every training that tested it",
        arguments: [[1], [1, 2]] as [[UInt64]]
    )
    func alarms(seeds: [UInt64]) throws {
        var study = Self.study
        study.seeds = seeds
        let rows = study.cases().filter { $0.arm == "arm-2" && $0.dataset == "C" && $0.pathology == .normal }
        let found = try #require(try Self.statistics(study).summary("arm-2", "C", seed: nil)?.falseAlarms)
        let alarms = rows.count { ($0.predictedFraction ?? 0) > 0 }
        #expect(found.images == 12 && found.tests == 12 * seeds.count && found.alarms == alarms && alarms > 0)
        let interval = try #require(found.interval)
        #expect(interval.low < found.rate && found.rate < interval.high)
        #expect(try Self.statistics(study).summary("arm-2", "A", seed: nil)?.falseAlarms == nil)
    }

    @Test("Subgroups part the lesions, and are told in their order")
    func subgroups() throws {
        let subgroups = try Self.statistics().subgroups(arms: ["arm-0"], datasets: ["A", "B", "C"])
        func levels(_ dataset: String, _ kind: SubgroupSummary.Kind) -> [String] {
            subgroups.filter { $0.dataset == dataset && $0.kind == kind }.map(\.level)
        }
        #expect(levels("C", .pathology) == ["benign", "malignant"])
        #expect(levels("A", .size) == ["below 10 mm", "10 to 20 mm", "20 mm and more"])
        #expect(levels("B", .size) == ["below 2 % of the image", "2 to 8 % of the image", "8 % of the image and more"])
        #expect(levels("A", .category).first == "2" && levels("B", .category).isEmpty)
        for dataset in ["B", "C"] {
            let cases = Self.study.cases().filter {
                $0.arm == "arm-0" && $0.dataset == dataset && $0.pathology != .normal
            }
            for kind in [SubgroupSummary.Kind.pathology, .size] {
                let own = subgroups.filter { $0.dataset == dataset && $0.kind == kind }
                #expect(own.reduce(0) { $0 + $1.values.count } == cases.count)
                let sum = own.reduce(0) { $0 + $1.values.mean * Double($1.values.count) }
                #expect(abs(sum - cases.map(\.dice).reduce(0, +)) < 1e-9)
            }
        }
    }

    @Test("Mean differences have the test that belongs to their interval, which leads with one seed")
    func means() throws {
        let comparisons = try Self.statistics().comparisons(
            arms: ["arm-0", "arm-2"],
            reference: "arm-1",
            datasets: ["A", "B", "C"],
            family: ["B", "C"]
        )
        let comparison = try #require(comparisons.first { $0.dataset == "B" && $0.metric == .dice })
        let cases = Self.study.cases().filter { $0.dataset == "B" }
        let (mine, other) = (cases.filter { $0.arm == "arm-0" }, cases.filter { $0.arm == "arm-1" })
        let test = try pairedPermutationTest(
            mine.map(\.dice),
            other.map(\.dice),
            groups: mine.map(\.group),
            options: .init(maximumExactCount: 24, resampleCount: 200, seed: 20_251_115, roundingDecimals: 12)
        )
        #expect(comparison.meanPValue == test.pValue && comparison.meanPValue != comparison.pValue)
        #expect(comparison.leadingPValue == comparison.adjustedMeanPValue)
        let dice = comparisons.filter { $0.arm == "arm-0" && $0.metric == .dice && $0.dataset != "A" }
        #expect(dice.map(\.adjustedMeanPValue) == holmAdjusted(dice.map { $0.meanPValue ?? .nan }))
        #expect(comparisons.first { $0.metric == .auroc }?.meanPValue == nil)

        let together = try Self.statistics(together: true).comparisons(
            arms: ["arm-0", "arm-2"],
            reference: "arm-1",
            datasets: ["A", "B", "C"],
            family: ["B", "C"]
        ).filter { $0.metric == .dice && $0.dataset != "A" }
        #expect(together.count == 4)
        #expect(together.map(\.adjustedPValue) == holmAdjusted(together.map(\.pValue)))
    }

    @Test(
        "Arms and differences are pooled over external sets by their own errors",
        arguments: [[1], [1, 2, 3]] as [[UInt64]]
    )
    func pooled(seeds: [UInt64]) throws {
        var study = Self.study
        study.seeds = seeds
        let statistics = Self.statistics(study)
        let comparisons = try statistics.comparisons(
            arms: study.armNames,
            reference: "arm-1",
            datasets: ["B", "C"],
            family: ["B", "C"]
        )
        let pooled = try statistics.pooled(
            arms: study.armNames,
            reference: "arm-1",
            datasets: ["B", "C"],
            comparisons: comparisons
        )
        let dice = try #require(pooled.first { $0.arm == "arm-0" && $0.metric == .dice && $0.reference != nil })
        let own = comparisons.filter { $0.arm == "arm-0" && $0.metric == .dice }
        let bounds = own.map(\.meanDifference)
        #expect(
            dice.estimate > (bounds.min() ?? 1) && dice.estimate < (bounds.max() ?? 0) && dice.datasets == ["B", "C"]
        )
        if seeds.count > 1 {
            let errors = own.compactMap { $0.acrossSeeds?.standardError }
            let expected = try randomEffects(bounds, variances: errors.map { $0 * $0 })
            #expect(dice.estimate == expected.estimate && dice.pValue == expected.pValue)
        }
        let level = try #require(pooled.first { $0.arm == "arm-2" && $0.metric == .auroc && $0.reference == nil })
        #expect(level.pValue == nil && level.interval != nil)
        // An arm without malignancy has none to pool; one set alone is not pooled.
        #expect(!pooled.contains { $0.arm == "arm-0" && $0.metric == .auroc })
        #expect(
            try statistics.pooled(arms: ["arm-1"], reference: nil, datasets: ["B"], comparisons: []).isEmpty
        )
    }

    @Test("The surest cases are those whose masks expect most; the threshold of the validation part is kept elsewhere")
    func selection() throws {
        func row(_ dataset: String, _ index: Int, expected: Double, dice: Double, p: Double) -> CaseResult {
            var row = CaseResult(
                arm: "one",
                seed: 1,
                dataset: dataset,
                caseID: "case\(index)",
                group: "case\(index)",
                pathology: index % 2 == 0 ? .malignant : .benign,
                dice: dice,
                iou: dice / (2 - dice),
                malignancyProbability: p
            )
            row.expectedDice = expected
            return row
        }
        let validation = (0..<6).map { row("V", $0, expected: Double($0) / 5, dice: 0.5, p: 0.9) }
        let test = [
            row("T", 0, expected: 0.9, dice: 0.8, p: 0.9), row("T", 1, expected: 0.1, dice: 0.2, p: 0.6),
            row("T", 2, expected: 0.5, dice: 0.6, p: 0.4), row("T", 3, expected: 0.2, dice: 0.5, p: 0.2),
        ]
        let training = TrainingRecord(arm: "one", seed: 1, epochs: [], malignancyThreshold: 0.5)
        let statistics = StudyStatistics([(training, validation + test, [:])], seeds: [1], resamples: 50)
        let found = try statistics.selection(arms: ["one"], datasets: ["T"], validation: "V")
        #expect(found.map(\.kind) == [.dice, .malignancy])
        // Kept means are 0.8, 0.7, 1.9/3 and 2.1/4; a fifth of the validation part is at 0.2 or below.
        #expect(abs(found[0].area - (1 - (0.8 + 0.7 + 1.9 / 3 + 0.525) / 4)) < 1e-12)
        #expect(abs(found[0].all - 0.525) < 1e-12 && abs((found[0].threshold ?? 0) - 0.2) < 1e-12)
        #expect(found[0].coverage == 0.75 && abs((found[0].kept ?? 0) - 1.9 / 3) < 1e-12)
        // Right are 0 and 3, by the logits log 9 and log 4; both wrong ones are surer of nothing: ±log 1.5.
        #expect(found[1].all == 0.5 && abs(found[1].area - (0 + 0 + 1.0 / 3 + 0.5) / 4) < 1e-12)
        #expect(try statistics.selection(arms: ["one"], datasets: ["T"], validation: nil)[0].threshold == nil)
        #expect(try statistics.selection(arms: ["two"], datasets: ["T"], validation: nil).isEmpty)
        #expect(try RiskCoverageCurve(certainties: [], losses: []).area.isNaN)
        let equal = try RiskCoverageCurve(certainties: [1, 1, 1, 1], losses: [1, 0, 0, 1])
        #expect(equal.points.map(\.risk) == [0.5, 0.5, 0.5, 0.5] && equal.area == 0.5)
        #expect(throws: MetricsError.self) { try RiskCoverageCurve(certainties: [1], losses: []) }
    }

    /// The results of the study with all of these figures.
    static func results() throws -> StudyResults {
        let statistics = statistics()
        var results = study.results()
        results.summaries = try study.armNames.flatMap { arm in
            try ["A", "B", "C"].compactMap { try statistics.summary(arm, $0, seed: 1) }
        }
        results.comparisons = try statistics.comparisons(
            arms: study.armNames,
            reference: "arm-1",
            datasets: ["A", "B", "C"],
            family: ["B", "C"]
        )
        results.subgroups = try statistics.subgroups(arms: study.armNames, datasets: ["A", "B", "C"])
        results.pooled = try statistics.pooled(
            arms: study.armNames,
            reference: "arm-1",
            datasets: ["B", "C"],
            comparisons: results.comparisons
        )
        results.selection = try statistics.selection(
            arms: study.armNames,
            datasets: ["A", "B", "C"],
            validation: "A"
        )
        var population = Population(images: 120, patients: 60)
        population.age = Population.Spread([61, 40, 52])
        results.datasets[1].population = population
        return results
    }

    @Test("The report has all of it, and names every test")
    func page() throws {
        let results = try Self.results()
        let page = HTMLReport.render(results: results, cases: Self.study.cases(), images: [])
        let check = PageCheck(page)
        #expect(check.problem == nil && check.identifiers.contains("subgroups"))
        for part in [
            "External sets together", "False alarms on the 12 normal images of C", "Precision–recall curves",
            "52 (40 to 61)", "20 mm and more", "ranks ", "PPV, NPV", "Accuracy of malignancy against coverage",
        ] { #expect(check.text.contains(part), "\(part)") }
        #expect(!check.text.contains("p of ranks"))
        let text = Manuscript(results).findings
        for part in [
            "test of the mean difference; p = ", "by a random-effects model", "False alarms on the 12", "I² = ",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let caption = try #require(latexTable(results).firstMatch(of: /\\caption\{(.*)\}/)?.1)
        #expect(caption.split(separator: " ").count <= 60)
    }
}
