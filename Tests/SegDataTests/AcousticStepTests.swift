import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

/// Speckle, time gain, shadow and cut-out do what their formulas say.
@Suite struct AcousticStepTests {
    /// One gray in a letterbox: rows 16 to 79 of 96 are covered.
    static func gray(_ level: Float) -> ImagePair {
        let coverage: [Float] = (0..<(96 * 96)).map { (16..<80).contains($0 / 96) ? 1 : 0 }
        return ImagePair(
            width: 96,
            height: 96,
            image: coverage.map { $0 * level },
            mask: coverage.map { _ in 0 },
            coverage: coverage
        )
    }

    static func covered(_ pair: ImagePair) -> [Double] {
        zip(pair.image, pair.coverage).filter { $1 > 0 }.map { Double($0.0) }
    }

    static func statistics(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, (values.reduce(0) { $0 + pow($1 - mean, 2) } / Double(values.count)).squareRoot())
    }

    @Test func speckleIsFullyDevelopedAndWiderThanDeep() {
        let step = SpeckleStep(probability: 1, strength: 1, lateral: 0.01, axial: 0.006)
        let size = 256
        var stream = RandomStream(seed: 3, "speckle")
        let power = step.power(width: size, height: size, using: &stream).map(Double.init)
        // The power of a circular Gaussian is exponential: mean and deviation are 1.
        let (mean, deviation) = Self.statistics(power)
        #expect(abs(mean - 1) < 0.03)
        #expect(abs(deviation - 1) < 0.06)
        // In decibels: −2.507 and 5.57.
        let (level, spread) = Self.statistics(power.map { 10 * log10($0) })
        #expect(abs(level + 2.507) < 0.15)
        #expect(abs(spread - 5.57) < 0.15)
        // Correlated as the square of the point-spread function's: exp(−d²/2σ²), σ = 2.56 px across, 1.54 along.
        func correlation(_ shift: Int) -> Double {
            let products = power.indices.map { (power[$0] - mean) * (power[($0 + shift) % power.count] - mean) }
            return products.reduce(0, +) / Double(power.count) / (deviation * deviation)
        }
        for distance in 1...4 {
            let square = Double(distance * distance)
            #expect(abs(correlation(distance) - exp(-square / (2 * 2.56 * 2.56))) < 0.08)
            #expect(abs(correlation(distance * size) - exp(-square / (2 * 1.536 * 1.536))) < 0.08)
        }
    }

    @Test func speckleKeepsTheMeanGray() {
        var deviations: [Double] = []
        for seed in 0..<12 {
            var pair = Self.gray(0.5)
            var stream = RandomStream(seed: UInt64(seed), "gray")
            SpeckleStep(probability: 1, strength: 1).apply(to: &pair, using: &stream)
            let (mean, deviation) = Self.statistics(Self.covered(pair))
            #expect(abs(mean - 0.5) < 0.02)
            deviations.append(deviation)
        }
        // The exponent is uniform up to 1, at which the deviation is 5.57 of 60 dB.
        #expect((deviations.max() ?? 1) < 0.1)
        #expect((deviations.max() ?? 0) > 0.06)
        #expect((deviations.min() ?? 1) < 0.03)
    }

    @Test(arguments: 0..<6) func timeGainDependsOnDepthAloneAndSmoothly(seed: Int) {
        var pair = Self.gray(0.5)
        var stream = RandomStream(seed: UInt64(seed), "gain")
        TimeGainStep(probability: 1, strength: 12, dynamicRange: 60).apply(to: &pair, using: &stream)
        let rows = (16..<80).map { row in Array(pair.image[(row * 96)..<((row + 1) * 96)]) }
        #expect(rows.allSatisfy { row in row.allSatisfy { $0 == row[0] } })
        let gains = rows.map { $0[0] - 0.5 }
        #expect(gains.allSatisfy { abs($0) <= 0.2 })
        #expect((gains.max() ?? 0) - (gains.min() ?? 0) > 0.01)
        // Three intervals over 64 rows: a cubic B-spline's slope is at most twice the amplitude an interval.
        let steps = zip(gains, gains.dropFirst()).map { abs($1 - $0) }
        #expect(steps.allSatisfy { $0 < 2 * 0.2 / (64 / 3) * 1.01 })
    }

    @Test(arguments: 0..<12) func aShadowDarkensBelowItsStart(seed: Int) throws {
        var pair = Self.gray(0.8)
        var stream = RandomStream(seed: UInt64(seed), "shadow")
        let step = ShadowStep(probability: 1, width: 0.3, attenuation: 24, opening: 10, dynamicRange: 60)
        step.apply(to: &pair, using: &stream)
        let losses = pair.image.indices.map { pair.coverage[$0] > 0 ? 0.8 - pair.image[$0] : 0 }
        #expect(losses.allSatisfy { $0 >= 0 && $0 <= 24 / 60 + 1e-6 })
        let deepest = try #require(losses.max())
        #expect(deepest >= 12 / 60 - 1e-3)
        // It starts between 5 and 70 % of the depth and never ends.
        let dark = (0..<96).map { row in losses[(row * 96)..<((row + 1) * 96)].contains { $0 > 0 } }
        let first = try #require(dark.firstIndex(of: true))
        #expect((16 + 3..<16 + 46).contains(first))
        #expect(dark[first..<80].allSatisfy { $0 })
        // At every depth it is one run of columns with soft sides.
        for row in first..<80 {
            let line = Array(losses[(row * 96)..<((row + 1) * 96)])
            let runs = zip(line, line.dropFirst()).filter { ($0 > 0) != ($1 > 0) }.count
            #expect(runs <= 2)
            let jump = zip(line, line.dropFirst()).map { abs($0 - $1) }.max() ?? 0
            #expect(jump <= deepest * 0.8)
        }
        // It does not get narrower.
        let widths = (first..<80).map { row in losses[(row * 96)..<((row + 1) * 96)].filter { $0 > 0 }.count }
        if widths.max() ?? 0 < 20 { #expect((widths.last ?? 0) >= (widths.first ?? 0)) }
    }

    @Test func aCutOutIsARectangleOfTheMeanGrayAndSparesLesions() {
        var (drawn, spared) = (0, 0)
        for seed in 0..<60 {
            var pair = Self.gray(0.5)
            pair.image = zip(randomPlane(96 * 96, "cut"), pair.coverage).map { $0 * $1 }
            pair.mask = disc(width: 96, height: 96, centerX: 48, centerY: 48, radius: 12).pixels.map { Float($0) }
            let original = pair
            let mean = Self.statistics(Self.covered(pair)).mean
            var stream = RandomStream(seed: UInt64(seed), "cut")
            CutOutStep(probability: 1, size: 0.5).apply(to: &pair, using: &stream)
            #expect(pair.mask == original.mask)
            let hidden = pair.image.indices.filter { pair.image[$0] != original.image[$0] }
            guard let first = hidden.first, let last = hidden.last else {
                spared += 1
                continue
            }
            drawn += 1
            #expect(hidden.allSatisfy { abs(Double(pair.image[$0]) - mean) < 1e-5 })
            let (columns, rows) = (hidden.map { $0 % 96 }, first / 96...last / 96)
            let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
            #expect(hidden.count == rows.count * (right - left + 1))
            #expect(right - left + 1 <= 48)
            #expect(rows.count <= 32)
            #expect(rows.lowerBound >= 16 && rows.upperBound < 80)
            let lost = hidden.reduce(0) { $0 + original.mask[$1] }
            #expect(2 * lost <= original.mask.reduce(0, +))
        }
        #expect(drawn > 30)
        #expect(spared > 0)
    }

    @Test func equalizationWithTheLowestLimitChangesLittle() {
        var pair = AugmentationStepTests.sample(3)
        let before = pair
        pair.equalizeAdaptively(tiles: 2, clipLimit: 1)
        let gentle = zip(pair.image, before.image).map { abs($0 - $1) }.max() ?? 1
        pair = before
        pair.equalizeAdaptively(tiles: 2, clipLimit: 20)
        let strong = zip(pair.image, before.image).map { abs($0 - $1) }.max() ?? 0
        #expect(gentle < 0.15)
        #expect(strong > 2 * gentle)
    }

    @Test func equalizationLeavesWhatIsTooSmall() {
        var pair = ImagePair(
            width: 6,
            height: 6,
            image: randomPlane(36, "tiny"),
            mask: [Float](repeating: 0, count: 36),
            coverage: [Float](repeating: 1, count: 36)
        )
        let before = pair
        pair.equalizeAdaptively(tiles: 4, clipLimit: 4)
        #expect(pair == before)
    }
}
