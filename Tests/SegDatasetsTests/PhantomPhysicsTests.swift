import Foundation
import SegCore
import SegPhantoms
import Testing

@Suite struct PhantomPhysicsTests {
    private static func scan(lateral: [Float], noise: Float = 0) -> [Float] {
        let scan = UltrasoundScan(
            width: 300,
            height: lateral.count,
            axialSigma: 1,
            lateralSigmas: lateral,
            noise: Array(repeating: noise, count: lateral.count)
        )
        var stream = RandomStream(seed: 8, "speckle")
        return scan.envelope(of: Array(repeating: 1, count: 300 * lateral.count), using: &stream)
    }

    /// Fully developed speckle: the envelope is Rayleigh distributed, mean over deviation √(π / (4 − π)) = 1.913.
    @Test func speckleOfAHomogeneousRegionIsRayleigh() {
        let envelope = Self.scan(lateral: Array(repeating: 2, count: 300)).map { Double($0) }
        let count = Double(envelope.count)
        let mean = envelope.reduce(0, +) / count
        let square = envelope.reduce(0) { $0 + $1 * $1 } / count
        #expect(abs(mean / (square - mean * mean).squareRoot() - 1.913) < 0.05)
        // Both pulses have unit energy, so the mean square echo is that of the tissue.
        #expect(abs(square - 1) < 0.05)
    }

    @Test func speckleIsWiderWhereTheBeamIs() {
        let envelope = Self.scan(lateral: (0..<300).map { $0 < 150 ? 1.5 : 4 })
        func correlation(rows: Range<Int>, stepX: Int, stepY: Int) -> Double {
            var products = 0.0
            var squares = 0.0
            var sum = 0.0
            let mean = 0.886  // √π / 2, the Rayleigh mean.
            for y in rows {
                for x in 0..<290 {
                    let here = Double(envelope[y * 300 + x]) - mean
                    products += here * (Double(envelope[(y + stepY) * 300 + x + stepX]) - mean)
                    squares += here * here
                    sum += here
                }
            }
            return products / squares
        }
        let near = correlation(rows: 20..<130, stepX: 3, stepY: 0)
        let deep = correlation(rows: 170..<280, stepX: 3, stepY: 0)
        #expect(deep > near + 0.2)
        #expect(correlation(rows: 170..<280, stepX: 0, stepY: 3) < deep - 0.2)
    }

    @Test func noiseFillsWhatHasNoEcho() {
        let scan = UltrasoundScan(
            width: 200,
            height: 100,
            axialSigma: 1,
            lateralSigmas: Array(repeating: 2, count: 100),
            noise: (0..<100).map { $0 < 50 ? 0 : 0.1 }
        )
        var stream = RandomStream(seed: 8, "noise")
        let envelope = scan.envelope(of: Array(repeating: 0, count: 20_000), using: &stream)
        #expect(envelope[..<(40 * 200)].allSatisfy { $0 == 0 })
        let square = envelope[(60 * 200)...].reduce(0) { $0 + $1 * $1 } / 8000
        #expect(abs(square - 0.01) < 0.001)
    }
}
