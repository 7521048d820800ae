/// Text in aligned columns.
package struct TextGrid {
    package enum Alignment { case left, right }

    package struct Column {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment) {
            self.title = title
            self.alignment = alignment
        }
    }

    private enum Line {
        case heading(String)
        case cells([String])
    }

    private let columns: [Column]
    private var lines: [Line] = []

    package init(columns: [Column]) { self.columns = columns }

    package mutating func addHeading(_ title: String) { lines.append(.heading(title)) }

    package mutating func addRow(_ cells: [String]) {
        precondition(cells.count == columns.count, "one cell per column")
        lines.append(.cells(cells))
    }

    /// The grid with its header and a rule; columns that are empty in every row are left out.
    package func text() -> String {
        let rows = lines.compactMap { line -> [String]? in
            if case .cells(let cells) = line { cells } else { nil }
        }
        let isMissing: Set<String> = ["", NumberFormat.missing]
        let shown = columns.indices.filter { index in rows.contains { !isMissing.contains($0[index]) } }
        let widths = shown.map { index in
            max(columns[index].title.count, rows.map { $0[index].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(shown, widths).map { index, width in
                let space = String(repeating: " ", count: width - cells[index].count)
                return columns[index].alignment == .left ? cells[index] + space : space + cells[index]
            }
            return trimmed(padded.joined(separator: "  ")) + "\n"
        }
        let headings = lines.map { if case .heading(let title) = $0 { title.count } else { 0 } }
        let total = max(widths.reduce(0, +) + 2 * max(widths.count - 1, 0), headings.max() ?? 0)
        var text = line(columns.map(\.title)) + String(repeating: "─", count: total) + "\n"
        for entry in lines {
            switch entry {
            case .heading(let title): text += title + "\n"
            case .cells(let cells): text += line(cells)
            }
        }
        return text
    }

    private func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
