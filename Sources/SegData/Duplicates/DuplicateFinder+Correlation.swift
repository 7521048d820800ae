/// Thumbnails as vectors whose scalar product is their correlation.
extension DuplicateFinder {
    /// Differences from the mean.
    static func centered(_ pixels: [Float]) -> [Double] {
        let mean = pixels.reduce(0) { $0 + Double($1) } / Double(pixels.count)
        return pixels.map { Double($0) - mean }
    }

    /// Differences from what the means of row and column predict.
    static func structure(_ pixels: [Float]) -> [Double] {
        let side = Thumbnail.side
        var values = centered(pixels)
        var rows = [Double](repeating: 0, count: side)
        var columns = [Double](repeating: 0, count: side)
        for (index, value) in values.enumerated() {
            rows[index / side] += value / Double(side)
            columns[index % side] += value / Double(side)
        }
        for index in values.indices { values[index] -= rows[index / side] + columns[index % side] }
        return values
    }

    /// The vector at length 1; all 0 if its pixels differ by less than a hundredth of a step of 8 bits, which is
    /// rounding, not a picture.
    static func normalized(_ values: [Double]) -> [Double] {
        let square = product(values, values)
        guard square / Double(values.count) > 1.5e-9 else { return Array(repeating: 0, count: values.count) }
        let length = square.squareRoot()
        return values.map { $0 / length }
    }

    static func product(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        for index in first.indices { sum += first[index] * second[index] }
        return sum
    }
}
