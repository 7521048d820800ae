import Foundation
import SegCore
import SegPages
import SegReport
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Interference in results and report")
struct InterferenceReportTests {
    /// A training whose cosines of its two heads are those of `cosines`, one an epoch; `nil` where not measured.
    private func training(_ arm: String, seed: UInt64, _ cosines: [Double?], term: Double? = nil) -> TrainingRecord {
        TrainingRecord(
            arm: arm,
            seed: seed,
            epochs: cosines.enumerated().map { index, cosine in
                EpochRecord(
                    epoch: index + 1,
                    losses: ["total": 1],
                    validationLosses: ["total": 1.5],
                    learned: term.map { ["birads.bias": $0 * Double(index)] },
                    interference: cosine.map { interference($0, term: term) }
                )
            }
        )
    }

    private func interference(_ cosine: Double, term: Double?) -> GradientInterference {
        func pair(_ first: String, _ second: String, _ cosine: Double?) -> GradientInterference.Pair {
            GradientInterference.Pair(
                first: first,
                second: second,
                cosine: cosine,
                conflictRate: cosine.map { $0 < 0 ? 1 : 0 },
                magnitudeSimilarity: cosine.map { _ in 0.5 },
                pooledCosine: cosine,
                stageCosines: cosine.map { ["backbone.encoder.0": $0, "backbone.encoder.1": $0 / 2] } ?? [:],
                batches: 4
            )
        }
        func task(_ name: String) -> GradientInterference.Task {
            GradientInterference.Task(
                name: name,
                norm: 1,
                cosineWithOthers: cosine / 2,
                conflictRateWithOthers: 0.25,
                batches: 4
            )
        }
        var names = ["segmentation", "classification"]
        var pairs = [pair(names[0], names[1], cosine)]
        if let term {
            names.append("birads")
            pairs += [pair(names[0], "birads", term), pair(names[1], "birads", nil)]
        }
        return GradientInterference(tasks: names.map(task), pairs: pairs, sharedValues: 100)
    }

    /// Two arms whose cosines differ by `difference` in the last half, by a little more from seed to seed.
    private func study(seeds: Int, difference: Double = 0.2) throws -> StudyResults {
        var results = SampleStudy(arms: 3, seeds: (1...UInt64(seeds)).map { $0 }).results()
        results.trainings = results.seeds.flatMap { seed in
            let own = 0.01 * Double(seed)
            return [
                training("arm-0", seed: seed, [nil, nil, nil, nil, nil]),
                training("arm-1", seed: seed, [0.9, nil, 0.1 + own, nil, -0.3 + own]),
                training(
                    "arm-2",
                    seed: seed,
                    [-0.9, nil, 0.1 + 2 * own + difference, nil, -0.3 + 2 * own + difference],
                    term: 0.3
                ),
            ]
        }
        results.interference = try InterferenceSummary(
            results.trainings,
            arms: results.arms.map(\.name),
            reference: results.referenceArm
        )
        return results
    }

