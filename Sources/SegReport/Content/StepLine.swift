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
}
