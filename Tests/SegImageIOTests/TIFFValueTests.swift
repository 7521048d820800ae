import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("TIFF as gray and masks")
struct TIFFValueTests {
    private func image(
        _ samples: TIFFImage.Samples,
        _ channels: TIFFImage.Channels = .gray,
        bitDepth: Int? = nil,
        isPremultiplied: Bool = false
    ) -> TIFFImage {
        TIFFImage(
            width: samples.count / channels.count,
            height: 1,
            channels: channels,
            samples: samples,
            bitDepth: bitDepth,
            isPremultiplied: isPremultiplied
        )
    }

    @Test("integers span the full range of their depth")
    func integers() throws {
        #expect(try image(.unsigned8([0, 51, 255])).gray().pixels == [0, 0.2, 1])
        #expect(try image(.unsigned8([0, 1]), bitDepth: 1).gray().pixels == [0, 1])
        #expect(try image(.unsigned8([0, 3, 15]), bitDepth: 4).gray().pixels == [0, 0.2, 1])
        #expect(try image(.unsigned16([0, 819, 4095]), bitDepth: 12).gray().pixels == [0, 0.2, 1])
        #expect(try image(.unsigned16([0, 13107, 65535])).gray().pixels == [0, 0.2, 1])
        #expect(try image(.unsigned32([0, 858_993_459, .max])).gray().pixels == [0, 0.2, 1])
        #expect(try image(.signed8([-128, -77, 127])).gray().pixels == [0, 0.2, 1])
        #expect(try image(.signed16([.min, -19661, .max])).gray().pixels == [0, 0.2, 1])
        #expect(try image(.signed32([.min, .max])).gray().pixels == [0, 1])
        #expect(try image(.unsigned16([0, 1]), bitDepth: 12).gray().bitDepth == 12)
        #expect(try image(.float64([0, 1])).gray().bitDepth == 32)
    }

    @Test("a range of one's own makes its ends black and white, and clamps")
    func range() throws {
        let gray = try image(.unsigned16([0, 819, 4095, 65535])).gray(over: 0...4095)
        #expect(gray.pixels == [0, 0.2, 1, 1])
        #expect(try image(.float32([-10, 0, 45, 90, 300])).gray(over: 0...90).pixels == [0, 0, 0.5, 1, 1])
        #expect(try image(.signed16([-5, 0, 5, 10])).gray(over: 0...10).pixels == [0, 0, 0.5, 1])
    }

    @Test("floats are kept as they are, and outside 0...1 they are an error that names their range")
    func floats() throws {
        let values: [Float] = [0, 0.1, 1e-30, 0.7, 1]
        #expect(try image(.float32(values)).gray().pixels == values)
        #expect(try image(.float64([0, 0.25, 1])).gray().pixels == [0, 0.25, 1])
        #expect(
            message { _ = try image(.float32([0, 255])).gray(name: "a.tif") }
                == "a.tif: its floating-point values reach from 0.0 to 255.0, and 0…1 is black to white; divide them by "
                + "their full range, the same one for all images, or save 8- or 16-bit integers"
        )
        #expect(message { _ = try image(.float32([-0.5, 1])).mask() }.contains("from -0.5 to 1.0"))
        for value in [Float.nan, .infinity] {
            #expect(message { _ = try image(.float32([0, value])).gray() }.contains("not finite"))
            #expect(message { _ = try image(.float32([0, value])).gray(over: 0...1) }.contains("not finite"))
            #expect(message { _ = try image(.float32([0, value])).mask(by: .nonzero) }.contains("not finite"))
        }
    }

    @Test("gives the bits that PNG gives", arguments: [8, 16])
    func likePNG(bitDepth: Int) throws {
        let maximum = (1 << bitDepth) - 1
        for channels in TIFFImage.Channels.allCases {
            let values = (0..<(240 * channels.count)).map { UInt16(($0 * 40_503 + $0 / 7) & maximum) }
            let png = PNGImage(width: 24, height: 10, channels: channels, bitDepth: bitDepth, samples: values)
            let samples: TIFFImage.Samples = bitDepth == 8 ? .unsigned8(values.map { UInt8($0) }) : .unsigned16(values)
            let tiff = TIFFImage(width: 24, height: 10, channels: channels, samples: samples)
            #expect(try tiff.gray() == png.gray)
            for rule in [MaskRule.bright, .nonzero, .labels([0, 3, 200])] {
                #expect(try tiff.mask(by: rule) == png.mask(by: rule))
            }
        }
    }

    @Test("gray stored as color gives the bits of gray stored as gray")
    func grayAsColor() throws {
        let floats = (0..<1000).map { Float($0) / 999 }
        let gray = try image(.float32(floats)).gray()
        #expect(try image(.float32(floats.flatMap { [$0, $0, $0] }), .rgb).gray() == gray)
        let integers = (0..<1000).map { UInt32($0) * 4_299_262 }
        let colored = image(.unsigned32(integers.flatMap { [$0, $0, $0] }), .rgb)
        #expect(try colored.gray() == image(.unsigned32(integers)).gray())
    }

    @Test("colors that were multiplied with alpha are divided by it for gray, and are not multiplied again for masks")
    func premultiplied() throws {
        let samples = TIFFImage.Samples.unsigned8([100, 200, 100, 100, 0, 0, 200, 255])
        #expect(try image(samples, .grayAlpha, isPremultiplied: true).gray().pixels == [0.5, 1, 0, 200 / 255])
        let mask = TIFFImage.Samples.unsigned8([127, 127, 128, 128, 255, 255])
        #expect(try image(mask, .grayAlpha, isPremultiplied: true).mask().pixels == [0, 1, 1])
        #expect(try image(mask, .grayAlpha).mask().pixels == [0, 0, 1])
    }

    @Test("masks by every rule")
    func masks() throws {
        #expect(try image(.unsigned8([0, 1]), bitDepth: 1).mask().pixels == [0, 1])
        #expect(try image(.unsigned16([0, 32767, 32768])).mask().pixels == [0, 0, 1])
        #expect(try image(.signed8([-128, 0, 63, 64, 127])).mask().pixels == [0, 0, 0, 1, 1])
        #expect(try image(.float32([0, 0.5, 0.51, 1])).mask().pixels == [0, 0, 1, 1])
        #expect(try image(.unsigned32([0, 1, 2, .max])).mask(by: .nonzero).pixels == [0, 1, 1, 1])
        #expect(try image(.signed32([-1, 0, 1, 2])).mask(by: .labels([-1, 2])).pixels == [1, 0, 0, 1])
        #expect(try image(.float64([0, 1, 1.5, 2])).mask(by: .labels([1, 2])).pixels == [0, 1, 0, 1])
    }

    @Test("palette indices are colors for gray and masks, and labels for label rules")
    func palettes() throws {
        let palette = TIFFImage.Palette(
            red: [0, 65535, 0, 257],
            green: [0, 0, 65535, 257],
            blue: [0, 0, 0, 257]
        )
        let page = TIFFImage(
            width: 4,
            height: 1,
            samples: .unsigned8([3, 2, 1, 0]),
            bitDepth: 2,
            palette: palette
        )
        #expect(try page.gray().pixels == [1 / 255, 0.587, 0.299, 0])
        #expect(try page.gray().bitDepth == 8)
        #expect(try page.mask().pixels == [0, 1, 1, 0])
        #expect(try page.mask(by: .nonzero).pixels == [1, 1, 1, 0])
        #expect(try page.mask(by: .labels([1, 3])).pixels == [1, 0, 1, 0])
    }
}
