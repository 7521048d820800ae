import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("What a file stores, and what it shows")
struct StoredValueTests {
    private let decoder = StandardImageDecoder()

    /// A gray PNG of 8 bits, row by row.
    private func gray(_ rows: [[UInt16]]) throws -> Data {
        try PNG.encode(
            PNGImage(
                width: rows[0].count,
                height: rows.count,
                channels: .gray,
                bitDepth: 8,
                samples: rows.flatMap { $0 }
            )
        )
    }

    private func lesion(_ file: Data, _ rule: MaskRule) throws -> [Int] {
        let mask = try PNG.decode(file).mask(by: rule)
        return mask.pixels.indices.filter { mask.pixels[$0] == 1 }
    }

    @Test("labels and values but 0 are palette indices, bright is their color")
    func palettes() throws {
        let file = palettePNG(
            try gray([[0, 1, 2], [3, 1, 0]]),
            palette: [[255, 255, 255], [0, 0, 0], [128, 0, 0], [64, 0, 0]]
        )
        #expect(try lesion(file, .labels([1])) == [1, 4] && lesion(file, .labels([2, 3])) == [2, 3])
        #expect(try lesion(file, .nonzero) == [1, 2, 3, 4])
        #expect(try lesion(file, .bright) == [0, 2, 5])
        let gray = try PNG.decode(file).gray
        #expect(gray.pixels[0] == 1 && gray.pixels[1] == 0)
        let stored = StoredMask(try PNG.decode(file))
        #expect(stored.values.map(\.name) == ["0", "1", "2", "3"] && stored.kind == "palette indices")
        #expect(stored.values.map(\.isNothing) == [false, true, false, false])
        #expect(stored.plane == [0, 1, 2, 3, 1, 0])
    }

    @Test("labels are levels as stored, where white is zero and where a level is transparent")
    func levels() throws {
        for orientation in [false, true] {
            var image = TIFFImage(width: 3, height: 1, samples: .unsigned8([255, 254, 0]))
            image.isInverted = orientation
            let mask = try image.mask(by: .labels([1]))
            #expect(mask.pixels == (orientation ? [0, 1, 0] : [0, 0, 0]))
            #expect(try image.mask(by: .nonzero).pixels == (orientation ? [0, 1, 1] : [1, 1, 0]))
            #expect(try image.mask(by: .bright).pixels == [1, 1, 0])
            let values = StoredMask(image).values
            #expect(values.map(\.name) == (orientation ? ["0", "1", "255"] : ["0", "254", "255"]))
            #expect(values.map(\.isNothing) == (orientation ? [false, false, true] : [true, false, false]))
        }
        // One bit with a transparent level is widened to 8 for its alpha, but not its labels.
        let builder = PNGBuilder(colorType: 0, bitDepth: 1, hasTransparency: true)
        let file = Data(builder.bytes())
        let ones = (0..<99).filter { builder.sample(x: $0 % 11, y: $0 / 11, channel: 0) == 1 }
        #expect(try lesion(file, .labels([1])) == ones && lesion(file, .labels([255])) == [])
    }

    @Test("masks say what they hold, in whatever kind of file")
    func content() throws {
        func values(_ image: PNGImage) -> [StoredMask.Value] { StoredMask(image).values }
        let deep = PNGImage(width: 2, height: 2, channels: .gray, bitDepth: 16, samples: [0, 255, 255, 0])
        #expect(values(deep).map(\.name) == ["0", "255"] && values(deep).map(\.count) == [2, 2])
        #expect(StoredMask(deep).kind == "gray levels of 16 bits")
        let colors = PNGImage(width: 3, height: 1, channels: .rgb, bitDepth: 8, samples: [0, 0, 0, 255, 0, 0, 1, 1, 1])
        #expect(values(colors).map(\.name) == ["0", "1", "#ff0000"] && values(colors).map(\.number) == [0, 1, nil])
        let clear = PNGImage(
            width: 2,
            height: 1,
            channels: .rgbAlpha,
            bitDepth: 8,
            samples: [255, 255, 255, 0, 255, 255, 255, 75]
        )
        #expect(values(clear).map(\.isNothing).sorted { $0 && !$1 } == [true, false])
        let picture = PNGImage(width: 300, height: 1, channels: .gray, bitDepth: 16, samples: (0..<300).map { $0 })
        #expect(values(picture).isEmpty && StoredMask(picture).plane.isEmpty)
        let floats = TIFFImage(width: 3, height: 1, samples: .float32([0, 1, 0.5]))
        #expect(StoredMask(floats).values.map(\.name) == ["0", "1", "0.5"])
    }

    /// Where the pixels of a 3×2 image are seen, by orientation: Adobe's table in TIFF 6.0.
    @Test(
        "the orientation of eXIf is applied as that of a TIFF",
        arguments: [
            (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]), (4, [4, 5, 6, 1, 2, 3]),
            (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]), (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]),
            (9, [1, 2, 3, 4, 5, 6]),
        ]
    )
    func orientation(number: Int, seen: [UInt16]) throws {
        let stored = try gray([[1, 2, 3], [4, 5, 6]])
        let file = png(stored, adding: "eXIf", orientationProfile(UInt8(number)))
        let image = try PNG.decode(file)
        let isTurned = (5...8).contains(number)
        #expect(image.width == (isTurned ? 2 : 3) && image.height == (isTurned ? 3 : 2))
        #expect(image.samples == seen)
        // Labels turn with their picture.
        let labels = palettePNG(file, palette: (0..<7).map { [UInt8($0), 0, 0] })
        #expect(try lesion(labels, .labels([2])) == [seen.firstIndex(of: 2)])
    }

    @Test("an eXIf chunk that is damaged anywhere leaves the image as stored, and traps nowhere")
    func damagedProfiles() throws {
        let stored = try gray([[1, 2, 3], [4, 5, 6]])
        let profile = orientationProfile(6)
        for count in 0..<profile.count {
            let image = try PNG.decode(png(stored, adding: "eXIf", Array(profile.prefix(count))))
            #expect(image.width == 3 || count >= 20)
        }
        var stream = RandomStream(seed: 3, "eXIf")
        for _ in 0..<2000 {
            var damaged = profile
            for _ in 0..<2 { damaged[stream.index(below: damaged.count)] = UInt8(stream.index(below: 256)) }
            _ = try? PNG.decode(png(stored, adding: "eXIf", damaged))
        }
    }

    @Test("a picture of an absurd side is refused before anything is made of it")
    func sides() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "wide.png")
            let wide = PNGImage(
                width: 40_000,
                height: 2,
                channels: .gray,
                bitDepth: 8,
                samples: Array(repeating: 0, count: 80_000)
            )
            try PNG.write(wide, to: file)
            #expect(message { _ = try decoder.grayImage(at: file.path) }.contains("wide.png: the image is 40000×2 px"))
            #expect(message { _ = try decoder.storedMask(at: file.path) }.contains("are not read"))
        }
    }

    @Test("a TIFF directory of thousands of tags is refused at once")
    func tags() throws {
        var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
        let count = 20_000
        bytes += [UInt8(count & 255), UInt8(count >> 8)]
        for tag in 0..<count {
            bytes += [UInt8((300 + tag) & 255), UInt8((300 + tag) >> 8), 3, 0, 1, 0, 0, 0, 1, 0, 0, 0]
        }
        bytes += [0, 0, 0, 0]
        let text = message { _ = try TIFF.decode(Data(bytes), name: "tags.tif") }
        #expect(text.contains("tags.tif: the TIFF cannot be used: the directory of page 1 has 20000 tags"))
    }
}
