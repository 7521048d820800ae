import Foundation
import SegCore
import SegReport
import SegResults
import SegStudy
import Testing

@Suite struct ReportTests {
    static let shapes: [SampleStudy] = [
        SampleStudy(), SampleStudy(seeds: [3, 1, 2]), SampleStudy(arms: 12),
        SampleStudy(arms: 1, datasets: [("Center A", .source, 1)]),
        SampleStudy(arms: 2, datasets: [("Center A", .source, 0), ("Center B", .external, 3)]),
        SampleStudy(datasets: []),
    ]

    @Test(arguments: shapes.indices)
    func everyShapeOfStudyMakesAWellFormedPage(index: Int) throws {
        let study = Self.shapes[index]
        // The parser refuses more than ten megabytes.
        let images = try study.images().prefix(30)
        let page = HTMLReport.render(results: study.results(), cases: study.cases(), images: Array(images))
        let check = PageCheck(page)
        #expect(check.problem == nil)
        #expect(check.unnamedPictures == 0 && check.unreachable == 0)
        #expect(check.descriptions == check.charts)
        #expect(Set(check.identifiers).count == check.identifiers.count)
        for link in check.links { #expect(check.identifiers.contains(String(link.dropFirst())), "\(link)") }
        #expect(check.sources.allSatisfy { $0.hasPrefix("data:image/png;base64,") })
        #expect(check.sources.count == images.count)
        #expect(check.elements["main"] == 1 && check.elements["nav"] == 1 && check.elements["h1"] == 1)
        #expect(check.elements["script"] == nil && check.elements["link"] == nil)
        #expect(check.elements["caption"] == check.elements["table"])
        for (previous, next) in zip(check.headings, check.headings.dropFirst()) { #expect(next <= previous + 1) }
        #expect(check.geometry.allSatisfy { !$0.lowercased().contains("nan") && !$0.contains("inf") })
        #expect(page.range(of: "https?://(?!www\\.w3\\.org/)", options: .regularExpression) == nil)
        #expect(page.range(of: "url\\(|@import", options: .regularExpression) == nil)
    }

    @Test func undefinedNumbersDoNotBreakThePage() {
        var results = SampleStudy().results()
        for index in results.summaries.indices {
            results.summaries[index].dice = MetricSummary(
                count: 0,
                mean: .nan,
                standardDeviation: .nan,
                median: .nan,
                interval: ConfidenceInterval(low: .nan, high: .nan)
            )
            results.summaries[index].malignancy?.auroc = .nan
        }
        for index in results.trainings.indices {
            for epoch in results.trainings[index].epochs.indices {
                results.trainings[index].epochs[epoch].validationDice = epoch % 2 == 0 ? .nan : .infinity
                results.trainings[index].epochs[epoch].losses = ["total": .nan]
            }
            results.trainings[index].prior = LearnedPrior(bias: .nan, weights: ["enc": .infinity, "circularity": .nan])
        }
        var cases = SampleStudy().cases()
        for index in cases.indices {
            cases[index].dice = .nan
            cases[index].malignancyProbability = .nan
            cases[index].lesionFraction = index % 2 == 0 ? 0 : .nan
            cases[index].predictedFraction = .nan
            cases[index].imageArea = .infinity
            cases[index].features = ["enc": .nan, "circularity": .infinity]
        }
        let check = PageCheck(HTMLReport.render(results: results, cases: cases, images: []))
        #expect(check.problem == nil)
        #expect(check.geometry.allSatisfy { !$0.lowercased().contains("nan") && !$0.contains("inf") })
        #expect(check.text.contains("no values"))
        #expect(!check.identifiers.contains("distributions") && !check.identifiers.contains("malignancy"))
        #expect(!check.identifiers.contains("agreement") && !check.identifiers.contains("failures"))
        #expect(!check.identifiers.contains("gallery"))
    }

    @Test func textOfOthersIsEscapedAndShown() throws {
        let nasty = "<script>alert(\"x\")</script> & 'y' \u{7}]]>"
        var results = SampleStudy(arms: 2).results()
        results.study = nasty
        results.arms[0].title = nasty
        results.datasets[0].fingerprint = nasty
        results.notes = [StudyNote(.warning, nasty)]
        results.configuration = nasty
        let image = ReportImage(
            arm: "arm-0",
            dataset: nasty,
            rank: .worst,
            caseID: nasty,
            dice: .nan,
            caption: nasty,
            png: Data([1, 2, 3])
        )
        let page = HTMLReport.render(results: results, cases: SampleStudy(arms: 2).cases(), images: [image])
        let check = PageCheck(page)
        #expect(check.problem == nil)
        #expect(check.elements["script"] == nil)
        #expect(check.text.contains("<script>alert(\"x\")</script> & 'y' \u{FFFD}]]>"))
        #expect(check.alternatives.first?.contains("<script>") == true)
    }

    @Test func equalStudiesMakeEqualPages() throws {
        let study = SampleStudy(seeds: [1, 2])
        let first = HTMLReport.render(results: study.results(), cases: study.cases(), images: try study.images())
        let second = HTMLReport.render(
            results: study.results(),
            cases: study.cases().reversed(),
            images: try study.images()
        )
        #expect(first == second)
    }

    @Test func theSummaryTellsBetterWorseEqualAndUntestedApart() {
        var results = SampleStudy().results()
        func set(_ dataset: String, _ difference: Double, _ p: Double, effect: Double? = nil) {
            for index in results.comparisons.indices {
                guard results.comparisons[index].arm == "arm-2", results.comparisons[index].dataset == dataset else {
                    continue
                }
                results.comparisons[index].meanDifference = difference
                results.comparisons[index].effectSize = effect ?? difference
                results.comparisons[index].adjustedPValue = p
            }
        }
        func text() -> String { PageCheck(HTMLReport.render(results: results, cases: [], images: [])).text }
        set("Center B", 0.05, 0.0002)
        set("Center C", -0.05, 0.02)
        set("Center A", 0.2, 0.05)
        let mixed = text()
        #expect(mixed.contains("reached a higher Dice on Center B (mean difference +0.050, p < 0.001)"))
        #expect(mixed.contains("it reached a lower Dice on Center C (mean difference −0.050, p = 0.020)"))
        // What served to choose is no test: it has no verdict.
        #expect(!mixed.contains("difference on the validation part of Center A"))
        set("Center C", -0.01, 0.02, effect: 0.3)
        #expect(text().contains("differed in its ranks but not alike in its mean on Center C"))
        set("Center B", 0, .nan)
        #expect(text().contains("could not be tested on Center B"))
    }

    @Test func aPictureKeepsItsSize() throws {
        let image = try SampleStudy().images()[0]
        #expect(image.pixelSize?.width == 110 && image.pixelSize?.height == 80)
        var broken = image
        broken.png = Data("not a picture, but long enough".utf8)
        #expect(broken.pixelSize == nil)
    }

    /// Set `SEGKIT_REPORT_SAMPLE` to a folder to look at the pages.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SEGKIT_REPORT_SAMPLE"] != nil))
    func samplesAreWrittenWhereAsked() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["SEGKIT_REPORT_SAMPLE"])
        for (index, study) in Self.shapes.enumerated() {
            let page = HTMLReport.render(results: study.results(), cases: study.cases(), images: try study.images())
            try Data(page.utf8).write(to: URL(fileURLWithPath: folder).appendingPathComponent("report-\(index).html"))
        }
    }
}
