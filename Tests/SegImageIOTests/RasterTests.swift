import Foundation
import SegCore
import SegImageIO
import Testing

/// Fixtures beside PNGs of what another program reads in them, see `Generators/generate_raster.py`.
@Suite("JPEG and BMP")
struct RasterTests {
    private static func bytes(_ path: String) throws -> Data { try Data(contentsOf: fixtures.appending(path: path)) }

    /// The largest difference of two images of one size in levels.
    private static func difference(_ first: PNGImage, _ second: PNGImage) throws -> Int {
        try #require(first.width == second.width && first.height == second.height)
        try #require(first.channels == second.channels && first.bitDepth == second.bitDepth)
        return zip(first.samples, second.samples).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }

    @Test(
        "A JPEG has the samples that Pillow reads, turned as its profile says",
        arguments: [
            "gray", "gray-progressive", "gray-coarse", "color", "color-420", "color-422-progressive", "color-turned",
        ]
    )
    func jpeg(name: String) throws {
        let image = try JPEG.decode(Self.bytes("JPEG/\(name).jpg"))
        let expected = try PNG.decode(Self.bytes("JPEG/\(name).png"))
        #expect(try Self.difference(image, expected) == 0)
        #expect(image.width == (name == "color-turned" ? 14 : 21))
    }

    @Test(
        "A BMP has the samples that Pillow reads",
        arguments: ["bits1", "bits4", "bits16", "bits565", "gray", "palette", "color", "alpha", "downwards"]
    )
    func bmp(name: String) throws {
        let image = try BMP.decode(Self.bytes("BMP/\(name).bmp"))
        let expected = try PNG.decode(Self.bytes("BMP/\(name).png"))
        var same = expected
        if expected.bitDepth == 1 {
            let samples = expected.samples.map { $0 * 255 }
            same = PNGImage(
                width: expected.width,
                height: expected.height,
                channels: .gray,
                bitDepth: 8,
                samples: samples
            )
        }
        // Five bits become eight by rounding here and by cutting off there.
        #expect(try Self.difference(image, same) <= (name.hasPrefix("bits16") || name == "bits565" ? 1 : 0))
    }

    @Test("A label in a BMP is what the file stores: the index of a palette")
    func storedIndices() throws {
        let image = try BMP.decode(Self.bytes("BMP/bits4.bmp"))
        let stored = try #require(image.stored)
        #expect(stored.palette.count == 16 && stored.values.allSatisfy { $0 < 16 })
        #expect(zip(stored.values, 0...).allSatisfy { image.samples[3 * $1] == UInt16(stored.palette[Int($0)][0]) })
        #expect(try BMP.decode(Self.bytes("BMP/gray.bmp")).stored == nil)
    }

    @Test("The decoder reads them by their first bytes, whatever they are called, as images and as masks")
    func decoder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "raster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let decoder = StandardImageDecoder()
        for (path, kind) in [("JPEG/color-420", "jpg"), ("BMP/color", "bmp")] {
            let file = folder.appending(path: "image.\(kind == "jpg" ? "png" : "dat")")
            try Self.bytes("\(path).\(kind)").write(to: file)
            let expected = try decoder.grayImage(at: fixtures.appending(path: "\(path).png").path)
            #expect(try decoder.grayImage(at: file.path) == expected)
            #expect(try decoder.colorChannels(at: file.path).count == 3)
            let error = #expect(throws: SegmentationError.self) { try decoder.grayImage(at: "\(file.path)#page=2") }
            #expect(error?.problem.hasSuffix(" has one page only") == true)
        }
        let mask = try decoder.mask(at: fixtures.appending(path: "BMP/bits1.bmp").path)
        #expect(try mask == decoder.mask(at: fixtures.appending(path: "BMP/bits1.png").path))
        // What a JPEG makes of a mask has more values than a mask has.
        let stored = try decoder.storedMask(at: fixtures.appending(path: "JPEG/gray.jpg").path)
        #expect((stored?.values.count ?? 0) > 16)
    }

    @Test("What is not read is refused by name: for print, compressed, cut short, larger than it can be")
    func refusals() throws {
        func problem(_ decode: () throws -> PNGImage) -> String {
            do { return "\(try decode().width)" } catch { return "\(error)" }
        }
        #expect(
            problem { try JPEG.decode(Self.bytes("JPEG/print.jpg"), name: "a.jpg") }
                .hasPrefix("a.jpg: the JPEG cannot be decoded: it has 4 components, as files for print have")
        )
        #expect(
            problem { try BMP.decode(Self.bytes("BMP/compressed.bmp"), name: "a.bmp") }
                == "a.bmp: the BMP cannot be decoded: it is compressed (kind 1); save it without compression, or convert it to PNG"
        )
        for (path, decode) in [("JPEG/color.jpg", JPEG.decode), ("BMP/color.bmp", BMP.decode)] {
            let whole = try Self.bytes(path)
            #expect(
                problem { try decode(whole, "a", 293) }.contains("promises 21 x 14 px, more than the limit of 293 px")
            )
            // The last two bytes of a JPEG are its end, without which all pixels are there.
            for length in 3..<(whole.count - 2) {
                let text = problem { try decode(whole.prefix(length), "a", 1 << 20) }
                #expect(text.hasPrefix("a: ") && text.contains("; "), "\(length): \(text)")
            }
            #expect(problem { try decode(Data("no picture".utf8), "a", 1 << 20) }.contains("its first bytes are wrong"))
        }
        // 65,500 px squared in some hundred bytes.
        var large = [UInt8](try Self.bytes("JPEG/gray.jpg"))
        let frame = try #require(large.indices.first { large[$0] == 0xFF && large[$0 + 1] == 0xC0 })
        for place in [5, 7] { large.replaceSubrange((frame + place)..<(frame + place + 2), with: [0xFF, 0xDC]) }
        #expect(problem { try JPEG.decode(Data(large), name: "a", maximumPixels: .max) }.contains("but it holds only"))
        var tall = [UInt8](try Self.bytes("BMP/color.bmp"))
        tall.replaceSubrange(18..<26, with: [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0x80])
        #expect(problem { try BMP.decode(Data(tall), name: "a", maximumPixels: .max) }.contains("but it holds only"))
    }
}
