import SegPages
import SegResults

/// Pieces that several sections use.
extension ReportPage {
    /// A picture or chart with its caption, and the numbers behind it unless they stand elsewhere.
    func figure(_ content: Markup, caption: [Markup], numbers: Markup? = nil) -> Markup {
        tag("figure", [:], [content, tag("figcaption", [:], caption)] + (numbers.map { [$0] } ?? []))
    }

    /// What a chart draws, as a table to open.
    ///
    /// - Parameters:
    ///   - subject: what the numbers are of, said in full to those who hear the page.
    ///   - textColumns: how many columns from the left hold text.
    func numbers(_ subject: String, head: [String], textColumns: Int = 1, rows: [[String]]) -> Markup {
        let columns = head.enumerated().map { columnHead($1, isNumber: $0 >= textColumns) }
        let lines = rows.map { cells in
            tag(
                "tr",
                [:],
                cells.enumerated().map { index, cell in
                    index == 0 ? rowHead(.text(cell)) : index < textColumns ? tag("td", text: cell) : number(cell)
                }
            )
        }
        let table = table(caption: subject, label: subject, head: columns, bodies: [tag("tbody", [:], lines)])
        let title = tag("summary", [:], [.text("Numbers"), tag("span", ["class": "unseen"], text: ": \(subject)")])
        return tag("details", ["class": "numbers"], [title, table])
    }

    /// Charts side by side where there is room.
    func chartGrid(_ charts: [Markup]) -> Markup {
        tag("div", ["class": charts.count == 1 ? "charts single" : "charts"], charts)
    }

    /// The arms with the colour, dash and mark that they have in every chart.
    func legend(_ arms: [ArmDescription]) -> Markup {
        guard !arms.isEmpty else { return .group([]) }
        let items = arms.map { arm in
            let style = style(of: arm.name)
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
            return tag("li", [:], [swatch, tag("span", text: arm.title)])
        }
        return tag("ul", ["class": "legend", "aria-label": "Arms"], items)
    }

    /// A table that scrolls by itself where it is wider than the page.
    func table(caption: String, label: String, head: [Markup], bodies: [Markup], className: String? = nil) -> Markup {
        let table = tag(
            "table",
            ["class": className],
            [tag("caption", [:], tag("span", text: caption)), tag("thead", [:], tag("tr", [:], head))] + bodies
        )
        return tag("div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"], table)
    }

    func columnHead(_ title: String, explained: String? = nil, isNumber: Bool = true) -> Markup {
        let content = explained.map { tag("abbr", ["title": $0], text: title) } ?? .text(title)
        return tag("th", ["scope": "col", "class": isNumber ? "number" : nil], content)
    }

    func rowHead(_ content: Markup) -> Markup { tag("th", ["scope": "row"], content) }

    func number(_ text: String) -> Markup { tag("td", ["class": "number"], text: text) }

    /// An arm's title beside its colour and mark.
    func keyed(_ arm: ArmDescription) -> Markup {
        let style = style(of: arm.name)
        let key = tag(
            "svg",
            ["viewBox": "0 0 14 14", "class": "key", "aria-hidden": "true"],
            tag("path", ["class": "mark \(style.className)", "d": style.mark(7, 7, radius: 4.5)])
        )
        return tag("span", ["class": "keyed"], [key, tag("span", text: arm.title)])
    }

    /// A list of terms with what is to be said of each.
    func definitions(_ pairs: [(String, Markup)]) -> Markup {
        tag("dl", [:], pairs.flatMap { [tag("dt", text: $0), tag("dd", [:], $1)] })
    }

    /// Data sets on which an arm has a summary or cases.
    var evaluatedDatasets: [DatasetDescription] {
        results.datasets.filter { dataset in
            results.arms.contains { arm in
                results.summary(arm: arm.name, dataset: dataset.name) != nil
                    || !cases(arm: arm.name, dataset: dataset.name).isEmpty
            }
        }
    }

    /// A data set's name with its role, for headings.
    func titled(_ dataset: DatasetDescription) -> String {
        dataset.role == .source ? "\(dataset.name), held out" : dataset.name
    }

    /// A data set's name with its role, for prose.
    func named(_ dataset: DatasetDescription) -> String {
        dataset.role == .source ? "the held-out part of \(dataset.name)" : dataset.name
    }
}
