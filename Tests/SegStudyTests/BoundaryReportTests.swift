import Foundation
import SegReport
import SegResults
import SegStudy
import Testing

@Suite("Distances and calibration in report and LaTeX")
struct BoundaryReportTests {
    private static func metric(_ mean: Double, _ deviation: Double) -> MetricSummary {
        MetricSummary(
            count: 10,
            mean: mean,
            standardDeviation: deviation,
            median: mean,
            interval: ConfidenceInterval(low: mean - 1, high: mean + 1)
        )
    }

    private static let study = SampleStudy(arms: 2, datasets: [("A", .source, 20), ("B", .external, 40)])

    private static func page(_ results: StudyResults) -> PageCheck {
        PageCheck(HTMLReport.render(results: results, cases: study.cases(), images: []))
    }

    /// Center A gives the size of its pixels, Center B does not, where it is compared too.
    private static func results(hasMillimeters: Bool = true) -> StudyResults {
        var results = study.results()
        results.methods.boundaries = "HD95: medpy's definition & such."
        results.methods.calibration = "One temperature a training."
        for index in results.summaries.indices {
            results.summaries[index].hausdorff95 = metric(21.26, 7.5)
            results.summaries[index].surfaceDistance = metric(6.13, .nan)
            results.summaries[index].surfaceDice = metric(0.614, 0.2)
            results.summaries[index].malignancy?.sensitivityAt90Specificity = 0.4567
            results.summaries[index].malignancy?.scaledCalibrationError = 0.0341
            results.summaries[index].malignancy?.scaledBrierScore = 0.1562
            guard hasMillimeters, results.summaries[index].dataset == "A" else { continue }
            results.summaries[index].hausdorff95InMillimeters = metric(2.126, 0.75)
            results.summaries[index].surfaceDistanceInMillimeters = metric(0.613, .nan)
        }
        var comparison = results.comparisons[1]
        comparison.metric = .hausdorff95
        comparison.meanDifference = -3.21
        comparison.interval = ConfidenceInterval(low: -5.04, high: -1.06)
        comparison.adjustedPValue = 0.0123
        results.comparisons.append(comparison)
        return results
    }

    @Test("The boundary table has px, mm where a set has them, NSD, and the comparison of HD95")
    func report() throws {
        let page = Self.page(Self.results())
        #expect(page.problem == nil)
        let start = try #require(page.text.range(of: "Boundaries by data set and arm"))
        let table = page.text[start.upperBound...].prefix(6000)
        #expect(table.contains("HD95, pxHD95, mmASSD, pxASSD, mmNSDΔ HD95, pxp of ranks"))
        #expect(table.contains("21.3 ± 7.5[20.3, 22.3]2.13 ± 0.75[1.13, 3.13]6.1[5.1, 7.1]0.61[−0.39, 1.61]0.614 ±"))
        #expect(table.contains("21.3 ± 7.5[20.3, 22.3]–6.1[5.1, 7.1]–0.614 ± 0.200"))
        #expect(table.contains("−3.2[−5.0, −1.1]0.012*"))
        #expect(table.contains("HD95: medpy's definition & such."))
        #expect(page.text.contains("BoundariesHD95: medpy's definition & such."))
        #expect(page.text.contains("CalibrationOne temperature a training."))
        #expect(page.text.contains("0.460.080→ 0.0340.190→ 0.156"))

        let pixels = Self.page(Self.results(hasMillimeters: false))
        #expect(pixels.text.contains("ArmnHD95, px [95 % CI]MedianASSD, pxNSDΔ HD95, pxp of ranksEffect"))
        let without = Self.page(Self.study.results())
        #expect(!without.text.contains("Boundaries by data set"))
        #expect(!without.text.contains("scaled"))
    }

    @Test("LaTeX has px, below it mm where a set has them, and the caption names the definition")
    func latex() {
        let text = latexTable(Self.results())
        #expect(text.contains("\\multicolumn{3}{l}{\\emph{HD95, px; below it in mm}} \\\\"))
        #expect(text.contains("& 21.3 \\ensuremath{\\pm} 7.5 & 21.3 \\ensuremath{\\pm} 7.5 \\\\"))
        #expect(text.contains(" &  & {\\scriptsize 2.13 \\ensuremath{\\pm} 0.75 mm} \\\\"))
        #expect(text.contains("& 6.1 & 6.1 \\\\\n &  & {\\scriptsize 0.61 mm} \\\\"))
        #expect(text.contains("HD95: medpy's definition \\& such."))
        #expect(text.matches(of: /\\emph\{HD95/).count == 1 && text.matches(of: /\\emph\{ASSD/).count == 1)
        #expect(latexTable(Self.results(hasMillimeters: false)).contains("\\emph{HD95, px}"))
        #expect(!latexTable(SampleStudy().results()).contains("HD95"))
    }
}
