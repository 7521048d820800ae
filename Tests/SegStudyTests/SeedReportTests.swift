import Foundation
import SegCore
import SegReport
import SegResults
import SegStudy
import Testing

/// What report and tables say of a study over several seeds or folds.
@Suite("The report over seeds")
struct SeedReportTests {
    private static func page(_ results: StudyResults, _ cases: [CaseResult]) -> PageCheck {
        PageCheck(HTMLReport.render(results: results, cases: cases, images: []))
    }

    /// One arm that is better by the images of its models and not as a method, and the other way round.
    private static func results(seeds: [UInt64] = [1, 2, 3]) -> StudyResults {
        var results = SampleStudy(seeds: seeds).results()
        for index in results.comparisons.indices where results.comparisons[index].arm == "arm-2" {
            let isB = results.comparisons[index].dataset == "Center B"
            results.comparisons[index].meanDifference = 0.02
            results.comparisons[index].effectSize = 0.3
            results.comparisons[index].adjustedPValue = isB ? 0.0001 : 0.6
            results.comparisons[index].acrossSeeds?.adjustedPValue = isB ? 0.9 : 0.031
        }
        return results
    }

    @Test("The p across seeds decides stars and verdicts, and that of the models stands beside it")
    func leadingPValue() throws {
        let results = Self.results()
        let text = Self.page(results, []).text
        #expect(
            text.contains(
                "no significant difference on Center B (mean difference +0.020, p = 0.900 across seeds; of the trained models "
                    + "p < 0.001)"
            )
        )
        #expect(text.contains("reached a higher Dice on Center C (mean difference +0.020, p = 0.031 across seeds"))
        #expect(text.contains("p = 0.900models p < 0.001, r = +0.30"))
        let cells = PaperTable(results).blocks[0].rows[2].cells
        #expect(cells[0].flatMap { $0.comparison?.leadingPValue } == 0.9)

        let latex = latexTable(results)
        let tex = latex.split(separator: "\n").map(String.init)
        let row = try #require(tex.firstIndex { $0.hasPrefix("Multi-task + BI-RADS consistency &") })
        let stars = tex[row].split(separator: "&").map { $0.contains("\\textsuperscript{*}") }
        // The columns are B, C and the validation part of A.
        #expect(stars == [false, false, true, false])
        #expect(tex[row + 1].contains("], $s = 0.012$"))
        #expect(tex[row + 2].contains("{\\scriptsize $p = 0.900$}"))
        #expect(tex[row + 3].contains("{\\scriptsize $p_\\mathrm{m} < 0.001$, $r = +0.30$}"))
        #expect(latex.contains("stars go by it"))

