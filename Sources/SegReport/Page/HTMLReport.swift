import SegPages
public import SegResults
import SegTensor

/// A study as a page that a researcher would want to read: one file, no script, nothing from elsewhere.
public enum HTMLReport {
    /// Writes `report.html`.
    ///
    /// Every number is taken from `results` as it stands; the charts of distributions, ROC curves and lesion sizes are
    /// drawn from `cases`. Sections without data are left out. Equal arguments give equal bytes.
    ///
    /// - Parameters:
    ///   - results: What the study found.
    ///   - cases: The rows of `cases.csv`.
    ///   - images: Pictures for the gallery, shown in the given order within each arm and data set.
    ///   - contours: What the contours in the pictures mean.
    ///   - sections: What the report shows, in order.
    public static func render(
        results: StudyResults,
        cases: [CaseResult],
        images: [ReportImage],
        contours: [ReportContour] = [.truth, .prediction],
        sections: [any ReportSection] = ReportSections.standard
    ) -> String {
        let page = ReportPage(results: results, cases: cases, images: images, contours: contours)
        return "<!DOCTYPE html>\n" + page.markup(sections).rendered()
    }

    /// A line without the points that lie between their neighbours on a horizontal or vertical stretch.
    package static func corners(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        points.indices.filter { index in
            guard index > 0, index + 1 < points.count else { return true }
            let (before, point, after) = (points[index - 1], points[index], points[index + 1])
            return !(before.x == point.x && point.x == after.x) && !(before.y == point.y && point.y == after.y)
        }.map { points[$0] }
    }
}

/// The parts of a report; the content of each of the library's sections is an extension in a file of its own.
struct ReportPage {
    let results: StudyResults
    let images: [ReportImage]
    let contours: [ReportContour]
    /// Rows by arm, then data set, in the order of `cases.csv`.
    private let rows: [String: [String: [CaseResult]]]
    private let styles: [String: SeriesStyle]

    init(results: StudyResults, cases: [CaseResult], images: [ReportImage], contours: [ReportContour]) {
        self.results = results
        self.images = images
        self.contours = contours
        let sorted = CaseTable(cases, results: results).rows
        rows = Dictionary(grouping: sorted, by: \.arm).mapValues { Dictionary(grouping: $0, by: \.dataset) }
        styles = Dictionary(
            results.arms.enumerated().map { ($1.name, SeriesStyle($0)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// A section with its place in the table of contents.
    struct Section {
        var id: String
        var title: String
        var content: [Markup]
    }

    func markup(_ choice: [any ReportSection]) -> Markup {
        let context = ReportContext(page: self)
        let sections = choice.compactMap { section in
            PluginContext.with("report section `\(section.id)`") { section.content(context) }.map {
                Section(id: section.id, title: section.title, content: markup(of: $0))
            }
        }
        let head = tag(
            "head",
            [:],
            [
                tag("meta", ["charset": "utf-8"]),
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                tag("meta", ["name": "color-scheme", "content": "light dark"]),
                tag("title", text: "\(results.study) – study report"), .style(ReportStyle.sheet),
            ]
        )
        let links = sections.map { section in
            tag("li", [:], tag("a", ["href": "#\(section.id)"], text: section.title))
        }
        let body = tag(
            "body",
            [:],
            [
                tag("a", ["class": "skip", "href": "#main"], "Skip to the report"), header(),
                tag("nav", ["aria-label": "Contents"], tag("ul", [:], links)),
                tag("main", ["id": "main"], sections.map(markup(of:))), footer(),
            ]
        )
        return tag("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"], [head, body])
    }

    private func markup(of section: Section) -> Markup {
        let heading = tag("h2", ["id": "\(section.id)-title"], text: section.title)
        return tag(
            "section",
            ["id": section.id, "aria-labelledby": "\(section.id)-title"],
            [heading] + section.content
        )
    }

    private func header() -> Markup {
        let facts = [
            String(results.timing.startedAt.prefix(10)), Self.plural(results.arms.count, "arm"),
            Self.plural(results.seeds.count, "seed"), Self.plural(results.datasets.count, "data set"),
            "SegmentationKit \(results.packageVersion)",
        ]
        return tag(
            "header",
            [:],
            [
                tag("p", ["class": "kicker"], "Study report"), tag("h1", text: results.study),
                results.question.map { tag("p", ["class": "question"], text: $0) } ?? .group([]),
                tag("p", ["class": "facts"], text: facts.filter { !$0.isEmpty }.joined(separator: " · ")),
            ]
        )
    }

    private func footer() -> Markup {
        tag(
            "footer",
            [:],
            tag(
                "p",
                text: "Made by SegmentationKit \(results.packageVersion) for research; not a medical device. "
                    + "The numbers are in results.json, one row per case in cases.csv."
            )
        )
    }

    func style(of arm: String) -> SeriesStyle { styles[arm] ?? SeriesStyle(0) }

    func title(of arm: String) -> String { results.arm(named: arm)?.title ?? arm }

    func cases(arm: String, dataset: String) -> [CaseResult] { rows[arm]?[dataset] ?? [] }

    /// A value of each case, averaged over seeds.
    func casesOverSeeds(arm: String, dataset: String, _ value: (CaseResult) -> Double?) -> [String: Double] {
        var sums: [String: (total: Double, count: Double)] = [:]
        for row in cases(arm: arm, dataset: dataset) {
            guard let value = value(row) else { continue }
            let sum = sums[row.caseID] ?? (0, 0)
            sums[row.caseID] = (sum.total + value, sum.count + 1)
        }
        return sums.mapValues { $0.total / $0.count }
    }

    static func plural(_ count: Int, _ noun: String) -> String { NumberFormat.plural(count, noun) }
}
