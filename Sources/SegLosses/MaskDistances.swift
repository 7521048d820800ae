/// The distance of each pixel from the nearest one of the other kind, px: of the outside as it is, of the inside less 1 and
/// negative. 0 everywhere if there is one kind only.
func signedDistances(_ mask: [Bool], height: Int, width: Int) -> [Float] {
    guard mask.contains(true), mask.contains(false) else { return Array(repeating: 0, count: mask.count) }
    let outside = squaredDistances(to: mask, height: height, width: width)
    let inside = squaredDistances(to: mask.map { !$0 }, height: height, width: width)
    return mask.indices.map { mask[$0] ? 1 - inside[$0].squareRoot() : outside[$0].squareRoot() }
}

/// The squared distance of each pixel from the nearest one of the other kind, px². 0 everywhere if there is one kind only.
func squaredDistances(_ mask: [Bool], height: Int, width: Int) -> [Float] {
    guard mask.contains(true), mask.contains(false) else { return Array(repeating: 0, count: mask.count) }
    let outside = squaredDistances(to: mask, height: height, width: width)
    let inside = squaredDistances(to: mask.map { !$0 }, height: height, width: width)
    // Of each pixel one of the two is 0.
    return mask.indices.map { outside[$0] + inside[$0] }
}

/// The squared distance of each pixel from the nearest one of a set, exact.
///
/// - Source: Felzenszwalb & Huttenlocher 2012: columns, then the lower envelope of parabolas along rows.
private func squaredDistances(to set: [Bool], height: Int, width: Int) -> [Float] {
    let far = Float(height * height + width * width)
    var columns = Array(repeating: far, count: set.count)
    for x in 0..<width {
        var last: Int?
        for y in 0..<height {
            if set[y * width + x] { last = y }
            if let last { columns[y * width + x] = Float((y - last) * (y - last)) }
        }
        last = nil
        for y in (0..<height).reversed() {
            if set[y * width + x] { last = y }
            if let last { columns[y * width + x] = min(columns[y * width + x], Float((last - y) * (last - y))) }
        }
    }
    var result = columns
    var centers = Array(repeating: 0, count: width)
    var borders = Array(repeating: Float(0), count: width + 1)
    for y in 0..<height {
        let row = y * width
        func crossing(_ a: Int, _ b: Int) -> Float {
            (columns[row + b] + Float(b * b) - columns[row + a] - Float(a * a)) / Float(2 * (b - a))
        }
        var count = 0
        centers[0] = 0
        (borders[0], borders[1]) = (-.infinity, .infinity)
        for x in 1..<max(width, 1) where width > 1 {
            var place = crossing(centers[count], x)
            while count > 0, place <= borders[count] {
                count -= 1
                place = crossing(centers[count], x)
            }
            count += 1
            centers[count] = x
            (borders[count], borders[count + 1]) = (place, .infinity)
        }
        var index = 0
        for x in 0..<width {
            while borders[index + 1] < Float(x) { index += 1 }
            let step = x - centers[index]
            result[row + x] = Float(step * step) + columns[row + centers[index]]
        }
    }
    return result
}