        let console = consoleTable(results).split(separator: "\n").map(String.init)
        #expect(console[1].contains("p across seeds (Holm)") && console[1].contains("p of models"))
        let lines = console.filter { $0.hasPrefix("  arm-2") }
        #expect(lines.count == 3)
        #expect(lines[1].contains(/0\.031 +\* +\+0\.30 +0\.600/), "\(lines[1])")
        #expect(lines[2].contains(/0\.031 +\+0\.30 +0\.600/), "validation has no stars: \(lines[2])")
    }

    @Test("With a single seed the p over images leads as it did")
    func singleSeed() throws {
        let results = Self.results(seeds: [1])
        let text = Self.page(results, []).text
        #expect(text.contains("reached a higher Dice on Center B (mean difference +0.020, p < 0.001)"))
        #expect(!text.contains("across seeds") && !text.contains("over seeds"))
        let latex = latexTable(results)
        #expect(latex.contains("{\\scriptsize $p < 0.001$, $r = +0.30$}") && !latex.contains("mathrm{m}"))
        #expect(!consoleTable(results).contains("of models"))
    }

    @Test("n counts what has a Dice, and lesions where malignancy is told")
    func counts() throws {
        var results = SampleStudy(datasets: [("A", .source, 60), ("C", .external, 90), ("B", .external, 120)]).results()
        let normals = results.datasets[2].evaluated.normal
        let lesions = 120 - normals
        #expect(normals > 0)
        for index in results.summaries.indices where results.summaries[index].dataset == "B" {
            results.summaries[index].malignancy?.cases = lesions
        }
        let blocks = PaperTable(results).blocks
        #expect(blocks.map { $0.counts[1] } == ["\(lesions)", "\(lesions)"])
        #expect(latexTable(results).contains("\\emph{Dice} & $n = 90$ & $n = \(lesions)$ & $n = 60$ \\\\"))
        let line = consoleTable(results).split(separator: "\n").filter { $0.hasPrefix("  arm-0") }[1]
        #expect(line.contains(" \(lesions)  ") && !line.contains(" 120 "))
        #expect(Self.page(results, []).text.contains("Dicen = 90n = \(lesions)n = 60"))
        results.summaries[2].dice.count -= 1
        #expect(PaperTable(results).blocks[0].counts[1] == "\(lesions - 1)–\(lesions)")
        #expect(latexTable(results).contains("$n = \(lesions - 1)$--$\(lesions)$"))
    }

    @Test("Failures are counted by training, and listed by how many trainings failed")
    func failures() throws {
        let study = SampleStudy(arms: 1, seeds: [1, 2, 3], datasets: [("B", .external, 12)])
        var cases = study.cases()
        for index in cases.indices {
            let number = Int(cases[index].caseID.dropFirst(4)) ?? 0
            cases[index].pathology = .benign
            cases[index].lesionFraction = 0.1
            cases[index].dice = 0.8
            switch number {
            case 0: cases[index].dice = cases[index].seed == 1 ? 0 : 0.9
            case 1: cases[index].dice = cases[index].seed == 1 ? 0.9 : 0
            case 2: cases[index].dice = 0.05
            case 3, 4:
                cases[index].pathology = .normal
                cases[index].lesionFraction = 0
                cases[index].dice = .nan
                cases[index].predictedFraction = number == 3 && cases[index].seed == 2 ? 0.06 : 0
            default: break
            }
        }
        let page = Self.page(study.results(), cases)
        #expect(page.problem == nil)
        let counts = try #require(page.text.range(of: "Missed lesions and false alarms"))
        // Of ten lesions one was missed by one, one by two of three trainings, and one failed under all.
        #expect(page.text[counts.upperBound...].contains("Segmentation only10110.0 %220.0 %"))
        // One of two images in one of three trainings.
        #expect(page.text[counts.upperBound...].contains("20.316.7 %6.00 %"))
        let list = try #require(page.text.range(of: "Lesions of B with a Dice below 0.1 in some training (3)"))
        let rows = page.text[list.upperBound...]
        let places = try ["case0020.0503 of 3", "case0010.3002 of 3", "case0000.6001 of 3"].map { text in
            let row = text.prefix(7)
            let start = try #require(rows.range(of: row))
            #expect(rows[start.upperBound...].prefix(60).contains(text.dropFirst(7)), "\(text)")
            return start.lowerBound
        }
        #expect(places == places.sorted())
        #expect(page.text.contains("2.001 of 3"))
    }

    @Test("Where every fold's model tested a lesion, it has a curve of its own, and lesions are counted once")
    func folds() throws {
        let study = SampleStudy(arms: 2, seeds: [1], datasets: [("B", .external, 40)])
        var results = study.results()
        results.folds = 2
        let cases = study.cases().flatMap { row in
            [1, 2].map { fold in
                var row = row
                row.fold = fold
                row.malignancyProbability = row.malignancyProbability.map { fold == 1 ? $0 : 1 - $0 }
                return row
            }
        }
        results.trainings = results.trainings.flatMap { training in
            [1, 2].map { fold in
                var training = training
                training.fold = fold
                return training
            }
        }
        let page = HTMLReport.render(results: results, cases: cases, images: [])
        let start = try #require(page.range(of: "ROC curves on B"))
        let chart = try #require(page[start.upperBound...].range(of: "</svg>"))
        let curves = page[start.upperBound..<chart.lowerBound].components(separatedBy: "faint").count - 1
        let text = PageCheck(page).text
        #expect(text.contains("on external sets each has a curve of its own"))
        #expect(curves == 2, "\(curves)")
        let numbers = try #require(text.range(of: "ArmLesionsMean predictedFraction malignant"))
        let lines = text[numbers.upperBound...].split(separator: "\n").prefix { $0.hasPrefix("Multi-task baseline") }
        let counts = lines.compactMap { line in
            line.firstMatch(of: /baseline(\d+\.5|\d+)0\.\d{3}[01]\.\d{3}/).flatMap { Double($0.1) }
        }
        let lesions = cases.count { $0.arm == "arm-1" && $0.fold == 1 && $0.pathology?.hasLesion == true }
        #expect(counts.reduce(0, +) == Double(lesions), "\(counts)")
    }
}
