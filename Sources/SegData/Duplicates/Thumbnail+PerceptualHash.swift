import Foundation

extension Thumbnail {
    /// The perceptual hash of a thumbnail's pixels: which of its low spatial frequencies are above their median.
    ///
    /// The lowest frequency of each axis is left out. That makes the hash blind to what all ultrasound images share:
    /// the mean, the decay with depth, the shading from side to side.
    ///
    /// - Formula: the DCT-II coefficients of frequencies 1 to 8 in both axes, row by row, the first in the highest bit;
    ///   a bit is 1 where its coefficient exceeds the median of the 64 (the mean of the two in the middle).
    /// - Edge cases: a uniform image hashes to 0.
    /// - Source: Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", 3.2.1; there the
    ///   image is blurred first, which the thumbnail's averaging replaces.
    static func perceptualHash(of pixels: [Float]) -> UInt64 {
        let side = Thumbnail.side
        // Rounding must not make bits of an image that has nothing to see.
        guard let least = pixels.min(), let greatest = pixels.max(), greatest - least > 1e-6 else { return 0 }
        var narrowed = [Double](repeating: 0, count: side * 8)
        for row in 0..<side {
            for frequency in 0..<8 {
                for column in 0..<side {
                    narrowed[row * 8 + frequency] +=
                        Double(pixels[row * side + column]) * cosines[frequency * side + column]
                }
            }
        }
        var coefficients = [Double](repeating: 0, count: 64)
        for vertical in 0..<8 {
            for row in 0..<side {
                for horizontal in 0..<8 {
                    coefficients[vertical * 8 + horizontal] +=
                        cosines[vertical * side + row] * narrowed[row * 8 + horizontal]
                }
            }
        }
        let sorted = coefficients.sorted()
        let median = (sorted[31] + sorted[32]) / 2
        return coefficients.reduce(0) { $0 << 1 | ($1 > median ? 1 : 0) }
    }

    /// `cos(π (x + ½) f / side)` for the frequencies 1 to 8.
    private static let cosines: [Double] = (1...8).flatMap { frequency in
        (0..<side).map { cos(Double.pi * (Double($0) + 0.5) * Double(frequency) / Double(side)) }
    }
}
