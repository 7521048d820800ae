import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("Color pictures")
struct ColorImageTests {
    @Test("a gray image becomes equal components, and pixels can be read and set")
    func fromGray() {
        var picture = ColorImage(GrayImage(width: 2, height: 1, pixels: [0, 1]))
        #expect(picture.components == [0, 0, 0, 255, 255, 255])
        picture[1, 0] = .init(red: 1, green: 2, blue: 3)
        #expect(picture[1, 0] == .init(red: 1, green: 2, blue: 3))
        #expect(picture[0, 0] == .black)
    }

    @Test("a fill tints only the lesion")
    func fill() {
        var picture = ColorImage(width: 2, height: 1, color: .init(red: 100, green: 100, blue: 100))
        picture.fill(
            Mask(width: 2, height: 1, pixels: [0, 1]),
            with: .init(red: 200, green: 0, blue: 100),
            opacity: 0.25
        )
        #expect(picture.components == [100, 100, 100, 125, 75, 100])
    }

    @Test("a contour is the inner boundary", arguments: [(1, 16), (2, 24), (3, 25), (9, 25)])
    func contour(thickness: Int, expected: Int) {
        var mask = Mask(emptyWithWidth: 9, height: 9)
        for y in 2..<7 { for x in 2..<7 { mask[x, y] = true } }
        var picture = ColorImage(width: 9, height: 9)
        picture.drawContour(of: mask, color: .white, thickness: thickness)
        let drawn = (0..<81).filter { picture[$0 % 9, $0 / 9] == .white }
        #expect(drawn.count == expected)
        #expect(drawn.allSatisfy { mask[$0 % 9, $0 / 9] })
    }

    @Test("a lesion that reaches the edge is closed there")
    func contourAtEdge() {
        var picture = ColorImage(width: 4, height: 4)
        picture.drawContour(of: Mask(width: 4, height: 4, pixels: Array(repeating: 1, count: 16)), color: .white)
        #expect(picture[0, 2] == .white && picture[3, 3] == .white)
        #expect(picture[1, 1] == .black && picture[2, 2] == .black)
    }

    @Test("an overlay leaves the background alone and shows both masks")
    func overlay() {
        let base = ColorImage(width: 8, height: 8)
        var truth = Mask(emptyWithWidth: 8, height: 8)
        var prediction = truth
        truth[2, 2] = true
        prediction[5, 5] = true
        let drawn = base.overlaid(truth: truth, prediction: prediction)
        #expect(drawn[2, 2] == .truth && drawn[5, 5] == .prediction && drawn[0, 0] == .black)
        #expect(base.overlaid(truth: nil, prediction: nil) == base)
    }

