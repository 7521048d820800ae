import Foundation
import SegCore
import SegReport
import SegResults
import SegStudy
import TestSupport
import Testing

/// The report's pictures: the same cases of all arms, in one row each.
@Suite("The gallery")
struct GalleryTests {
    private struct Drawn: Decodable, Equatable {
        var dataset: String
        var rank: String
        var caseID: String
        var image: String?
    }

    private struct Cell: Decodable { var pictures: [Drawn] }

    private static func pictures(_ folder: TemporaryFolder, _ training: String) throws -> [Drawn] {
        try JSONDecoder().decode(Cell.self, from: Data(folder.text("out/cells/\(training).json").utf8)).pictures
    }

    @Test(
        "All arms show the cases that the reference arm ranks, beside the image and its truth, and pictures of others are made anew"
    )
    func ranks() throws {
        let folder = try TemporaryFolder()
        let finished = try FinishedStudy.twoEpochs.get()
        let (study, outcome) = (try finished.restore(in: folder), finished.outcome)
        let reference = try Self.pictures(folder, "multi-task-1")
        let other = try Self.pictures(folder, "segmentation-only-1")
        #expect(reference.map { [$0.dataset, $0.rank, $0.caseID] } == other.map { [$0.dataset, $0.rank, $0.caseID] })
        #expect(
            reference.count == 6 && reference.allSatisfy { $0.image != nil } && other.allSatisfy { $0.image == nil }
        )
        for dataset in ["northern", "eastern"] {
            let rows = outcome.cases.filter {
                $0.arm == "multi-task" && $0.dataset == dataset && !$0.dice.isNaN && ($0.lesionFraction ?? 0) > 0
            }.sorted { ($0.dice, $0.caseID) < ($1.dice, $1.caseID) }
            let expected = [rows[0], rows[(rows.count - 1) / 2], rows[rows.count - 1]].map(\.caseID)
            #expect(reference.filter { $0.dataset == dataset }.map(\.caseID) == expected)
        }
        let worst = try #require(reference.first { $0.dataset == "eastern" && $0.rank == "worst" }).caseID
        let page = try folder.text("out/report.html")
        let check = PageCheck(page)
        #expect(check.problem == nil && check.text.contains("Worst case of Multi-task: \(worst), "))
        let row = check.alternatives.filter { $0.hasPrefix("\(worst) of eastern, ") }.map {
            $0.split(separator: ",")[1]
        }
        #expect(row == [" the image alone", " with its true lesion", " segmentation-only", " Multi-task"])

        // What an earlier version drew: each arm its own cases.
        let cell = folder.appending("out/cells/segmentation-only-1.json")
        let drawn = try folder.text("out/cells/segmentation-only-1.json")
        let first = try #require(
            drawn.range(of: #""caseID":"\#(worst)","dataset":"eastern","dice":"#, options: .backwards)
        )
        try Data(drawn.replacingCharacters(in: first, with: #""caseID":"another","dataset":"eastern","dice":"#).utf8)
            .write(to: cell)
        _ = try StudyRunner(study).run()
        #expect(try Self.pictures(folder, "segmentation-only-1") == other)
        #expect(try folder.text("out/report.html").contains("\(worst) of eastern, segmentation-only"))
    }

    @Test("A row has image, truth and each arm, with label, Dice, p and HD95")
    func captions() throws {
        let study = SampleStudy(arms: 2, datasets: [("A", .source, 10), ("B", .external, 20)])
        var cases = study.cases()
        let names = Set(cases.map(\.arm)).sorted()
        for index in cases.indices where cases[index].dataset == "B" && cases[index].caseID == "case003" {
            let isFirst = cases[index].arm == names[0]
            cases[index].pathology = .malignant
            cases[index].dice = isFirst ? 0.25 : 0.75
            cases[index].malignancyProbability = isFirst ? nil : 0.8125
            cases[index].hausdorff95 = isFirst ? 40.5 : 12.5
        }
        let picture = try study.images()[0].png
        func image(_ arm: String, _ dice: Double, _ view: ReportImage.View) -> ReportImage {
            ReportImage(arm: arm, dataset: "B", rank: .worst, caseID: "case003", dice: dice, view: view, png: picture)
        }
        let images = [
            image(names[1], 0.75, .prediction), image(names[0], 0.25, .prediction), image(names[0], 0.25, .truth),
            image(names[0], 0.25, .image),
        ]
        let results = study.results()
        let text = PageCheck(HTMLReport.render(results: results, cases: cases, images: images)).text
        let titles = names.map { results.arm(named: $0)?.title ?? "" }
        #expect(text.contains("Worst case of \(titles[0]): case003, malignant"))
        // Figures are paragraphs of their own.
        #expect(
            text.replacing("\n", with: "").contains(
                "ImageTruth malignant\(titles[0]) Dice\u{A0}0.250HD95\u{A0}40.5\u{A0}px\(titles[1]) Dice\u{A0}0.750p\u{A0}=\u{A0}0.81, HD95\u{A0}12.5\u{A0}px"
            ),
            "\(text.suffix(100))"
        )
    }
}
