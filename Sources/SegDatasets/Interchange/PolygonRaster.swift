import SegCore

extension Mask {
    /// Adds the inside of a closed polygon.
    ///
    /// A pixel belongs to it where its center is inside; pixel (0, 0) covers 0 to 1 in both directions, as in COCO. Inside
    /// is by the even-odd rule: a line from there to far away crosses the outline an odd number of times, so that a
    /// part that the outline encloses twice is a hole.
    ///
    /// - Parameter points: corners as x and y in turn, px; the last is joined to the first.
    mutating func formUnion(polygon points: [Double]) {
        let count = points.count / 2
        guard count >= 3 else { return }
        for y in 0..<height {
            let center = Double(y) + 0.5
            var crossings: [Double] = []
            for index in 0..<count {
                let next = (index + 1) % count
                let (x0, y0, x1, y1) = (
                    points[2 * index], points[2 * index + 1], points[2 * next], points[2 * next + 1]
                )
                // Half open, so that a corner on the line counts once.
                guard (y0 <= center) != (y1 <= center) else { continue }
                crossings.append(x0 + (center - y0) / (y1 - y0) * (x1 - x0))
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                fill(row: y, from: crossings[pair], to: crossings[pair + 1])
            }
        }
    }

    /// Fills the pixels of a row whose centers lie in `start..<end`.
    private mutating func fill(row: Int, from start: Double, to end: Double) {
        func column(_ x: Double) -> Int { Int(min(max((x - 0.5).rounded(.up), 0), Double(width))) }
        let (first, last) = (column(start), column(end))
        for x in first..<max(first, last) { pixels[row * width + x] = 1 }
    }
}
