import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

@Suite struct ElasticTests {
    @Test(arguments: 0..<10) func imageAndMaskBendTogether(seed: Int) {
        let twin = AugmentationTests.twin()
        var pair = twin
        var stream = RandomStream(seed: UInt64(seed), "bend")
        ElasticStep(probability: 1, amplitude: 0.08, spacing: 0.2).apply(to: &pair, using: &stream)
        #expect(pair.mask != twin.mask)
        // The image is its mask: the contour of one at one half is that of the other.
        let disagreeing = zip(pair.image, pair.mask).filter { ($0 >= 0.5 ? 1 : 0) != $1 }.count
        #expect(disagreeing == 0)
        // The disc is bent, not gone.
        let (before, after) = (Moments(twin.mask, width: 64), Moments(pair.mask, width: 64))
        #expect(abs(after.area / before.area - 1) < 0.5)
        #expect(hypot(after.x - before.x, after.y - before.y) < 64 * 0.08 * 1.5)
    }

    @Test func itBendsByWhatItSays() {
        // A ramp along each axis shows how far its pixels moved.
        let (width, height) = (80, 60)
        for seed in 0..<5 {
            var (ramp, slope) = (0.0, 0.0)
            for axis in 0..<2 {
                let image = (0..<(width * height)).map { index in
                    Float(axis == 0 ? index % width : index / width) / 100
                }
                var pair = ImagePair(
                    width: width,
                    height: height,
                    image: image,
                    mask: image.map { _ in 0 },
                    coverage: image.map { _ in 1 }
                )
                var stream = RandomStream(seed: UInt64(seed), "distance")
                ElasticStep(probability: 1, amplitude: 0.1, spacing: 0.25).apply(to: &pair, using: &stream)
                let moves = (0..<image.count).filter { index in
                    pair.coverage[index] > 0 && (10..<70).contains(index % width) && (10..<50).contains(index / width)
                }.map { Double(pair.image[$0] - image[$0]) * 100 }
                ramp = max(ramp, moves.map(abs).max() ?? 0)
                slope += (moves.reduce(0) { $0 + $1 * $1 } / Double(moves.count)).squareRoot() / 2
            }
            // At most the amplitude of 8 px; typically a quarter to a third of it.
            #expect(ramp <= 8)
            #expect((0.8...4).contains(slope))
        }
    }

    /// The bound of Choi and Lee: at the largest amplitude that is allowed, no determinant is negative.
    @Test func nothingFoldsAtTheLargestAmplitude() {
        let spacing: Float = 8
        let (width, height) = (64, 64)
        let (columns, rows) = (12, 12)
        var smallest: Float = 1
        func field(_ sign: (Int, Int) -> Float) -> [Float] {
            let controls = (0..<(rows * columns)).map { 0.48 * spacing * sign($0 / columns, $0 % columns) }
            return CubicBSpline.field(controls, columns: columns, spacing: spacing, width: width, height: height)
        }
        for seed in 0..<200 {
            var stream = RandomStream(seed: UInt64(seed), "fold")
            let moveX = field { _, _ in stream.chance(0.5) ? 1 : -1 }
            let moveY = field { _, _ in stream.chance(0.5) ? 1 : -1 }
            for y in 0..<(height - 1) {
                for x in 0..<(width - 1) {
                    let index = y * width + x
                    let xx = 1 + moveX[index + 1] - moveX[index]
                    let xy = moveX[index + width] - moveX[index]
                    let yx = moveY[index + 1] - moveY[index]
                    let yy = 1 + moveY[index + width] - moveY[index]
                    smallest = min(smallest, xx * yy - xy * yx)
                }
            }
        }
        #expect(smallest > 0)
        // The test can fail: it comes close.
        #expect(smallest < 0.4)
    }

    @Test func anAmplitudeThatFoldsIsRefused() {
        var settings = AugmentationPipeline.Settings()
        settings.elastic = ElasticStep(probability: 0.3, amplitude: 0.06, spacing: 0.1)
        let error = #expect(throws: SegmentationError.self) { try settings.validate() }
        #expect(error?.subject == "augmentation.elastic.amplitude")
        settings.elastic.amplitude = 0.048
        #expect(throws: Never.self) { try settings.validate() }
    }

    /// The resampler against its definition, read off one pixel after the other.
    @Test func affineIsBilinearOverCoveredPixels() {
        let (width, height) = (23, 17)
        var pair = ImagePair(
            width: width,
            height: height,
            image: randomPlane(width * height, "bilinear"),
            mask: randomPlane(width * height, "mask").map { $0 > 0.5 ? 1 : 0 },
            coverage: (0..<(width * height)).map { $0 / width < 3 || $0 % width > 19 ? 0 : 1 }
        )
        for index in pair.image.indices where pair.coverage[index] == 0 {
            (pair.image[index], pair.mask[index]) = (0, 0)
        }
        let source = pair
        let (angle, shiftX, shiftY) = (Float(0.4), Float(1.3), Float(-2.1))
        pair.resample(
            by: .init(
                xx: cos(angle),
                xy: -sin(angle),
                yx: sin(angle),
                yy: cos(angle),
                shiftX: shiftX,
                shiftY: shiftY
            )
        )
        var largest: Float = 0
        var (masks, covers) = (0, 0)
        for row in 0..<height {
            for column in 0..<width {
                let (x, y) = (Float(column) - 11 - shiftX, Float(row) - 8 - shiftY)
                let fromX = cos(angle) * x + sin(angle) * y + 11
                let fromY = -sin(angle) * x + cos(angle) * y + 8
                var (covered, gray, lesion) = (Float(0), Float(0), Float(0))
                for tapY in 0..<height {
                    for tapX in 0..<width {
                        let weight =
                            max(0, 1 - abs(Float(tapX) - fromX)) * max(0, 1 - abs(Float(tapY) - fromY))
                            * source.coverage[tapY * width + tapX]
                        covered += weight
                        gray += weight * source.image[tapY * width + tapX]
                        lesion += weight * source.mask[tapY * width + tapX]
                    }
                }
                let index = row * width + column
                let isCovered = covered >= 0.5
                covers += pair.coverage[index] != (isCovered ? 1 : 0) ? 1 : 0
                masks += pair.mask[index] != (isCovered && lesion >= 0.5 * covered ? 1 : 0) ? 1 : 0
                largest = max(largest, abs(pair.image[index] - (isCovered ? gray / covered : 0)))
            }
        }
        #expect(largest < 1e-5)
        #expect(masks == 0)
        #expect(covers == 0)
    }
}
