/// Many marks as one path, without those that could not be distinguished from another.
package enum Crowd {
    /// From so many marks on, crowded ones are left out.
    package static let limit = 400
    /// Side of the square that holds one mark where they crowd, px.
    package static let cell = 2.0

    /// The marks that are drawn: all of a few; of many the first in each square of ``cell``, so that what stands alone is
    /// always there, and a chart of thousands of images stays small. Marks without a place are left out.
    package static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let points = points.filter { $0.x.isFinite && $0.y.isFinite }
        guard points.count > limit else { return points }
        struct Cell: Hashable { var x, y: Double }
        var taken: Set<Cell> = []
        return points.filter { point in
            taken.insert(Cell(x: (point.x / cell).rounded(.down), y: (point.y / cell).rounded(.down))).inserted
        }
    }

    /// The marks of one series as one path.
    package static func marks(_ points: [(x: Double, y: Double)], style: SeriesStyle, radius: Double) -> Markup {
        // Tenths of a pixel are more than enough for a mark, and halve its text.
        func tenth(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        let marks = thinned(points).map { style.mark(tenth($0.x), tenth($0.y), radius: radius) }
        return tag("path", ["class": "points \(style.className)", "d": marks.joined()])
    }
}
