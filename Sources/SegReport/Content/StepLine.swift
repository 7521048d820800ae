package import SegMetrics

/// Lines that run along the axes, such as a ROC curve.
package enum StepLine {
    /// A line without the points that lie between their neighbors on a horizontal or vertical stretch.
    package static func corners(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        points.indices.filter { index in
            guard index > 0, index + 1 < points.count else { return true }
            let (before, point, after) = (points[index - 1], points[index], points[index + 1])
            return !(before.x == point.x && point.x == after.x) && !(before.y == point.y && point.y == after.y)
        }.map { points[$0] }
    }

    /// The line whose area is the average precision: each precision stands for the recall that it adds. Straight lines between points
    /// would promise more than any threshold reaches.
    package static func precision(_ curve: PrecisionRecallCurve) -> [(x: Double, y: Double)] {
        var added: [PrecisionRecallCurve.Point] = []
        for point in curve.points where point.recall > added.last?.recall ?? 0 { added.append(point) }
        var line: [(x: Double, y: Double)] = []
        for point in ThinnedLine.points(added) {
            line += [(line.last?.x ?? 0, point.precision), (point.recall, point.precision)]
        }
        return corners(line)
    }
}
