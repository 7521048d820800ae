import SegCore
import SegData
import Testing

@Suite struct LetterboxTests {
    /// Values from Generators/pillow_resize.py.
    static let pillow: [(source: (Int, Int), region: Resampler.Region, output: (Int, Int), values: [Float])] = [
        (
            (10, 6), .init(x: 0, y: 0, width: 10, height: 6), (4, 3),
            [
                0.503247, 0.519286, 0.502143, 0.543019, 0.335582, 0.3775, 0.546875, 0.660511, 0.314529, 0.3875,
                0.618929, 0.453734,
            ]
        ),
        (
            (3, 4), .init(x: 0, y: 0, width: 3, height: 4), (5, 6),
            [
                0.0, 0.175, 0.4375, 0.7, 0.875, 0.40625, 0.40625, 0.40625, 0.725, 0.9375, 0.770833, 0.608333, 0.364583,
                0.652083, 0.84375, 0.604167, 0.491667, 0.322917, 0.260417, 0.21875, 0.4375, 0.375, 0.28125, 0.1875,
                0.125, 0.3125, 0.2875, 0.25, 0.2125, 0.1875,
            ]
        ),
        (
            (9, 7), .init(x: 0.6, y: 0.25, width: 7.5, height: 6.25), (4, 4),
            [
                0.534153, 0.553741, 0.408488, 0.637327, 0.35188, 0.47676, 0.374847, 0.672351, 0.230447, 0.320294,
                0.454911, 0.790479, 0.334655, 0.414783, 0.473825, 0.686087,
            ]
        ),
    ]

    @Test(arguments: 0..<3) func resizesAsPillowDoes(index: Int) {
        let fixture = Self.pillow[index]
        let (width, height) = fixture.source
        let pattern = (0..<(width * height)).map { position -> Float in
            let (x, y) = (position % width, position / width)
            return Float((x * 7 + y * 13 + x * y * 3) % 17) / 16
        }
        let resampler = Resampler(
            sourceWidth: width,
            sourceHeight: height,
            region: fixture.region,
            outputWidth: fixture.output.0,
            outputHeight: fixture.output.1
        )
        let result = resampler(pattern)
        #expect(result.count == fixture.values.count)
        #expect(zip(result, fixture.values).allSatisfy { abs($0 - $1) < 2e-6 })
    }

    static let shapes = [(400, 300), (301, 517), (128, 128), (64, 48), (1000, 37), (607, 599), (1, 1), (3, 700)]

    @Test(arguments: shapes) func centersTheSource(width: Int, height: Int) {
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: 128)
        #expect(abs(box.scale - 128 / Double(max(width, height))) < 1e-12)
        let center = box.canvasPosition(x: Double(width) / 2, y: Double(height) / 2)
        // A content of odd width in an even canvas is half a pixel off.
        #expect(abs(center.x - 64) <= 0.5 && abs(center.y - 64) <= 0.5)
        let back = box.sourcePosition(x: center.x, y: center.y)
        #expect(abs(back.x - Double(width) / 2) < 1e-9 && abs(back.y - Double(height) / 2) < 1e-9)
        #expect(box.content.width >= 1 && box.content.x >= 0 && box.content.x + box.content.width <= 128)
        #expect(box.content.height >= 1 && box.content.y >= 0 && box.content.y + box.content.height <= 128)
    }

    @Test(arguments: [(400, 300), (301, 517), (128, 128), (90, 64), (607, 599)])
    func discStaysADiscWhereItWas(width: Int, height: Int) {
        let radius = Double(min(width, height)) * 0.3
        let (centerX, centerY) = (Double(width) * 0.45, Double(height) * 0.55)
        let mask = disc(width: width, height: height, centerX: centerX, centerY: centerY, radius: radius)
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: 128)
        let moments = Moments(box.resize(mask), width: 128)
        let expected = box.canvasPosition(x: centerX, y: centerY)
        #expect(abs(moments.x - expected.x) < 0.1)
        #expect(abs(moments.y - expected.y) < 0.1)
        #expect(abs((moments.yy / moments.xx).squareRoot() - 1) < 0.01)
        #expect(abs(moments.area / (Double(mask.area) * box.scale * box.scale) - 1) < 0.01)
    }

    @Test(arguments: [(400, 300), (301, 517), (128, 128), (90, 64), (607, 599)])
    func maskSurvivesTheRoundTrip(width: Int, height: Int) {
        let mask = disc(
            width: width,
            height: height,
            centerX: Double(width) * 0.4,
            centerY: Double(height) * 0.5,
            radius: Double(min(width, height)) * 0.22
        )
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: 128)
        #expect(dice(mask, box.restoreMask(box.resize(mask))) > 0.97)
    }

    @Test(arguments: shapes) func uniformImageStaysUniform(width: Int, height: Int) {
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: 96)
        let canvas = box.resize(GrayImage(width: width, height: height, repeating: 0.7))
        let coverage = box.coverage
        #expect(zip(canvas, coverage).allSatisfy { abs($0 - 0.7 * $1) < 1e-5 })
        // Padding does not bleed into the source's border.
        let restored = box.restore(canvas)
        #expect(restored.count == width * height)
        #expect(restored.allSatisfy { abs($0 - 0.7) < 1e-5 })
    }

    @Test func runLengthsKeepTheMask() {
        var masks = [Mask(emptyWithWidth: 5, height: 3), Mask(width: 2, height: 2, pixels: [1, 1, 1, 1])]
        masks.append(Mask(width: 31, height: 7, pixels: randomPlane(217, "runs").map { $0 > 0.5 ? 1 : 0 }))
        for mask in masks {
            let runs = RunLengthMask(mask)
            #expect(runs.mask == mask)
            #expect(runs.area == mask.area)
            #expect(runs.isEmpty == mask.isEmpty)
        }
    }
}
