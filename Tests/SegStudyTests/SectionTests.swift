import Foundation
import SegConfiguration
import SegCore
import SegReport
import SegResults
import SegSettings
import SegStudy
import SegTestKit
import TestSupport
import Testing

/// A stranger's section: everything that content can hold.
private struct HardestCases: ReportSection {
    var id = "hardest-cases"
    var title = "Hardest <cases>"

    func content(_ context: ReportContext) -> ReportContent? {
        let rows = context.results.arms.flatMap { arm in
            context.evaluatedDatasets.compactMap { dataset -> [String]? in
                let values = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { $0.dice }
                let worst = values.filter { $0.value.isFinite }.min { ($0.value, $0.key) < ($1.value, $1.key) }
                return worst.map { [context.title(of: arm.name), context.title(of: dataset), $0.key, "\($0.value)"] }
            }
        }
        guard !rows.isEmpty else { return nil }
        let lines = context.results.arms.map { arm in
            let dice = context.evaluatedDatasets.flatMap { context.cases(arm: arm.name, dataset: $0.name) }.map(\.dice)
            return ReportContent.Chart.Line(
                arm: arm.name,
                points: dice.sorted().enumerated().map { (x: Double($0), y: $1) }
            )
        }
        return ReportContent([
            .heading("By arm"), .paragraph("Where each arm is worst & why it matters."),
            .table(
                .init(
                    caption: "The worst case of each arm.",
                    head: ["Arm", "Data set", "Case", "Dice"],
                    rows: rows,
                    textColumns: 3
                )
            ),
            .legend,
            .lineChart(
                .init(title: "Sorted Dice", description: "Dice, sorted", horizontalTitle: "rank", lines: lines)
            ), .list(["one", "two"]), .note("Averaged over seeds."), .lead("First of all"),
            .warnings(["Few <images>"]), .definitions([("Term", "meaning"), ("Empty", "")]),
            .charts(figures(context.results.arms[0].name)),
            .folded(
                title: "More of it",
                [
                    .armHeading(context.results.arms[0].name), .armLegend([context.results.arms[0].name]),
                    .table(rich(context.results.arms[0].name)), .contourLegend(context.contours),
                ]
            ),
            .gallery([.init(png: Data([1, 2]), alternative: "a lesion", caption: "Worst", lines: ["case & point"])]),
            .file(title: "As it stands", text: "a: <b>"),
        ])
    }

    /// A chart of each kind.
    private func figures(_ arm: String) -> [ReportContent.Figure] {
        let points = (1...30).map { (x: Double($0), y: 1 / Double($0)) }
        let drawings: [ReportContent.Drawing] = [
            .lines(.init([.init(arm: arm, points: points)], bands: [.init(arm: arm, points: [(1, 0, 1), (2, 0, 1)])])),
            .rows(
                [
                    .init("all", value: "0.5", look: .arm(arm), content: .values(points.map(\.y))),
                    .init("none", value: "", look: .pathology(.malignant), content: nil),
                    .init("mean", value: "0.4", look: .arm(arm), content: .interval(mean: 0.4, low: 0.3, high: 0.5)),
                ],
                domain: 0...1
            ),
            .scatter([.init(arm: arm, points: points)], verticalDomain: 0...1),
            .agreement(
                .init(arm: arm, points: points.map { ($0.x, $0.y) }, means: 0...30, differences: -1...1)
            ),
        ]
        return drawings.enumerated().map { index, drawing in
            ReportContent.Figure(
                title: "Chart number \(index)",
                caption: "Caption \(index)",
                arm: index == 3 ? arm : nil,
                detail: "detail \(index)",
                description: "described \(index)",
                horizontalTitle: "x",
                drawing: drawing,
                numbers: .init(caption: "Numbers of \(index)", head: ["a", "b"], rows: [["1", "2"]])
            )
        }
    }

    /// A table of every kind of cell.
    private func rich(_ arm: String) -> ReportContent.Table {
        var share: ReportContent.Cell = "0.5"
        share.share = 0.5
        return ReportContent.Table(
            caption: "Rich table",
            columns: [
                .init("Who", .text), .init("How much", explanation: "in all"), .init("Part", .share, arm: arm),
            ],
            groups: [
                .init(
                    "Some",
                    detail: "of many",
                    rows: [
                        [.arm(arm), .init("1.5", isBest: true, suffix: " ± 1", stars: "*", details: ["[1, 2]"]), share]
                    ]
                ),
                .init("Others", cells: ["n = 3"], rows: [[.init("nobody"), .spanning(2, "reference")]]),
            ]
        )
    }
}

/// Breaks the rules of sections.
private struct Careless: ReportSection {
    let id = "summary"
    let title = "Two\nlines"

