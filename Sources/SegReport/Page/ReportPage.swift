import SegPages
import SegResults
import SegTensor

/// The frame of the page: head, header, contents and footer around the sections.
struct ReportPage {
    let context: ReportContext

    private var results: StudyResults { context.results }

    func markup(_ choice: [any ReportSection]) -> Markup {
        let writer = ContentMarkup(context: context)
        let sections = choice.compactMap { section in
            // What a section's charts and tables hold is only looked at when they are written.
            PluginContext.with("report section `\(section.id)`") {
                section.content(context).map { (section: section, content: writer.markup(of: $0)) }
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
        let links = sections.map { item in
            tag("li", [:], tag("a", ["href": "#\(item.section.id)"], text: item.section.title))
        }
        let body = tag(
            "body",
            [:],
            [
                tag("a", ["class": "skip", "href": "#main"], "Skip to the report"), header(),
                tag("nav", ["aria-label": "Contents"], tag("ul", [:], links)),
                tag("main", ["id": "main"], sections.map { markup(of: $0.section, $0.content) }), footer(),
            ]
        )
        return tag("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"], [head, body])
    }

    private func markup(of section: any ReportSection, _ content: [Markup]) -> Markup {
        let heading = tag("h2", ["id": "\(section.id)-title"], text: section.title)
        return tag("section", ["id": section.id, "aria-labelledby": "\(section.id)-title"], [heading] + content)
    }

    private func header() -> Markup {
        let facts = [
            String(results.timing.startedAt.prefix(10)), NumberFormat.plural(results.trainedArms.count, "arm"),
            NumberFormat.plural(results.seeds.count, "seed"), NumberFormat.plural(results.datasets.count, "data set"),
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
                    + "The numbers are in results.json, one row per case in cases.csv, the configuration in config.yaml."
            )
        )
    }
}
