import Foundation
import SegCore
import SegMetrics
import SegReport
import SegResults
import SegStudy
import Testing

@Suite("What the report shows")
struct ReportContentTests {
    private static func page(_ study: SampleStudy, _ change: (inout [CaseResult]) -> Void = { _ in }) -> PageCheck {
        var cases = study.cases()
        change(&cases)
        return PageCheck(HTMLReport.render(results: study.results(), cases: cases, images: []))
    }

    @Test("Every part that the data allow is there, and no other")
    func sections() {
        let full = Self.page(SampleStudy())
        let order = [
            "summary", "results", "distributions", "size", "categories", "agreement", "malignancy", "training",
            "features",
            "failures", "methods", "provenance",
        ]
        #expect(full.identifiers.filter { order.contains($0) } == order)
        #expect(full.text.contains("ECE: Multi-task baseline 0.080"))
        let bare = Self.page(SampleStudy(arms: 1)) { cases in
            for index in cases.indices {
                cases[index].category = nil
                cases[index].predictedFraction = nil
            }
        }
        for missing in ["categories", "agreement", "malignancy"] { #expect(!bare.identifiers.contains(missing)) }
        #expect(!bare.text.contains("Calibration") && !bare.text.contains("False alarms on"))
    }

    @Test("Areas are in mm² where every case has them, else in % of the image")
    func units() {
        let page = Self.page(SampleStudy())
        #expect(page.text.contains("Agreement of areas on Center A, validation, mm²"))
        #expect(page.text.contains("Agreement of areas on Center B, % of the image"))
        let mixed = Self.page(SampleStudy()) { $0[0].imageArea = nil }
        #expect(mixed.text.contains("Agreement of areas on Center A, validation, % of the image"))
    }

    @Test("Missed lesions and false alarms are counted and named; what is left out is said")
    func failures() throws {
        let study = SampleStudy(arms: 2, datasets: [("A", .source, 10), ("B", .external, 200)])
        let page = Self.page(study) { cases in
            for index in cases.indices {
                let number = Int(cases[index].caseID.dropFirst(4)) ?? 0
                let isFailing = cases[index].arm == "arm-0" && cases[index].dataset == "B" && number < 60
                cases[index].dice = isFailing ? (number < 10 ? 0 : 0.05) : 0.8
                guard cases[index].dataset == "A", number < 4 else { continue }
                cases[index].pathology = .normal
                cases[index].category = nil
                cases[index].lesionFraction = 0
                cases[index].dice = .nan
                cases[index].predictedFraction = cases[index].arm == "arm-1" && number == 2 ? 0.0321 : 0
            }
        }
        #expect(page.text.contains("Lesions of B with a Dice below 0.1 under some arm (60)"))
        #expect(page.text.contains("The first 50 of 60; all are in cases.csv."))
        #expect(page.text.contains("False alarms on A, validation (1)"))
        let list = try #require(page.text.range(of: "False alarms on A, validation (1)"))
        let row = page.text[list.upperBound...]
        #expect(row.contains("case002normal–0.000.003.21"))
        let counts = try #require(page.text.range(of: "Missed lesions and false alarms"))
        // Of 200 lesions 10 were missed, 60 failed; no image without one.
        #expect(page.text[counts.upperBound...].contains("Segmentation only200105.0 %6030.0 %375.0 %2.000––"))
        #expect(page.text[counts.upperBound...].contains("Multi-task baseline600.0 %00.0 %375.0 %2.004125.0 %3.21 %"))
    }

    @Test("The best values of the paper's table are bold, and each arm has its p, effect and interval")
    func paperTable() {
        let text = Self.page(SampleStudy()).text
        #expect(text.contains("p = 0.034, r = −0.12"))
        #expect(text.contains("p < 0.001, r = +0.32"))
        #expect(text.contains("*** p\u{A0}<\u{A0}0.001"))
    }

    @Test("A line keeps its corners and loses what lies between them")
    func corners() {
        let line = [(x: 0.0, y: 0.0), (0, 0.2), (0, 0.5), (0.1, 0.5), (0.3, 0.5), (0.4, 0.7), (1, 1)]
        let corners = StepLine.corners(line)
        #expect(corners.map(\.x) == [0, 0, 0.3, 0.4, 1] && corners.map(\.y) == [0, 0.5, 0.5, 0.7, 1])
    }

    @Test("Under the steps of a precision–recall line lies the average precision of scikit-learn")
    func precisionSteps() throws {
        // average_precision_score([0, 1, 0, 1, 1, 0, 0, 1], [.9, .8, .7, .6, .6, .5, .3, .2]) = 0.55
        let labels = [false, true, false, true, true, false, false, true]
        let line = StepLine.precision(
            try PrecisionRecallCurve(scores: [0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.3, 0.2], labels: labels)
        )
        let area = zip(line, line.dropFirst()).reduce(0) { $0 + ($1.1.x - $1.0.x) * ($1.0.y + $1.1.y) / 2 }
        #expect(abs(area - 0.55) < 1e-12)
        #expect(zip(line, line.dropFirst()).allSatisfy { $0.0.x == $0.1.x || $0.0.y == $0.1.y })
        #expect(line.first?.x == 0 && line.last?.x == 1)
        #expect(StepLine.precision(try PrecisionRecallCurve(scores: [1, 2], labels: [false, false])).isEmpty)
    }

    @Test(
        "The summary tells many arms by the least, the greatest and the reference, and tests only; a scanner's text may break"
    )
    func manyArms() throws {
        let few = Self.page(SampleStudy()).text
        #expect(few.contains("The AUROC for malignancy on") && !few.contains("(least)"))
        let study = SampleStudy(arms: 6, datasets: [("A", .source, 40), ("B", .external, 60)])
        var results = study.results()
        var population = Population(images: 60)
        population.devices = ["Scanner with a long name": 30, "Another one": 30]
        results.datasets[1].population = population
        let page = PageCheck(HTMLReport.render(results: results, cases: study.cases(), images: []))
        let sentences = page.text.components(separatedBy: "The AUROC for malignancy on ").dropFirst()
        let sentence = try #require(sentences.first).prefix(220)
        #expect(sentences.count == 1 && sentence.hasPrefix("B was "), "\(sentences.count): \(sentence)")
        #expect(sentence.contains("(least") && sentence.contains("(greatest") && sentence.contains("reference)"))
        // With what the table says of the difference, where there is one.
        let other = try #require(
            results.summaries.first { $0.dataset == "B" && $0.malignancy?.auroc != nil && $0.arm != "arm-1" }
        )
        var comparison = try #require(results.comparison(arm: other.arm, dataset: "B"))
        (comparison.metric, comparison.adjustedPValue, comparison.acrossSeeds) = (.auroc, 0.26, nil)
        results.comparisons.append(comparison)
        for index in results.summaries.indices where results.summaries[index].arm != other.arm {
            results.summaries[index].malignancy?.auroc = 0.5
        }
        let tested = PageCheck(HTMLReport.render(results: results, cases: study.cases(), images: [])).text
        #expect(tested.contains(/The AUROC for malignancy on B was .*0\.\d+ \(p = 0\.260\) with/))
        for index in results.summaries.indices { results.summaries[index].malignancy?.auroc = 0.75 }
        let equal = PageCheck(HTMLReport.render(results: results, cases: study.cases(), images: [])).text
        #expect(equal.contains("The AUROC for malignancy on B was 0.750 with every arm."))
        let html = HTMLReport.render(results: results, cases: study.cases(), images: [])
        #expect(html.contains("<td>Another one: 30, Scanner with a long name: 30</td>"))
    }

    @Test(
        "Nine trainings on five data sets of two thousand images make a page of a few megabytes",
        .timeLimit(.minutes(2))
    )
    func largeStudy() throws {
        let names = ["A", "B", "C", "D", "E"]
        let study = SampleStudy(
            seeds: [1, 2, 3],
            datasets: names.map { ($0, $0 == "A" ? .source : .external, 2000) }
        )
        let results = study.results()
        let cases = study.cases()
        #expect(cases.count == 90_000)
        let clock = ContinuousClock()
        var page = ""
        let duration = clock.measure { page = HTMLReport.render(results: results, cases: cases, images: []) }
        print("report of 90,000 rows: \(page.utf8.count / 1024) KiB, \(duration)")
        #expect(page.utf8.count < 6_000_000)
        #expect(PageCheck(page).problem == nil)
    }
}
