import SegPages

extension ContentMarkup {
    /// A table that scrolls by itself where it is wider than the page.
    func markup(of content: ReportContent.Table) -> Markup {
        let bodies = content.groups.map { group in
            tag("tbody", [:], line(group, content.columns) + group.rows.map { row($0, content.columns) })
        }
        let caption = tag("caption", [:], tag("span", text: content.caption))
        let head = tag("thead", [:], tag("tr", [:], content.columns.map(columnHead)))
        let className: String? =
            switch content.style {
            case .plain: nil
            case .main: "main"
            case .paper: "paper"
            case .list: "list"
            }
        let table = tag("table", ["class": className], [caption, head] + bodies)
        let scroll = tag(
            "div",
            ["class": "scroll", "role": "region", "aria-label": content.label ?? content.caption, "tabindex": "0"],
            table
        )
        return .group([scroll, terms(content.columns)])
    }

    /// What the heads of columns mean, for paper and for screens that are touched, where no pointer rests on a head.
    private func terms(_ columns: [ReportContent.Column]) -> Markup {
        var seen: Set<String> = []
        let terms = columns.compactMap { column -> String? in
            guard let explanation = column.explanation, seen.insert("\(column.title): \(explanation)").inserted else {
                return nil
            }
            return "\(column.title): \(explanation)\(explanation.hasSuffix(".") ? "" : ".")"
        }
        return terms.isEmpty ? .group([]) : tag("p", ["class": "note terms"], text: terms.joined(separator: " "))
    }

    /// What a chart draws, as a table to open; its caption is said in full to those who hear the page.
    func numbers(_ table: ReportContent.Table) -> Markup {
        let title = tag(
            "summary",
            [:],
            [.text("Numbers"), tag("span", ["class": "unseen"], text: ": \(table.caption)")]
        )
        return tag("details", ["class": "numbers"], [title, markup(of: table)])
    }

    private func columnHead(_ column: ReportContent.Column) -> Markup {
        let title: Markup =
            column.explanation.map { tag("abbr", ["title": $0], text: column.title) } ?? .text(column.title)
        let arm: [Markup] = column.arm.map { [.text(" "), tag("small", [:], keyed($0))] } ?? []
        return tag("th", ["scope": "col", "class": Self.className(column)], [title] + arm)
    }

    private static func className(_ column: ReportContent.Column) -> String? {
        switch column.kind {
        case .text: nil
        case .number: "number"
        case .share: "weight"
        }
    }

    /// The line that names the rows of a group.
    private func line(_ group: ReportContent.Group, _ columns: [ReportContent.Column]) -> [Markup] {
        guard let title = group.title else { return [] }
        let detail: [Markup] = group.detail.isEmpty ? [] : [tag("small", text: " \(group.detail)")]
        let span = group.cells.isEmpty ? columns.count : 1
        let head = tag(
            "th",
            ["scope": "rowgroup", "colspan": span > 1 ? String(span) : nil],
            tag("span", ["class": "group-title"], [.text(title)] + detail)
        )
        let missing = group.cells.isEmpty ? 0 : max(0, columns.count - 1 - group.cells.count)
        let all = group.cells + Array(repeating: "", count: missing)
        let cells = zip(columns.dropFirst(), all).map { cell($1, $0) }
        return [tag("tr", ["class": "group"], [head] + cells)]
    }

    /// A row as wide as the head: filled with empty cells where it is short, cut where it is long.
    private func row(_ cells: [ReportContent.Cell], _ columns: [ReportContent.Column]) -> Markup {
        var markup: [Markup] = []
        var column = 0
        for item in cells where column < columns.count {
            var item = item
            item.span = min(max(item.span, 1), columns.count - column)
            let span = item.span > 1 ? String(item.span) : nil
            markup.append(
                column == 0
                    ? tag("th", ["scope": "row", "colspan": span], content(item, .text)) : cell(item, columns[column])
            )
            column += item.span
        }
        markup += columns.dropFirst(column).map { cell("", $0) }
        return tag("tr", [:], markup)
    }

    private func cell(_ cell: ReportContent.Cell, _ column: ReportContent.Column) -> Markup {
        let isSpanning = cell.span > 1
        return tag(
            "td",
            [
                "class": isSpanning ? "reference" : Self.className(column),
                "colspan": isSpanning ? String(cell.span) : nil,
            ],
            content(cell, column.kind)
        )
    }

    private func content(_ cell: ReportContent.Cell, _ kind: ReportContent.Column.Kind) -> [Markup] {
        var text: Markup = cell.arm.map(keyed) ?? .text(cell.text)
        if cell.isBest { text = tag("b", [:], text) }
        if cell.isCode {
            text = tag("code", ["title": cell.fullText], cell.fullText == nil ? text : tag("span", [:], text))
        }
        if kind == .share, let share = cell.share { text = .group([bar(share), tag("span", [:], text)]) }
        var parts = [text]
        if !cell.suffix.isEmpty { parts.append(.text(cell.suffix)) }
        if let stars = cell.stars { parts.append(tag("span", ["class": "stars", "aria-hidden": "true"], text: stars)) }
        return parts + cell.details.map { tag("small", text: kind == .number ? $0 : " \($0)") }
    }

    /// A number as a bar; it says nothing that the number does not.
    private func bar(_ share: Double) -> Markup {
        tag(
            "svg",
            ["viewBox": "0 0 100 10", "class": "bar", "preserveAspectRatio": "none", "aria-hidden": "true"],
            [
                tag("rect", ["class": "bar-track", "width": "100", "height": "10"]),
                tag("rect", ["class": "bar-fill", "width": px(100 * min(max(share, 0), 1)), "height": "10"]),
            ]
        )
    }
}