    func content(_ context: ReportContext) -> ReportContent? {
        ReportContent([
            .paragraph("\(UInt64.random(in: 0...UInt64.max))"),
            .table(.init(caption: "Ragged.", head: ["a", "b"], rows: [["1"]], textColumns: 3)),
            .lineChart(
                .init(
                    title: "Strange",
                    description: "",
                    horizontalTitle: "",
                    lines: [.init(arm: "nobody", points: []), .init(arm: "first", points: [(x: .nan, y: 1)])]
                )
            ),
        ])
    }
}

@Suite("Sections of the report")
struct SectionTests {
    @Test("A section that keeps the rules passes its suite, and what breaks one is found")
    func conformance() {
        #expect(checkReportSection(HardestCases()).isEmpty)
        let rules = Set(checkReportSection(Careless()).map(\.rule))
        #expect(rules == ["has-name", "has-title", "content-repeats", "table-fits-head", "chart-fits-study"])
        let empty = SampleStudy(datasets: []).results()
        #expect(checkReportSection(HardestCases(), results: empty).map(\.rule) == ["has-content"])
    }

    @Test("A section of a plugin stands in report.html between results and methods, with all its parts")
    func registered() throws {
        let folder = try TemporaryFolder()
        var registry = PluginRegistry.standard
        try registry.add(section: HardestCases())
        // Trained and tested without the plugin, which plays no part in that.
        let study = try FinishedStudy.twoEpochs.get().restore(in: folder)
        let outcome = try StudyRunner(study, registry: registry).run()
        let page = try folder.text("out/report.html")
        let check = PageCheck(page)
        #expect(check.problem == nil)
        #expect(check.unnamedPictures == 0 && check.unreachable == 0 && check.descriptions == check.charts)
        #expect(check.links.contains("#hardest-cases"))
        for text in [
            "Hardest <cases>", "Where each arm is worst & why it matters.", "The worst case of each arm.",
            "First of all",
            "Few <images>", "Termmeaning", "Caption 0 detail 0", "Numbers of 2", "More of it", "1.5 ± 1*[1, 2]",
            "case & point", "a: <b>",
        ] {
            #expect(check.text.contains(text), "\(text)")
        }
        #expect(!page.contains("<dt>Empty</dt>"))
        #expect(page.contains("<b>1.5</b> ± 1") && page.contains("colspan=\"2\">reference"))
        let arm = outcome.cases.filter { $0.arm == "multi-task" && $0.dataset == "eastern" && $0.dice.isFinite }
        let worst = try #require(arm.min { ($0.dice, $0.caseID) < ($1.dice, $1.caseID) })
        #expect(page.contains(worst.caseID))
        let order = ["failures", "gallery", "training", "hardest-cases", "methods", "provenance"].compactMap {
            page.range(of: "<section id=\"\($0)\"")?.lowerBound
        }
        let place = try #require(page.range(of: "<section id=\"hardest-cases\"")?.lowerBound)
        #expect(order.filter { $0 > place }.count == 2)

        // The same results without the plugin: everything but the section is as it was.
        let without = try StudyRunner(study).run()
        let bare = try String(contentsOf: without.report, encoding: .utf8)
        #expect(!bare.contains("hardest-cases"))
    }

    @Test(
        "A report without plugins is the standard sections, each under its own name, and a section without content is left out"
    )
    func standard() throws {
        let sample = SampleStudy(arms: 3, seeds: [1, 2])
        let (results, cases) = (sample.results(), sample.cases())
        let page = HTMLReport.render(results: results, cases: cases, images: try sample.images())
        let check = PageCheck(page)
        #expect(ReportSections.standard.count == Set(ReportSections.standard.map(\.id)).count)
        for section in ReportSections.standard where page.contains("<section id=\"\(section.id)\"") {
            #expect(page.contains("<a href=\"#\(section.id)\">\(section.title)</a>"))
        }
        let shown = page.components(separatedBy: "<section id=\"").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
        #expect(shown == ReportSections.standard.map(\.id).filter { check.identifiers.contains($0) })
        #expect(shown.count > 10)
        let extended = HTMLReport.render(
            results: SampleStudy(datasets: []).results(),
            cases: [],
            images: [],
            sections: ReportSections.standard(with: [HardestCases()])
        )
        #expect(!extended.contains("hardest-cases"))
    }

    @Test("A section's name is taken once, by the library or by one plugin")
    func names() throws {
        var registry = PluginRegistry.standard
        let shipped = message { try registry.add(section: HardestCases(id: "methods")) }
        #expect(shipped.contains("part of every report"))
        let wrong = message { try registry.add(section: HardestCases(id: "a b")) }
        #expect(wrong.contains("letters, digits"))
        try registry.add(section: HardestCases())
        let twice = message { try registry.add(section: HardestCases()) }
        #expect(twice.contains("registered already"))
        #expect(
            registry.listing.contains { $0.kind == "report section" && $0.plugins.map(\.name) == ["hardest-cases"] }
        )
    }
}