    @Test("nearest scaling copies pixels, bilinear keeps constants and means")
    func scaling() {
        var picture = ColorImage(width: 2, height: 1)
        picture[1, 0] = .white
        let nearest = picture.scaled(toWidth: 4, height: 2, by: .nearest)
        #expect((0..<4).map { nearest[$0, 1].red } == [0, 0, 255, 255])
        let bilinear = picture.scaled(toWidth: 4, height: 1, by: .bilinear)
        #expect((0..<4).map { bilinear[$0, 0].red } == [0, 64, 191, 255])
        let constant = ColorImage(width: 5, height: 7, color: .truth)
        #expect(
            constant.scaled(toWidth: 3, height: 11, by: .bilinear) == ColorImage(width: 3, height: 11, color: .truth)
        )
        #expect(picture.scaled(toWidth: 2, height: 1, by: .bilinear) == picture)
    }

    @Test("fitting keeps proportions and never enlarges")
    func fitting() {
        let wide = ColorImage(width: 400, height: 100).fitted(into: 200)
        #expect(wide.width == 200 && wide.height == 50)
        #expect(ColorImage(width: 30, height: 10).fitted(into: 200).width == 30)
        #expect(ColorImage(width: 1000, height: 1).fitted(into: 100).height == 1)
    }

    @Test("tiling puts pictures where they belong")
    func tiling() {
        let small = ColorImage(width: 2, height: 1, color: .truth)
        let large = ColorImage(width: 3, height: 2, color: .prediction)
        let sheet = ColorImage.tiled([small, large, small], columns: 2, spacing: 1, background: .white)
        #expect(sheet.width == 7 && sheet.height == 5)
        #expect(sheet[0, 0] == .truth && sheet[2, 0] == .white && sheet[0, 1] == .white)
        #expect(sheet[4, 0] == .prediction && sheet[6, 1] == .prediction && sheet[3, 0] == .white)
        #expect(sheet[1, 3] == .truth && sheet[4, 3] == .white)
        let row = ColorImage.sideBySide([small, small], spacing: 0)
        #expect(row.width == 4 && row.height == 1)
    }

    @Test("a picture survives the way to a file and back")
    func file() throws {
        try withTemporaryFolder { folder in
            var picture = ColorImage(width: 5, height: 4, color: .truth)
            picture[4, 3] = .prediction
            let file = folder.appendingPathComponent("overlay.png")
            try picture.write(to: file)
            let read = try PNG.read(file)
            #expect(read.channels == .rgb && read.bitDepth == 8)
            #expect(read.samples.map(UInt8.init) == picture.components)
            #expect(try picture.pngData() == Data(contentsOf: file))
        }
    }

    /// A ramp of gray levels, then pixels of further colors.
    private func picture(grays: Int, tints: Int) -> ColorImage {
        var picture = ColorImage(width: grays + tints, height: 2)
        for x in 0..<(grays + tints) {
            let level = UInt8(truncatingIfNeeded: x)
            picture[x, 0] =
                x < grays ? .init(red: level, green: level, blue: level) : .init(red: 255, green: level, blue: 7)
            picture[x, 1] = picture[x, 0]
        }
        return picture
    }

    /// PNG's color types: 2 for red, green and blue, 3 for a palette.
    @Test(
        "pictures of up to 256 colors become a palette, others stay as they are, and all are read back to the bit",
        arguments: [(254, 2, 3), (256, 0, 3), (256, 1, 2), (10, 33, 2), (1, 1, 3)]
    )
    func palette(grays: Int, tints: Int, colorType: UInt8) throws {
        let picture = picture(grays: grays, tints: tints)
        let data = try picture.pngData()
        #expect(data[data.startIndex + 25] == colorType)
        let read = try PNG.decode(data)
        #expect(read.channels == .rgb && read.width == picture.width && read.height == 2)
        #expect(read.samples.map(UInt8.init) == picture.components)
    }

    @Test("a contour is what lies within so many steps of the background, wherever the lesion is", arguments: 0..<20)
    func contourOfAnyMask(seed: UInt64) {
        var stream = RandomStream(seed: seed, "contour")
        let (width, height) = (Int.random(in: 1...14, using: &stream), Int.random(in: 1...14, using: &stream))
        let share = Double.random(in: 0...1, using: &stream)
        let pixels = (0..<(width * height)).map { _ in Double.random(in: 0..<1, using: &stream) < share ? UInt8(1) : 0 }
        let mask = Mask(width: width, height: height, pixels: pixels)
        func isLesion(_ x: Int, _ y: Int) -> Bool {
            (0..<width).contains(x) && (0..<height).contains(y) && mask[x, y]
        }
        for thickness in 0...3 {
            var picture = ColorImage(width: width, height: height)
            picture.drawContour(of: mask, color: .white, thickness: thickness)
            for y in 0..<height {
                for x in 0..<width {
                    var isNear = false
                    for dy in -thickness...thickness {
                        let reach = thickness - abs(dy)
                        for dx in -reach...reach where !isLesion(x + dx, y + dy) { isNear = true }
                    }
                    #expect((picture[x, y] == .white) == (mask[x, y] && isNear && thickness > 0))
                }
            }
        }
    }
}
