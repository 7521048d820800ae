import Foundation
import SegCore
import SegPages
import SegReport
import SegResults
import SegScoring
import SegStudy
import Testing

@Suite("Tables of metrics follow from what metrics say of themselves")
struct MetricTableTests {
    private static func summary(_ mean: Double) -> MetricSummary {
        MetricSummary(count: 40, mean: mean, standardDeviation: 0.25, median: mean)
    }

    /// A plugin's metric of the library's family, one of a family of its own, and one of none.
    private static func results(arms: Int = 2) -> StudyResults {
        var results = SampleStudy(arms: arms, datasets: [("A", .source, 20), ("B", .external, 40)]).results()
        results.metrics = [
            MetricDescription(
                name: "tversky",
                title: "Tversky index",
                summary: "Overlap that weighs what is missed.",
                family: .overlap,
                direction: .higherIsBetter,
                emptyMasks: "Undefined unless both masks have a pixel."
            ),
            MetricDescription(
                name: "shift",
                title: "Shift",
                family: MetricFamily(rawValue: "position"),
                unit: "px",
                direction: .lowerIsBetter,
                decimals: 1,
                emptyMasks: "Undefined.",
                places: [.summaries, .paperInShort]
            ),
            MetricDescription(
                name: "minutes",
                title: "Reading time",
                unit: "min",
                direction: .lowerIsBetter,
                emptyMasks: "Any mask is read."
            ),
        ]
        for index in results.summaries.indices {
            let isFirst = results.summaries[index].arm == "arm-0"
            results.summaries[index].metrics["tversky"] = summary(isFirst ? 0.7111 : 0.6222)
            results.summaries[index].metrics["shift"] = summary(isFirst ? 5.5 : 3.3)
            results.summaries[index].metrics["minutes"] = summary(2.25)
        }
        guard var comparison = results.comparisons.first else { return results }
        comparison.metric = ComparedMetric(rawValue: "tversky")
        comparison.dataset = "B"
        comparison.meanDifference = 0.0889
        comparison.adjustedPValue = 0.021
        results.comparisons.append(comparison)
        return results
    }

    private static func page(_ results: StudyResults) -> String {
        HTMLReport.render(results: results, cases: [], images: [])
    }

    @Test("A metric stands with its family, a family of its own has a table of its own, the others come last")
    func families() throws {
        let page = Self.page(Self.results())
        let check = PageCheck(page)
        #expect(check.problem == nil)
        let text = check.text
        #expect(text.contains("ArmnDice [95 % CI]MedianIoUTversky indexΔ Dicep of ranksEffect"))
        #expect(text.contains("ArmnShift, px [95 % CI]Median"))
        #expect(text.contains("ArmnReading time, min [95 % CI]Median"))
        let places = try ["Overlap by data set", "Position by data set", "Further metrics by data set"].map {
            try #require(text.range(of: $0)).lowerBound
        }
        #expect(places == places.sorted())
        #expect(page.contains("title=\"Overlap that weighs what is missed. Mean ± standard deviation"))
        #expect(text.contains("Shift, px: less is better. Undefined."))
        // A comparison whose table has another metric's is told all the same.
        let further = try #require(text.range(of: "Comparisons by Tversky index"))
        #expect(text[further.upperBound...].prefix(400).contains("+0.089"))
        #expect(text[further.upperBound...].prefix(400).contains("0.021*"))
        let latex = latexTable(Self.results())
        #expect(latex.contains("{\\emph{Shift, px}}") && latex.contains("& 5.5 \\ensuremath{\\pm} 0.2 &"))
        #expect(latex.contains("\\emph{Tversky index}"))
        #expect(consoleTable(Self.results()).contains("Tversky index  Reading time, min"))
    }

    @Test("Bold is the best of its column, by the metric's own direction, and nothing else")
    func bold() {
        let page = Self.page(Self.results())
        #expect(page.contains("<b>0.711</b>") && !page.contains("<b>0.622</b>"))
        #expect(page.contains("<b>3.3</b>") && !page.contains("<b>5.5</b>"))
        #expect(page.matches(of: /<b>2.250<\/b>/).count >= 4, "equals alike")
        #expect(!Self.page(Self.results(arms: 1)).contains("<b>"))
    }

