import SegCore
import SegImageIO

/// What the contours of a picture mean, in lines of text; nothing where the lesion's is the only one.
struct ContourLegend {
    /// A contour's line and its name, in a place of the legend.
    private struct Entry {
        var name: String
        var color: ColorImage.Color
        var dash: Int?
        var x: Int
        var row: Int
    }

    private static let stroke = 14
    private static let row = TinyFont.height + 4
    private static let ink = ColorImage.Color(red: 225, green: 228, blue: 232)

    private let width: Int
    private let entries: [Entry]

    /// - Parameters:
    ///   - labels: the further labels, in the order of their colors.
    ///   - width: of a line, px; what does not fit is in the next one.
    init(labels: [String], width: Int) {
        self.width = width
        guard !labels.isEmpty else {
            entries = []
            return
        }
        let contours = labels.indices.map { LabelContour(label: $0) }
        let lines =
            [(LabelSet.lesionName, ColorImage.Color.truth, Int?.none)]
            + zip(labels, contours).map { ($0, $1.truth, $1.dash) }
        var (x, row) = (0, 0)
        entries = lines.map { name, color, dash in
            let extent = Self.stroke + 4 + TinyFont.width(of: name)
            if x > 0, x + extent > width { (x, row) = (0, row + 1) }
            defer { x += extent + 12 }
            return Entry(name: name, color: color, dash: dash, x: x, row: row)
        }
    }

    /// Height of all lines, px.
    var height: Int { entries.last.map { ($0.row + 1) * Self.row } ?? 0 }

    func draw(on picture: inout ColorImage, x: Int, y: Int) {
        for entry in entries {
            let (left, top) = (x + entry.x, y + entry.row * Self.row)
            for column in 0..<Self.stroke where entry.dash.map({ column / $0 % 2 == 0 }) ?? true {
                for line in 0..<2 { picture[left + column, top + TinyFont.height / 2 + line] = entry.color }
            }
            let room = max(width - entry.x - Self.stroke - 4, 0)
            TinyFont.draw(
                TinyFont.shortened(entry.name, toWidth: room),
                on: &picture,
                x: left + Self.stroke + 4,
                y: top,
                color: Self.ink
            )
        }
    }
}
