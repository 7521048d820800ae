import Foundation
import SegConfiguration
import SegCore
import SegResults
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("Priors of several terms and arms")
struct PriorReportTests {
    @Test("Every arm's features and every term's prior stand in table, results and report")
    func everywhere() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(
            output: folder.appending("out").path,
            epochs: 1,
            extra: """
                  - name: two
                    model: {terms: {extents: {weight: 0.5}, further-extents: {weight: 0.5, settings: {weight: 3}}}}
                  - name: another
                    model: {terms: {extents: {weight: 0.5, settings: {feature: breadth}}}}
                """
        )
        let registry = try ToldPlugins.registry()
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "small.yaml"), registry: registry)
        let outcome = try StudyRunner(study, registry: registry).run()
        let results = try StudyResults(contentsOf: folder.appending("out/results.json"))

        #expect(results.features.map(\.name) == ["extent", "further-extents.extent", "breadth"])
        #expect(results.features.map(\.title) == ["Extent", "Extent (further-extents)", "Breadth"])
        // One image is counted once, and one feature under two names has the same moments.
        let training = try #require(results.split.parts.first { $0.name == "training" })
        for feature in results.features {
            #expect(
                feature.benign.count == training.counts.benign && feature.malignant.count == training.counts.malignant
            )
            #expect(feature.benign.mean == results.features[0].benign.mean)
        }
        let header = try folder.text("out/cases.csv").prefix { $0 != "\r\n" }.components(separatedBy: ",")
        #expect(header.suffix(4) == ["extent", "further-extents.extent", "breadth", "further-extents.prior"])

        let two = try #require(results.trainings.first { $0.arm == "two" })
        #expect(
            two.priors == [
                LearnedPrior(bias: -0.5, weights: ["extent": 1], term: "extents", column: "prior"),
                LearnedPrior(
                    bias: -0.5,
                    weights: ["further-extents.extent": 3],
                    term: "further-extents",
                    column: "further-extents.prior"
                ),
            ]
        )
        let another = try #require(results.trainings.first { $0.arm == "another" })
        #expect(another.prior == LearnedPrior(bias: -0.5, weights: ["breadth": 1]) && another.furtherPriors == nil)
        try agreements(results, outcome)

        let check = PageCheck(try folder.text("out/report.html"))
        #expect(check.problem == nil)
        for part in [
            "Weight in extents", "Weight in further-extents", "Breadth by class, another",
            "Extent (further-extents) by class, two", "eastern, prior of further-extents",
        ] {
            #expect(check.text.contains(part), "\(part)")
        }
        // An arm's charts are of its own features.
        #expect(!check.text.contains("Breadth by class, two") && !check.text.contains("Extent by class, another"))
    }

    private func agreements(_ results: StudyResults, _ outcome: StudyRunner.Outcome) throws {
        let agreements = try #require(results.agreements)
        #expect(agreements.filter { $0.dataset == "eastern" }.map(\.arm) == ["two", "two", "another"])
        #expect(agreements.filter { $0.dataset == "eastern" }.map(\.term) == ["extents", "further-extents", nil])
        let rows = outcome.cases.filter {
            $0.arm == "two" && $0.dataset == "eastern" && $0.pathology?.hasLesion == true
        }
        for (term, prior) in [("extents", \CaseResult.prior), ("further-extents", \.features["further-extents.prior"])]
        {
            let agreement = try #require(agreements.first { $0.term == term && $0.dataset == "eastern" })
            let differences = rows.map { abs(($0.malignancyProbability ?? .nan) - ($0[keyPath: prior] ?? .nan)) }
            #expect(agreement.lesions == rows.count)
            let mean = differences.reduce(0, +) / Double(rows.count)
            #expect(abs(agreement.meanAbsoluteDifference - mean) < 1e-12)
        }
        #expect(rows.allSatisfy { ($0.features["further-extents.prior"] ?? 0) > ($0.prior ?? 1) })
    }
}
