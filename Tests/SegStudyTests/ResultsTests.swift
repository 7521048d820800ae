import Foundation
import SegCore
import SegPages
import SegReport
import SegResults
import SegStudy
import Testing

@Suite struct ResultsTests {
    @Test(arguments: [SampleStudy(), SampleStudy(arms: 1, seeds: [1, 2], datasets: [("A", .source, 1)])])
    func resultsComeBackFromJSONUnchanged(study: SampleStudy) throws {
        let results = study.results()
        let data = try results.jsonData()
        let restored = try StudyResults(jsonData: data)
        // NaN differs from itself, so bytes are compared.
        #expect(try restored.jsonData() == data)
        #expect(restored.arms == results.arms && restored.datasets == results.datasets)
        #expect(restored.notes == results.notes && restored.features == results.features)
    }

    @Test("Results whose metrics and features have their former spelling are read under their present names")
    func formerSpelling() throws {
        var results = SampleStudy().results()
        results.summaries[0].hausdorff95InMillimeters = results.summaries[0].dice
        results.summaries[0].metrics["extra.surfaceDistanceInMillimeters"] = results.summaries[0].iou
        let data = try results.jsonData()
        let former = Data(String(decoding: data, as: UTF8.self).replacing("InMillimeters", with: "InMillimetres").utf8)
        #expect(former != data)
        #expect(try StudyResults(jsonData: former).jsonData() == data)
    }

