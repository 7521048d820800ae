import Foundation
import SegPages
import SegReport
import SegResults
import SegStudy
import Testing

@Suite("The paper's table in LaTeX")
struct LaTeXTests {
    @Test(
        "Every character that LaTeX takes for a command is written out",
        arguments: [
            ("a_b & 50 % #1 $x$", "a\\_b \\& 50 \\% \\#1 \\$x\\$"), ("\\input{x}", "\\textbackslash{}input\\{x\\}"),
            ("x^2~y", "x\\textasciicircum{}2\\textasciitilde{}y"),
            ("p<0.05|>", "p\\textless{}0.05\\textbar{}\\textgreater{}"),
            (
                "φ − 1 ± 2 ≥ 3 µ",
                "\\ensuremath{\\varphi} \\ensuremath{-} 1 \\ensuremath{\\pm} 2 \\ensuremath{\\geq} 3 µ"
            ),
            ("Größe, naïve", "Größe, naïve"), ("a\nb\u{7}c\u{A0}d", "a b c~d"),
            ("“q” – \"r\"", "``q'' -- \\textquotedblright{}r\\textquotedblright{}"),
        ]
    )
    func escaping(text: String, expected: String) { #expect(LaTeXText.escaped(text) == expected) }

    @Test("No character of others goes through as a command")
    func nothingEscapes() {
        let text = String(String.UnicodeScalarView((1..<0x180).compactMap(Unicode.Scalar.init)))
        let escaped = LaTeXText.escaped(text)
        // What is left without its escapes has no special character.
        let rest = escaped.replacing(/\\ensuremath\{[^{}]*(\{[0-9}{]*\}[0-9{}]*)?\}/, with: "")
            .replacing(/\\[a-zA-Z]+\{\}/, with: "").replacing(/\\[{}$&#_%,]/, with: "").replacing("~", with: "")
        #expect(!rest.contains { "\\{}$&#_%^\"<>|".contains($0) }, "\(rest)")
    }

    @Test(
        "Rows have as many cells as columns, braces and environments close, and stars stand by what is significant",
        arguments: [
            SampleStudy(), SampleStudy(arms: 2, seeds: [1, 2]), SampleStudy(arms: 1), SampleStudy(arms: 12),
            SampleStudy(arms: 2, datasets: [("A & B_1", .source, 3)]),
        ]
    )
    func structure(study: SampleStudy) throws {
        var results = study.results()
        results.arms[0].title = "[50 %] of \\all_arms"
        let text = latexTable(results)
        #expect(Self.isBalanced(text))
        let body = try #require(text.firstMatch(of: /\\toprule\n((?s).*)\\bottomrule/)?.1)
        for line in body.split(separator: "\n") where line.hasSuffix("\\\\") && !line.hasPrefix("\\multicolumn") {
            let cells = line.replacing("\\&", with: "").split(separator: "&", omittingEmptySubsequences: false)
            #expect(cells.count == study.datasets.count + 1, "\(line)")
            #expect(!line.hasPrefix("[") && !line.hasPrefix("*"))
        }
        #expect(text.contains("\\begin{tabular}{l\(String(repeating: "c", count: study.datasets.count))}"))
        #expect(text.contains("{}[50 \\%] of \\textbackslash{}all\\_arms"))
        // What served to choose has no stars; of two arms the sample has no other p below 0.001.
        let hasStars = study.arms > 2 && study.datasets.contains { $0.role != .source }
        #expect(text.contains("\\textsuperscript{***}") == hasStars)
        #expect(text.contains("\\textbf{") == (study.arms > 1))
    }

    @Test("The best of a column is bold, equals alike")
    func best() throws {
        var results = SampleStudy(arms: 3, datasets: [("A", .external, 5)]).results()
        for (index, mean) in [0.70004, 0.69996, 0.5].enumerated() {
            for summary in results.summaries.indices where results.summaries[summary].arm == "arm-\(index)" {
                results.summaries[summary].dice.mean = mean
            }
        }
        let block = try #require(PaperTable(results).blocks.first)
        #expect(block.rows.map { $0.cells[0]?.isBest } == [true, true, false])
        #expect(latexTable(results).matches(of: /\\textbf\{0\.700\}/).count == 2)
    }

    @Test("Undefined numbers and studies without data make a table all the same")
    func missing() {
        var results = SampleStudy(arms: 2).results()
        results.summaries[0].dice = MetricSummary(count: 0, mean: .nan, standardDeviation: .nan, median: .nan)
        #expect(Self.isBalanced(latexTable(results)))
        #expect(!latexTable(results).lowercased().contains(/\bnan\b/))
        #expect(latexTable(SampleStudy(datasets: []).results()).hasPrefix("% The study"))
    }

    private static func isBalanced(_ text: String) -> Bool {
        let bare = text.replacing("\\{", with: "").replacing("\\}", with: "")
        var depth = 0
        for character in bare {
            if character == "{" { depth += 1 } else if character == "}" { depth -= 1 }
            if depth < 0 { return false }
        }
        let dollars = bare.replacing("\\$", with: "").count { $0 == "$" }
        let begins = text.matches(of: /\\begin\{/).count
        return depth == 0 && dollars.isMultiple(of: 2) && begins == text.matches(of: /\\end\{/).count
    }
}