    @Test("Failures, certainty and other predictions have their best figures bold too, by each column's direction")
    func boldElsewhere() {
        let study = SampleStudy(arms: 2, datasets: [("A", .source, 10), ("B", .external, 40)])
        var (results, cases) = (study.results(), study.cases())
        for index in cases.indices where cases[index].dataset == "B" {
            let number = Int(cases[index].caseID.dropFirst(4)) ?? 0
            cases[index].pathology = .benign
            cases[index].lesionFraction = 0.1
            cases[index].dice = number < (cases[index].arm == "arm-0" ? 13 : 7) ? 0 : 0.8
        }
        func prediction(_ arm: String, _ accuracy: Double, _ error: Double) -> [PredictionSummary] {
            [
                .init(
                    arm: arm,
                    dataset: "B",
                    name: "kind",
                    title: "kind",
                    count: 40,
                    known: 40,
                    accuracy: accuracy,
                    chance: 0.511
                ),
                .init(
                    arm: arm,
                    dataset: "B",
                    name: "size",
                    title: "size",
                    count: 40,
                    known: 40,
                    meanAbsoluteError: error
                ),
            ]
        }
        results.predictions = prediction("arm-0", 0.613, 4.321) + prediction("arm-1", 0.587, 3.456)
        results.selection = [
            .init(
                arm: "arm-0",
                dataset: "B",
                kind: .dice,
                cases: 40,
                all: 0.7171,
                area: 0.2323,
                coverage: 0.9,
                kept: 0.7777
            ),
            .init(
                arm: "arm-1",
                dataset: "B",
                kind: .dice,
                cases: 40,
                all: 0.7272,
                area: 0.2424,
                coverage: 0.8,
                kept: 0.7888
            ),
        ]
        let page = HTMLReport.render(results: results, cases: cases, images: [])
        for best in ["7", "0.613", "3.456", "0.232", "0.727"] { #expect(page.contains("<b>\(best)</b>"), "\(best)") }
        for other in ["13", "0.587", "4.321", "0.511", "0.242", "0.717", "0.778", "0.789"] {
            #expect(!page.contains("<b>\(other)</b>"), "\(other)")
        }
    }

    @Test("What heads mean stands below the table too, for paper and for screens that are touched")
    func terms() throws {
        let page = Self.page(Self.results())
        let table = try #require(page.range(of: "Overlap by data set"))
        let below = page[table.upperBound...].components(separatedBy: "</table>\n</div>\n")[1]
        #expect(below.hasPrefix("<p class=\"note terms\">n: Images with a value of Dice. Dice [95 % CI]: "))
        #expect(
            below.prefix(900).contains("Tversky index: Overlap that weighs what is missed. Mean ± standard deviation")
        )
        // Shown where nothing can rest on a head, and hidden where it can.
        #expect(ReportStyle.sheet.contains("\n.terms{display:none}"))
        let touch = try #require(ReportStyle.sheet.firstMatch(of: /@media \(hover:none\)\{(.*)/)).1
        let print = try #require(ReportStyle.sheet.range(of: "@media print{"))
        for rules in [Substring(touch), ReportStyle.sheet[print.upperBound...]] {
            #expect(
                rules.contains(".terms{display:block}") && rules.contains("code[title]::after{content:attr(title)}")
            )
        }
        #expect(page.matches(of: /<code title="[^"]+"><span>[^<]*…<\/span><\/code>/).count > 0)
    }

    @Test("What served to choose is called validation, stands last and has neither stars nor verdict")
    func validation() throws {
        var results = Self.results()
        for index in results.comparisons.indices { results.comparisons[index].adjustedPValue = 0.0001 }
        let page = Self.page(results)
        let groups = page.components(separatedBy: "<tbody").dropFirst().compactMap {
            $0.components(separatedBy: "</tbody>").first
        }
        let validation = groups.filter { $0.contains("A, validation<small") }
        let tests = groups.filter { $0.contains("group-title\">B<small") }
        #expect(!validation.isEmpty && validation.allSatisfy { !$0.contains("***") })
        #expect(tests.contains { $0.contains("***") })
        let heads = try #require(page.firstMatch(of: /Arms by data sets.*?<\/thead>/.dotMatchesNewlines())?.output)
        let first = try #require(heads.range(of: ">B<"))
        let last = try #require(heads.range(of: ">A, validation<"))
        #expect(first.lowerBound < last.lowerBound)
        #expect(!PageCheck(page).text.contains("Dice on the validation part"))
        results.datasets[1].role = .source
        let alone = Self.page(results)
        #expect(alone.contains("which served for choices and is not a test"))
        #expect(!alone.contains("aria-hidden=\"true\">*"))
    }
}
