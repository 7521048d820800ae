/// Points of a curve over many cases, so few that a page stays small.
enum ThinnedLine {
    /// At most so many points, the first and the last among them, in equal steps.
    static func points<Point>(_ points: [Point], atMost limit: Int = 200) -> [Point] {
        guard points.count > limit else { return points }
        return (0..<limit).map { points[$0 * (points.count - 1) / (limit - 1)] }
    }
}
