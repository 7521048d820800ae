import SegCore

/// What the shape of a lesion says about the mask that it was read from.
struct LesionOutline {
    /// How many pieces it falls into; pixels that touch at a corner are one.
    let pieces: Int
    /// The pixels that it encloses and that are not lesion.
    let enclosed: Int
    /// The pixels of the lesion.
    let area: Int

    /// More pieces than this are dust. The masks of published sets have up to six.
    private static let mostPieces = 20

    init(_ lesion: Mask) {
        let (width, height) = (lesion.width, lesion.height)
        var free = lesion.pixels.map { $0 == 0 }
        area = lesion.area
        var places: [Int] = []
        /// Takes what is connected with a place, and counts it.
        func take(from start: Int, isLesion: Bool) -> Int {
            guard free[start] != isLesion else { return 0 }
            free[start] = isLesion
            places.append(start)
            var count = 0
            while let place = places.popLast() {
                count += 1
                let (x, y) = (place % width, place / width)
                for dy in -1...1 {
                    for dx in -1...1 where isLesion || dx == 0 || dy == 0 {
                        guard x + dx >= 0, x + dx < width, y + dy >= 0, y + dy < height else { continue }
                        let next = place + dy * width + dx
                        guard free[next] != isLesion else { continue }
                        free[next] = isLesion
                        places.append(next)
                    }
                }
            }
            return count
        }
        // The background that reaches the border, through sides only: a thin line drawn aslant is closed.
        var outside = 0
        for x in 0..<width { for y in [0, height - 1] { outside += take(from: y * width + x, isLesion: false) } }
        for y in 0..<height { for x in [0, width - 1] { outside += take(from: y * width + x, isLesion: false) } }
        enclosed = width * height - area - outside
        free = lesion.pixels.map { $0 == 0 }
        var pieces = 0
        for place in free.indices where !free[place] {
            _ = take(from: place, isLesion: true)
            pieces += 1
        }
        self.pieces = pieces
    }

    /// Whether it is a line around a lesion, in place of the lesion.
    var isLine: Bool { enclosed > area }

    /// Whether it is dust, as noise and lossy compression leave it.
    var isDust: Bool { pieces > Self.mostPieces }
}
