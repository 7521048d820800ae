import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

@Suite struct AugmentationTests {
    /// A pair whose image is its mask: whatever moves one must move the other.
    static func twin(width: Int = 64, height: Int = 48) -> ImagePair {
        let mask = disc(width: width, height: height, centerX: 24, centerY: 20, radius: 11).pixels.map { Float($0) }
        return ImagePair(
            width: width,
            height: height,
            image: mask,
            mask: mask,
            coverage: Array(repeating: 1, count: width * height)
        )
    }

    static let steps: [any AugmentationStep] = [
        HorizontalFlip(probability: 1), VerticalFlip(probability: 1),
        AffineStep(rotation: 25, scaling: 0.3, shear: 12, translation: 0.1),
    ]

    @Test(arguments: 0..<3, 0..<5) func imageAndMaskMoveTogether(step: Int, seed: Int) {
        var pair = Self.twin()
        var stream = RandomStream(seed: UInt64(seed), "together")
        Self.steps[step].apply(to: &pair, using: &stream)
        #expect(pair.mask != Self.twin().mask)
        #expect(pair.mask.contains(1))
        let disagreeing = zip(pair.image, pair.mask).filter { ($0 >= 0.5 ? 1 : 0) != $1 }.count
        #expect(disagreeing == 0)
        #expect(pair.mask.allSatisfy { $0 == 0 || $0 == 1 })
    }

    @Test func flipsAreExactAndTheirOwnInverse() {
        var stream = RandomStream(seed: 1, "flips")
        var pair = ImagePair(
            width: 3,
            height: 2,
            image: [1, 2, 3, 4, 5, 6],
            mask: [1, 0, 0, 0, 0, 0],
            coverage: [1, 1, 0, 1, 1, 0]
        )
        let original = pair
        HorizontalFlip(probability: 1).apply(to: &pair, using: &stream)
        #expect(pair.image == [3, 2, 1, 6, 5, 4])
        #expect(pair.mask == [0, 0, 1, 0, 0, 0])
        #expect(pair.coverage == [0, 1, 1, 0, 1, 1])
        VerticalFlip(probability: 1).apply(to: &pair, using: &stream)
        #expect(pair.image == [6, 5, 4, 3, 2, 1])
        HorizontalFlip(probability: 1).apply(to: &pair, using: &stream)
        VerticalFlip(probability: 1).apply(to: &pair, using: &stream)
        #expect(pair == original)
        HorizontalFlip(probability: 0).apply(to: &pair, using: &stream)
        #expect(pair == original)
    }

    @Test func affineMovesWhereItSays() {
        // 90° clockwise on the screen, 1.7 times the size, and a shift of (3, −2) about the center of a square.
        let mask = disc(width: 65, height: 65, centerX: 40.5, centerY: 32.5, radius: 6).pixels.map { Float($0) }
        var pair = ImagePair(width: 65, height: 65, image: mask, mask: mask, coverage: mask.map { _ in 1 })
        pair.resample(by: .init(xx: 0, xy: -1.7, yx: 1.7, yy: 0, shiftX: 3, shiftY: -2))
        let moments = Moments(pair.mask, width: 65)
        #expect(abs(moments.x - (32.5 + 3)) < 0.2)
        #expect(abs(moments.y - (32.5 + 8 * 1.7 - 2)) < 0.2)
        #expect(abs(moments.area / Double(mask.reduce(0, +)) - 2.89) < 0.15)
    }

    @Test func identityChangesNothing() {
        var pair = Self.twin()
        pair.resample(by: .init())
        #expect(pair == Self.twin())
    }

    @Test func paddingStaysPaddingWithoutADarkRim() {
        let box = Letterbox(sourceWidth: 80, sourceHeight: 40, size: 64)
        let image = box.resize(GrayImage(width: 80, height: 40, repeating: 0.6))
        var pair = ImagePair(
            width: 64,
            height: 64,
            image: image,
            mask: image.map { _ in 0 },
            coverage: box.coverage
        )
        var stream = RandomStream(seed: 2, "rim")
        AffineStep(rotation: 20, scaling: 0.2, shear: 5, translation: 0.05).apply(to: &pair, using: &stream)
        #expect(pair.coverage != box.coverage)
        #expect(zip(pair.image, pair.coverage).allSatisfy { abs($0 - 0.6 * $1) < 1e-5 })
    }

    @Test(arguments: [GammaStep(strength: 0.4), GainStep(strength: 0.3)] as [any AugmentationStep])
    func intensitiesKeepTheirRangeAndOrder(step: any AugmentationStep) {
        let image = (0..<64).map { Float($0) / 63 }
        for seed in 0..<10 {
            let coverage: [Float] = (0..<64).map { $0 < 60 ? 1 : 0 }
            var pair = ImagePair(width: 8, height: 8, image: image, mask: coverage, coverage: coverage)
            var stream = RandomStream(seed: UInt64(seed), "intensity")
            step.apply(to: &pair, using: &stream)
            #expect(pair.image.allSatisfy { (0...1).contains($0) })
            #expect(zip(pair.image, pair.image.dropFirst()).prefix(59).allSatisfy { $0 <= $1 })
            #expect(pair.image[..<60] != image[..<60])
            #expect(pair.image[60...] == image[60...])
            #expect(pair.mask == coverage)
        }
    }

    @Test func standardizedOverTheSourceOnly() {
        let box = Letterbox(sourceWidth: 50, sourceHeight: 31, size: 48)
        let image = box.resize(GrayImage(width: 50, height: 31, pixels: randomPlane(1550, "standardize")))
        var pair = ImagePair(width: 48, height: 48, image: image, mask: image.map { _ in 0 }, coverage: box.coverage)
        pair.standardize()
        let covered = zip(pair.image, pair.coverage).filter { $1 > 0 }.map { Double($0.0) }
        let mean = covered.reduce(0, +) / Double(covered.count)
        let variance = covered.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(covered.count)
        #expect(abs(mean) < 1e-5)
        #expect(abs(variance - 1) < 1e-4)
        #expect(zip(pair.image, pair.coverage).allSatisfy { $1 > 0 || $0 == 0 })
    }

    @Test func imageOfOneGrayStandardizesToZero() {
        var pair = ImagePair(
            width: 4,
            height: 1,
            image: [0.3, 0.3, 0.3, 0],
            mask: [0, 0, 0, 0],
            coverage: [1, 1, 1, 0]
        )
        pair.standardize()
        #expect(pair.image == [0, 0, 0, 0])
    }
}