    @Test("Levels are means over the last half of training, and differences are paired by seed")
    func levels() throws {
        let summary = try #require(try study(seeds: 2).interference)
        let pair = InterferenceSummary.Subject("segmentation", "classification")
        let single = summary.levels.filter { $0.arm == "arm-1" && $0.subject == pair }
        #expect(single.map(\.seed) == [1, 2, nil])
        let cosines: [Double] = [-0.09, -0.08, -0.085]
        for (own, expected) in zip(single.map(\.cosine), cosines) { #expect(abs(own - expected) < 1e-12) }
        #expect(single.map(\.measurements) == [2, 2, 4])
        #expect(single.map(\.conflictRate) == [0.5, 0.5, 0.5])
        let deviation: Double = 0.01 / 2.0.squareRoot()
        #expect(abs(try #require(single[2].standardDeviation) - deviation) < 1e-12)
        #expect(single[0].standardDeviation == nil)
        #expect(abs(try #require(single[2].stageCosines["backbone.encoder.1"]) + 0.0425) < 1e-12)
        #expect(summary.level(arm: "arm-1", pair)?.seed == nil)
        #expect(!summary.levels.contains { $0.arm == "arm-0" })
        // A pair that was never defined has no level.
        #expect(summary.level(arm: "arm-2", .init("classification", "birads")) == nil)
        #expect(summary.level(arm: "arm-2", .init("segmentation", "birads"))?.cosine == 0.3)

        let comparison = try #require(summary.comparisons.first { $0.subject == pair })
        #expect(comparison.arm == "arm-2" && comparison.reference == "arm-1" && comparison.seeds == 2)
        #expect(abs(comparison.meanDifference - 0.215) < 1e-12)
        #expect(abs(try #require(comparison.standardDeviation) - deviation) < 1e-12)
        #expect(abs(try #require(comparison.interval).low - 0.151469) < 1e-6)
        #expect(abs(try #require(comparison.pValue) - 0.014803) < 1e-6)
        #expect(!summary.comparisons.contains { $0.subject.second == "birads" })
        let two = [training("a", seed: 1, [0.1]), training("b", seed: 1, [0.2])]
        let plain = try #require(try InterferenceSummary(two, arms: ["a", "b"], reference: "a"))
        #expect(plain.comparisons.map(\.subject) == [pair])
        #expect(try InterferenceSummary([training("a", seed: 1, [nil])], arms: ["a"], reference: nil) == nil)
    }

    @Test("The verdict says what the number of seeds allows")
    func verdicts() throws {
        func verdict(seeds: Int, difference: Double = 0.2) throws -> String {
            let study = try study(seeds: seeds, difference: difference)
            return render(study)
        }
        let few = try verdict(seeds: 2)
        // Differences of 0.21 and 0.22: t = 43 with one degree of freedom, p = 0.0148, times three after Holm.
        #expect(few.contains("Interference was less than with the reference (paired t over 2 seeds, p = 0.044)"))
        #expect(few.contains("mean cosine of 0.130 with"))
        #expect(few.contains("paired by seed, is +0.215 ± 0.007 (n = 2 seeds, 95 % interval +0.151 to +0.279)"))
        let one = try verdict(seeds: 1)
        #expect(one.contains("A single seed cannot show") && one.contains("+0.210 (one seed)"))
        let none = try verdict(seeds: 3, difference: -0.01)
        #expect(none.contains("No difference in interference was shown (paired t over 3 seeds"))
        #expect(try verdict(seeds: 9, difference: -0.5).contains("Interference was more than with the reference"))
    }

    private func render(_ results: StudyResults) -> String {
        PageCheck(HTMLReport.render(results: results, cases: [], images: [])).text
    }

    @Test(
        "The section is well formed, for one seed and several, with undefined numbers and without any",
        arguments: 0..<4
    )
    func section(kind: Int) throws {
        var results = try study(seeds: [1, 3, 2, 2][kind])
        if kind == 2 {
            for index in results.interference?.levels.indices ?? 0..<0 {
                results.interference?.levels[index].cosine = .nan
            }
        }
        if kind == 3 {
            results.interference = nil
            for index in results.trainings.indices {
                for epoch in results.trainings[index].epochs.indices {
                    results.trainings[index].epochs[epoch].interference = nil
                    results.trainings[index].epochs[epoch].learned = nil
                }
            }
        }
        let check = PageCheck(HTMLReport.render(results: results, cases: [], images: []))
        #expect(check.problem == nil)
        #expect(check.unnamedPictures == 0)
        #expect(check.geometry.allSatisfy { !$0.lowercased().contains("nan") && !$0.contains("inf") })
        for (previous, next) in zip(check.headings, check.headings.dropFirst()) { #expect(next <= previous + 1) }
        #expect(check.identifiers.contains("interference") == (kind != 3))
        #expect(check.text.contains("Cosine: segmentation and classification") == (kind != 3))
        #expect(check.text.contains("Learned: birads.bias") == (kind != 3))
        #expect(check.text.contains("Validation loss: total"))
        let restored = try StudyResults(jsonData: results.jsonData())
        #expect(try restored.jsonData() == results.jsonData())
    }

    @Test("A band is drawn between its edges, with a gap where a value is undefined")
    func band() {
        var chart = LineChart(description: "x", horizontalTitle: "", verticalTitle: "", series: [])
        let points = [(1.0, 0.0, 1.0), (2, 0.5, 1), (3, .nan, 1), (4, 0, 1), (5, 0, 0.5)]
        chart.bands = [LineChart.Band(style: SeriesStyle(1), points: points)]
        let text = chart.markup().rendered()
        #expect(text.contains("class=\"band s1\""))
        let data = text.components(separatedBy: "class=\"band s1\" d=\"")[1].prefix { $0 != "\"" }
        #expect(data.filter { $0 == "M" }.count == 2 && data.filter { $0 == "Z" }.count == 2)
        #expect(data.filter { $0 == "L" }.count == 6)
        #expect(!text.contains("no values"))
    }

    private func row(_ index: Int, _ p: Double?, _ prior: Double?, _ pathology: Pathology?) -> CaseResult {
        CaseResult(
            arm: "a",
            seed: 1,
            dataset: "d",
            caseID: "\(index)",
            group: "\(index)",
            pathology: pathology,
            dice: 1,
            iou: 1,
            malignancyProbability: p,
            prior: prior
        )
    }

    @Test("Agreement is over lesions for which both numbers are finite")
    func agreement() throws {
        let rows = [
            row(0, 0.1, 0.3, .benign), row(1, 0.4, 0.2, .benign), row(2, 0.8, 0.9, .malignant),
            row(3, 0.3, 0.6, .malignant), row(4, 0.9, 0.9, .normal), row(5, 0.9, nil, .malignant),
            row(6, nil, 0.9, .malignant), row(7, .nan, 0.9, .malignant), row(8, 0.9, 0.9, nil),
        ]
        let agreement = try #require(try PriorAgreement(rows))
        #expect(agreement.lesions == 4)
        #expect(abs(agreement.meanAbsoluteDifference - 0.2) < 1e-12)
        #expect(agreement.priorAUROC == 1)
        #expect(agreement.malignancyAUROC == 0.75)
        #expect(abs(agreement.spearman - 0.4) < 1e-12)
        #expect(try PriorAgreement([rows[0], rows[4]])?.priorAUROC == nil)
        #expect(try PriorAgreement(Array(rows[4...])) == nil)
    }

    /// Every number of every epoch is in the training's event file, and nothing else.
    private func compareEvents(of outcome: StudyRunner.Outcome) throws {
        for training in outcome.results.trainings {
            let run = outcome.folder.appending(path: "tensorboard/\(training.arm)-\(training.seed)")
            let file = run.appending(path: "events.out.tfevents.0.segkit")
            let read = try EventFile(Data(contentsOf: file)).scalars
            var expected: [String: [Int: Float]] = [:]
            for epoch in training.epochs {
                func expect(_ tag: String, _ value: Double?) {
                    if let value { expected[tag, default: [:]][epoch.epoch] = Float(value) }
                }
                for (name, value) in epoch.losses { expect("loss/\(name)", value) }
                for (name, value) in epoch.validationLosses ?? [:] { expect("validation_loss/\(name)", value) }
                for (name, value) in epoch.learned ?? [:] { expect("learned/\(name)", value) }
                expect("validation/dice", epoch.validationDice)
                expect("validation/auroc", epoch.validationAUROC)
                expect("learning_rate", epoch.learningRate)
                for task in epoch.interference?.tasks ?? [] {
                    expect("gradient_norm/\(task.name)", task.norm)
                    expect("cosine/\(task.name)_others", task.cosineWithOthers)
                    expect("conflict_rate/\(task.name)_others", task.conflictRateWithOthers)
                }
                for pair in epoch.interference?.pairs ?? [] {
                    let names = "\(pair.first)_\(pair.second)"
                    expect("cosine/\(names)", pair.cosine)
                    expect("pooled_cosine/\(names)", pair.pooledCosine)
                    expect("conflict_rate/\(names)", pair.conflictRate)
                    expect("magnitude_similarity/\(names)", pair.magnitudeSimilarity)
                }
            }
            #expect(read == expected, "\(training.arm)")
            #expect(read["validation_loss/total"]?.count == training.epochs.count)
            if training.arm == "consistency" {
                #expect(read["learned/birads.bias"]?.count == training.epochs.count)
                #expect(read["cosine/classification_segmentation"]?.isEmpty == false)
            }
        }
    }

    @Test("A study with interference on records, tabulates and reports it, and training does not notice")
    func endToEnd() throws {
        let folder = try TemporaryFolder()
        func run(_ name: String, _ diagnostics: String) throws -> StudyRunner.Outcome {
            let yaml = SmallStudy.yaml(
                output: folder.appending(name).path,
                epochs: 3,
                extra: """
                      - name: consistency
                        model: {terms: {birads: {weight: 0.5, settings: {warmUpEpochs: 1}}}}
                    """
            ).replacing("training: {", with: "training: {\(diagnostics)")
            return try StudyRunner(SmallStudy.read(yaml)).run()
        }
        let plain = try run("plain", "")
        let watched = try run("watched", "diagnostics: {interference: {every: 2, batches: 2}}, ")
        #expect(try folder.text("watched/cases.csv") == folder.text("plain/cases.csv"))
        let models = try ["plain", "watched"].map { name in
            try Data(contentsOf: folder.appending("\(name)/models/consistency-1.safetensors"))
        }
        #expect(models[0] == models[1])
        #expect(plain.results.interference == nil)
        let summary = try #require(watched.results.interference)
        #expect(Set(summary.levels.map(\.arm)) == ["multi-task", "consistency"])
        let epochs = watched.results.trainings.map { $0.epochs.map { $0.interference != nil } }
        #expect(epochs == [[false, false, false], [true, true, true], [true, true, true]])
        let last = try #require(watched.results.trainings.last?.epochs.last)
        let prior = try #require(watched.results.trainings.last?.prior)
        // The bias, the weights, and what the diagnosis adds.
        #expect((last.learned?.count ?? 0) > prior.weights.count)
        let agreements = try #require(watched.results.agreements)
        #expect(agreements.allSatisfy { $0.arm == "consistency" })
        #expect(agreements.map(\.dataset) == ["northern", "eastern"])
        let header = try folder.text("watched/training.csv").prefix { $0 != "\r\n" }
        for column in ["cosine_classification_segmentation", "learned_birads.bias", "validation_loss_total"] {
            #expect(header.split(separator: ",").contains(Substring(column)), "\(column)")
        }
        try compareEvents(of: watched)
        let check = PageCheck(try folder.text("watched/report.html"))
        #expect(check.problem == nil)
        #expect(check.text.contains("A single seed cannot show whether interference differs"))
        #expect(check.text.contains("there is nothing to compare: segmentation-only and Multi-task"))
    }
}
