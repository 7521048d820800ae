import Foundation
import SegPages
import SegResults

/// Writes content as markup: the only place where parts of sections become elements.
struct ContentMarkup {
    let context: ReportContext

    func markup(of content: ReportContent) -> [Markup] { content.parts.map(markup(of:)) }

    private func markup(of part: ReportContent.Part) -> Markup {
        switch part {
        case .heading(let text): tag("h3", text: text)
        case .subheading(let text): tag("h4", text: text)
        case .armHeading(let arm): tag("h4", [:], keyed(arm))
        case .lead(let text): tag("p", ["class": "lead"], text: text)
        case .paragraph(let text): tag("p", text: text)
        case .note(let text): tag("p", ["class": "note"], text: text)
        case .warnings(let texts): warnings(texts)
        case .list(let items): tag("ul", ["class": "items"], items.map { tag("li", text: $0) })
        case .definitions(let pairs):
            tag(
                "dl",
                [:],
                pairs.filter { !$0.text.isEmpty }.flatMap { [tag("dt", text: $0.term), tag("dd", text: $0.text)] }
            )
        case .table(let table): markup(of: table)
        case .numbers(let table): numbers(table)
        case .legend: legend(context.results.arms.map(\.name))
        case .armLegend(let arms): legend(arms)
        case .lineChart(let chart): markup(of: chart)
        case .charts(let figures):
            tag("div", ["class": figures.count == 1 ? "charts single" : "charts"], figures.map(markup(of:)))
        case .gallery(let pictures): tag("div", ["class": "gallery"], pictures.map(markup(of:)))
        case .contourLegend(let contours): legend(contours)
        case .file(let title, let text):
            folded(
                title,
                [tag("pre", ["tabindex": "0", "role": "region", "aria-label": title], tag("code", text: text))]
            )
        case .folded(let title, let parts): folded(title, [tag("div", ["class": "folded"], parts.map(markup(of:)))])
        }
    }

    private func folded(_ title: String, _ content: [Markup]) -> Markup {
        tag("details", [:], [tag("summary", text: title)] + content)
    }

    private func warnings(_ texts: [String]) -> Markup {
        guard !texts.isEmpty else { return .group([]) }
        return tag(
            "div",
            ["class": "warnings", "role": "note"],
            [
                tag("p", [:], tag("strong", [:], texts.count == 1 ? "Warning" : "Warnings")),
                tag("ul", [:], texts.map { tag("li", text: $0) }),
            ]
        )
    }

    /// An arm's title beside its color and mark; the name alone of an arm that the study does not have.
    func keyed(_ arm: String) -> Markup {
        guard context.results.arm(named: arm) != nil else { return .text(arm) }
        let style = context.style(of: arm)
        let key = tag(
            "svg",
            ["viewBox": "0 0 14 14", "class": "key", "aria-hidden": "true"],
            tag("path", ["class": "mark \(style.className)", "d": style.mark(7, 7, radius: 4.5)])
        )
        return tag("span", ["class": "keyed"], [key, tag("span", text: context.title(of: arm))])
    }

    /// The arms with the color, dash and mark that they have in every chart.
    private func legend(_ arms: [String]) -> Markup {
        let items = arms.map { arm in
            let style = context.style(of: arm)
            let swatch = tag(
                "svg",
                ["viewBox": "0 0 40 14", "class": "swatch", "aria-hidden": "true"],
                [
                    tag(
                        "path",
                        ["class": "line \(style.className)", "stroke-dasharray": style.dash, "d": "M1 7H39"]
                    ), tag("path", ["class": "mark ringed \(style.className)", "d": style.mark(20, 7, radius: 4.5)]),
                ]
            )
            return tag("li", [:], [swatch, tag("span", text: context.title(of: arm))])
        }
        return items.isEmpty ? .group([]) : tag("ul", ["class": "legend", "aria-label": "Arms"], items)
    }

    private func legend(_ contours: [ReportContour]) -> Markup {
        let items = contours.map { contour in
            let swatch = tag(
                "svg",
                ["viewBox": "0 0 40 14", "class": "swatch framed", "aria-hidden": "true"],
                tag("path", ["d": "M4 7H36", "stroke": contour.hexadecimal, "stroke-width": "3"])
            )
            return tag("li", [:], [swatch, tag("span", text: contour.title)])
        }
        return items.isEmpty ? .group([]) : tag("ul", ["class": "legend", "aria-label": "Contours"], items)
    }

    private func markup(of picture: ReportContent.Picture) -> Markup {
        let size = PNGHeader.size(of: picture.png)
        let image = tag(
            "img",
            [
                "src": "data:image/png;base64,\(picture.png.base64EncodedString())", "alt": picture.alternative,
                "width": size.map { String($0.width) }, "height": size.map { String($0.height) },
            ]
        )
        let caption: [Markup] =
            [
                tag("strong", [:], picture.arm.map(keyed) ?? .text(picture.caption)),
                .text(picture.detail.isEmpty ? "" : " \(picture.detail)"),
            ]
            + picture.lines.map { tag("span", ["class": "case"], text: $0) }
        return tag("figure", [:], [image, tag("figcaption", [:], caption)])
    }
}
