import Foundation
import SegCore
import SegImageIO
import Testing

@Suite("PNG")
struct PNGTests {
    @Test("decodes every color type, depth, interlacing and transparency", arguments: PNGBuilder.all)
    func decodes(_ builder: PNGBuilder) throws {
        let image = try PNG.decode(Data(builder.bytes()))
        let expected = builder.expected
        #expect(image.width == builder.width && image.height == builder.height)
        #expect(image.channels.count == expected.channels)
        #expect(image.bitDepth == expected.bitDepth)
        #expect(image.samples == expected.samples)
    }

    @Test("the list of builders covers all fifteen formats")
    func coverage() {
        #expect(PNGBuilder.all.count == 52)
        #expect(Set(PNGBuilder.all.map { [$0.colorType, $0.bitDepth] }).count == 15)
    }

    @Test(
        "encoding and decoding gives the image back",
        arguments: [(1, 1), (1, 2), (1, 4), (1, 8), (1, 16), (2, 8), (2, 16), (3, 8), (3, 16), (4, 8), (4, 16)]
    )
    func roundTrip(channels: Int, bitDepth: Int) throws {
        for (width, height) in [(1, 1), (7, 3), (64, 33)] {
            let channels = try #require(PNGImage.Channels(rawValue: channels))
            let levels = 1 << bitDepth
            let samples = (0..<(width * height * channels.count)).map { place -> UInt16 in
                UInt16((place * 40_503 + 7) % levels)
            }
            let image = PNGImage(width: width, height: height, channels: channels, bitDepth: bitDepth, samples: samples)
            let bytes = try PNG.encode(image)
            #expect(try PNG.decode(bytes) == image)
            #expect(try PNG.encode(image) == bytes)
        }
    }

    @Test("gives data with an offset and data slices the same pixels")
    func slicedData() throws {
        let bytes = Data(PNGBuilder.all[3].bytes())
        let padded = Data([1, 2, 3]) + bytes
        #expect(try PNG.decode(padded.dropFirst(3)) == PNG.decode(bytes))
    }

    @Test("every truncation is an error that names the file and a cure")
    func truncations() throws {
        let bytes = PNGBuilder(colorType: 6, bitDepth: 8).bytes()
        for count in stride(from: 0, to: bytes.count, by: 3) {
            let error = #expect(throws: SegmentationError.self) {
                try PNG.decode(Data(bytes[..<count]), name: "case001.png")
            }
            #expect(error?.subject == "case001.png")
            #expect(error?.cure.isEmpty == false)
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test("500 random corruptions of each kind never crash", arguments: [false, true])
    func corruptions(withValidChecksums: Bool) {
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var failures = 0
        for index in 0..<500 {
            let builder = PNGBuilder.all[index % PNGBuilder.all.count]
            var bytes = builder.bytes { stream in
                guard withValidChecksums else { return }
                for _ in 0...random(3) { stream[random(stream.count)] = UInt8(random(256)) }
                if random(4) == 0 { stream.removeLast(random(stream.count)) }
            }
            if !withValidChecksums {
                for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
            }
            do {
                let image = try PNG.decode(Data(bytes))
                let maximum = image.maximumSample
                #expect(image.samples.allSatisfy { $0 <= maximum })
            } catch {
                #expect(error is SegmentationError)
                failures += 1
            }
        }
        #expect(failures > 250)
    }

    @Test("absurd headers are refused before memory is taken")
    func absurdHeaders() {
        func file(width: Int, height: Int) -> Data {
            let header = bigEndian(width) + bigEndian(height) + [8, 6, 0, 0, 0]
            let idat = chunk("IDAT", [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])
            return Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + idat)
        }
        let huge = #expect(throws: SegmentationError.self) { try PNG.decode(file(width: 1 << 30, height: 1 << 30)) }
        #expect(huge?.problem.contains("more than the limit of") == true)
        let hollow = #expect(throws: SegmentationError.self) { try PNG.decode(file(width: 4000, height: 4000)) }
        #expect(hollow?.problem.contains("holds only") == true)
        let strict = #expect(throws: SegmentationError.self) {
            try PNG.decode(Data(PNGBuilder(colorType: 0, bitDepth: 8).bytes()), maximumPixels: 98)
        }
        #expect(strict?.problem.contains("limit of 98 px") == true)
        #expect(throws: SegmentationError.self) { try PNG.decode(file(width: 0, height: 5)) }
    }

    @Test(
        "names what a file is that is no PNG",
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], "JPEG"), ([], "empty"), ([0x50, 0x4B, 3, 4], "zip"), ([1, 2], "first bytes"),
        ]
    )
    func otherFormats(bytes: [UInt8], word: String) {
        let error = #expect(throws: SegmentationError.self) { try PNG.decode(Data(bytes), name: "a.png") }
        #expect(error?.problem.contains(word) == true)
    }
}
