package import SegCore

extension ImagePair {
    /// The smallest rectangle that holds all covered pixels; `nil` if none is covered.
    package var coveredRectangle: PixelRectangle? {
        coverage.withUnsafeBufferPointer { coverage in
            func isCovered(row: Int) -> Bool {
                (0..<width).contains { coverage[row * width + $0] > 0 }
            }
            guard let top = (0..<height).first(where: isCovered), let bottom = (0..<height).last(where: isCovered)
            else { return nil }
            var (left, right) = (width, -1)
            for row in top...bottom {
                let start = row * width
                // Only what would widen the rectangle is looked at.
                var column = 0
                while column < left && coverage[start + column] <= 0 { column += 1 }
                left = min(left, column)
                column = width - 1
                while column > right && coverage[start + column] <= 0 { column -= 1 }
                right = max(right, column)
            }
            return PixelRectangle(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
        }
    }

    /// The mean intensity of covered pixels; 0 if none is covered.
    package var coveredMean: Float {
        var sum = 0.0
        var count = 0.0
        image.withUnsafeBufferPointer { image in
            coverage.withUnsafeBufferPointer { coverage in
                // Rows first in single precision: vector loops, and no loss over so few values.
                for row in 0..<height {
                    var rowSum: Float = 0
                    var rowCount: Float = 0
                    for index in (row * width)..<((row + 1) * width) {
                        rowSum += image[index] * coverage[index]
                        rowCount += coverage[index]
                    }
                    sum += Double(rowSum)
                    count += Double(rowCount)
                }
            }
        }
        return count > 0 ? Float(sum / count) : 0
    }

    /// Applies `transform` to the intensity of covered pixels, given with their index, and clips to `0...1`.
    @inline(__always)
    mutating func mapCovered(
        rows: Range<Int>? = nil,
        _ transform: (_ value: Float, _ index: Int) -> Float
    ) {
        let rows = rows ?? 0..<height
        let range = (rows.lowerBound * width)..<(rows.upperBound * width)
        coverage.withUnsafeBufferPointer { coverage in
            image.withUnsafeMutableBufferPointer { image in
                for index in range {
                    let value = transform(image[index], index)
                    // Comparisons that become vector minima and maxima.
                    let positive = value > 0 ? value : 0
                    let clipped = positive < 1 ? positive : 1
                    image[index] = coverage[index] > 0 ? clipped : image[index]
                }
            }
        }
    }
}
