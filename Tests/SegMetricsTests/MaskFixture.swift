import SegMetrics

/// Masks as the generators write them: lengths of runs in base 36, background first.
func mask(_ runs: String) -> [UInt8] {
    var pixels: [UInt8] = []
    for (index, length) in runs.split(separator: " ").enumerated() {
        pixels += [UInt8](repeating: index % 2 == 0 ? 0 : 255, count: Int(length, radix: 36) ?? 0)
    }
    return pixels
}

/// A spacing from the fixture's columns and rows.
func spacing(_ sides: [Double]) throws -> GridSpacing {
    sides == [1, 1] ? .pixels : try .millimeters(x: sides[0], y: sides[1])
}

/// Masks for property tests: noise of every density, and a rectangle or two.
struct MaskGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func mask(width: Int, height: Int) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height)
        if next(below: 2) == 0 {
            let percent = next(below: 101)
            for index in pixels.indices where next(below: 100) < percent { pixels[index] = UInt8(1 + next(below: 255)) }
        } else {
            for _ in 0...next(below: 2) {
                let (left, top) = (next(below: width), next(below: height))
                for row in top..<min(height, top + 1 + next(below: height)) {
                    for column in left..<min(width, left + 1 + next(below: width)) { pixels[row * width + column] = 1 }
                }
            }
        }
        // Never empty.
        pixels[next(below: pixels.count)] = 1
        return pixels
    }
}