    @Test func equalRunsDifferInTimingAlone() throws {
        let first = SampleStudy().results()
        var second = SampleStudy().results()
        #expect(try first.jsonData() == second.jsonData())
        second.timing = StudyTiming(startedAt: "2030-01-01T00:00:00Z", finishedAt: "", totalSeconds: 1)
        func object(_ results: StudyResults) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: results.jsonData())
            var dictionary = try #require(object as? [String: Any])
            dictionary["timing"] = nil
            return dictionary
        }
        #expect(try first.jsonData() != second.jsonData())
        #expect(try NSDictionary(dictionary: object(first)) == NSDictionary(dictionary: object(second)))
    }

    @Test func jsonHasSortedKeysShortNumbersAndNamedNaN() throws {
        var results = SampleStudy(arms: 2, datasets: []).results()
        results.summaries = [
            EvaluationSummary(
                arm: "arm-0",
                seed: nil,
                dataset: "x/y",
                cases: 1,
                dice: MetricSummary(count: 1, mean: 0.1, standardDeviation: .nan, median: -.infinity),
                iou: MetricSummary(count: 1, mean: 1, standardDeviation: 1e-7, median: 1.0 / 3),
                emptyCases: 0
            )
        ]
        let text = String(decoding: try results.jsonData(), as: UTF8.self)
        #expect(text.hasSuffix("}\n"))
        #expect(text.contains("\"mean\" : 0.1,"))
        #expect(text.contains("\"standardDeviation\" : \"nan\""))
        #expect(text.contains("\"median\" : \"-inf\""))
        #expect(text.contains("\"median\" : 0.3333333333333333,"))
        #expect(text.contains("x/y"))
        let keys = ["\"arms\"", "\"comparisons\"", "\"configuration\"", "\"datasets\"", "\"summaries\"", "\"timing\""]
        let places = try keys.map { try #require(text.range(of: "\n  \($0)")).lowerBound }
        #expect(places == places.sorted())
    }

    @Test func aForeignDamagedOrNewerFileIsNamedWithItsCure() throws {
        func error(_ text: String) -> String {
            do {
                _ = try StudyResults(jsonData: Data(text.utf8), subject: "out/results.json")
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(error("[1, 2]").hasPrefix("out/results.json: not the results of a study"))
        #expect(error("{\"schemaVersion\": 99}").contains("written in schema 99"))
        #expect(error("{\"schemaVersion\": 1}").contains("damaged: the top level lacks `"))
        var text = String(decoding: try SampleStudy().results().jsonData(), as: UTF8.self)
        text = text.replacingOccurrences(of: "\"threads\" : 2", with: "\"threads\" : \"two\"")
        #expect(error(text).contains("damaged: `machine.threads` has the wrong type"))
        #expect(!error(text).contains("\n"))
        let missing = URL(fileURLWithPath: "/nowhere/results.json")
        #expect(throws: SegmentationError.self) { try StudyResults(contentsOf: missing) }
    }

    @Test func aSummaryOverSeedsIsPreferred() {
        let several = SampleStudy(seeds: [4, 2]).results()
        #expect(several.summary(arm: "arm-1", dataset: "Center B")?.seed == nil)
        #expect(several.summary(arm: "arm-1", dataset: "Center B") != nil)
        var without = several
        without.summaries.removeAll { $0.seed == nil }
        #expect(without.summary(arm: "arm-1", dataset: "Center B")?.seed == 4)
        #expect(several.summary(arm: "arm-1", dataset: "nowhere") == nil)
    }

    @Test func countsByPathology() {
        let counts = PathologyCounts([.benign, nil, .malignant, .benign, .normal])
        #expect(counts == PathologyCounts(normal: 1, benign: 2, malignant: 1, unknown: 1))
        #expect(counts.total == 5)
    }

    @Test func theConsoleTableIsAligned() throws {
        let lines = consoleTable(SampleStudy().results()).split(separator: "\n").map(String.init)
        #expect(lines[0] == "Study center-a-to-others")
        let rows = lines.filter { $0.hasPrefix("  arm-") }
        #expect(rows.count == 9)
        let columns = try rows.map { try #require($0.range(of: " ± ")).lowerBound.utf16Offset(in: $0) }
        #expect(Set(columns).count == 1)
        #expect(lines.allSatisfy { $0.last != " " })
        #expect(rows.contains { $0.contains("***") } && rows.contains { $0.contains("reference") })
        #expect(lines.contains("Center A (source, validation)"))
    }

    @Test func aConsoleTableWithoutClassificationHasNoColumnForIt() {
        let text = consoleTable(SampleStudy(arms: 1, datasets: [("A", .source, 4)]).results())
        #expect(!text.contains("AUROC") && !text.contains("Δ Dice"))
        #expect(!consoleTable(SampleStudy(datasets: []).results()).isEmpty)
    }
}

@Suite struct NumberFormatTests {
    @Test(arguments: [
        (0.12345, 3, "0.123"), (-0.0001, 3, "0.000"), (-0.25, 1, "−0.2"), (.nan, 3, "–"), (-.infinity, 2, "−∞"),
        (2, 0, "2"),
    ])
    func fixedNumbers(value: Double, digits: Int, text: String) { #expect(NumberFormat.fixed(value, digits) == text) }

    @Test(arguments: [(0.08, "+0.080"), (-0.03, "−0.030"), (0.0001, "0.000"), (0, "0.000")])
    func signedNumbers(value: Double, text: String) { #expect(NumberFormat.signed(value) == text) }

    @Test(arguments: [
        (0.0, "p < 0.001", "***"), (0.0099, "p = 0.010", "**"), (0.05, "p = 0.050", ""), (.nan, "p = –", ""),
    ])
    func pValues(value: Double, text: String, stars: String) {
        #expect(NumberFormat.pEquation(value) == text)
        #expect(NumberFormat.stars(value) == stars)
    }

    @Test(arguments: [(8.44, "8.4 s"), (59.97, "1 min 0 s"), (200, "3 min 20 s"), (3901, "1 h 05 min"), (-1, "–")])
    func durations(seconds: Double, text: String) { #expect(NumberFormat.duration(seconds) == text) }

    @Test func countsAndLists() {
        #expect(NumberFormat.count(1875) == "1875")
        #expect(NumberFormat.count(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(NumberFormat.list([]) == "" && NumberFormat.list(["a"]) == "a")
        #expect(NumberFormat.list(["a", "b", "c"]) == "a, b and c")
        #expect(NumberFormat.words(3) == "three" && NumberFormat.words(12) == "12")
    }
}
