import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("Writing TIFF")
struct TIFFWriteTests {
    /// Scattered samples of every format and of the depths that are not whole bytes.
    static func pages(width: Int, height: Int, channels: TIFFImage.Channels) -> [TIFFImage] {
        let numbers = (0..<(width * height * channels.count)).map {
            UInt32(truncatingIfNeeded: $0 &* 2_654_435_761 + 7)
        }
        func page(_ samples: TIFFImage.Samples, bitDepth: Int? = nil) -> TIFFImage {
            TIFFImage(width: width, height: height, channels: channels, samples: samples, bitDepth: bitDepth)
        }
        return [
            page(.unsigned8(numbers.map { UInt8($0 >> 24) })), page(.unsigned16(numbers.map { UInt16($0 >> 16) })),
            page(.unsigned32(numbers)), page(.signed8(numbers.map { Int8(truncatingIfNeeded: $0 >> 9) })),
            page(.signed16(numbers.map { Int16(truncatingIfNeeded: $0 >> 9) })),
            page(.signed32(numbers.map { Int32(bitPattern: $0) })),
            page(.float32(numbers.map { Float($0) / 0x1p32 })),
            page(.float64(numbers.map { Double($0) / 4_294_967_295 })),
        ]
            + [1, 2, 3, 4, 5, 7].map { depth in
                page(.unsigned8(numbers.map { UInt8($0 >> (32 - depth)) }), bitDepth: depth)
            }
            + [9, 10, 12, 15].map { depth in
                page(.unsigned16(numbers.map { UInt16($0 >> (32 - depth)) }), bitDepth: depth)
            }
    }

    @Test(
        "what is written is read, and written again it is the same bytes",
        arguments: TIFF.Compression.allCases,
        TIFFImage.Channels.allCases
    )
    func roundTrip(compression: TIFF.Compression, channels: TIFFImage.Channels) throws {
        for (width, height) in [(1, 1), (13, 5), (300, 90)] {
            for page in Self.pages(width: width, height: height, channels: channels) {
                let bytes = try TIFF.encode(page, compression: compression)
                #expect(try TIFF.decode(bytes) == page)
                #expect(try TIFF.encode(page, compression: compression) == bytes)
            }
        }
    }

    @Test("pages of all kinds share a file, also in the BigTIFF format", arguments: [false, true])
    func severalPages(isBig: Bool) throws {
        let pages = TIFFImage.Channels.allCases.flatMap { Self.pages(width: 5, height: 4, channels: $0) }
        let bytes = try TIFF.encode(pages, isBig: isBig)
        #expect(Array(bytes.prefix(4)) == [0x49, 0x49, isBig ? 0x2B : 0x2A, 0])
        #expect(try TIFF.pageCount(of: bytes) == pages.count)
        for (index, page) in pages.enumerated() { #expect(try TIFF.decode(bytes, page: index + 1) == page) }
    }

    @Test("palettes and premultiplied alpha survive")
    func palettes() throws {
        let colors = (0..<16).map { UInt16($0 * 4001) }
        let palette = TIFFImage.Palette(red: colors, green: colors.reversed(), blue: colors.map { $0 / 2 })
        let indexed = TIFFImage(
            width: 3,
            height: 1,
            samples: .unsigned8([0, 7, 15]),
            bitDepth: 4,
            palette: palette
        )
        #expect(try TIFF.decode(TIFF.encode(indexed)) == indexed)
        let premultiplied = TIFFImage(
            width: 1,
            height: 1,
            channels: .rgbAlpha,
            samples: .unsigned8([1, 2, 3, 4]),
            isPremultiplied: true
        )
        #expect(try TIFF.decode(TIFF.encode(premultiplied)) == premultiplied)
    }

    @Test("gray images, probability maps and masks survive")
    func values() throws {
        for bitDepth in [8, 16] {
            let full = Float((1 << bitDepth) - 1)
            let image = GrayImage(width: 2, height: 2, pixels: [0, 17 / full, 200 / full, 1], bitDepth: bitDepth)
            let page = TIFFImage(image)
            #expect(page.bitDepth == bitDepth)
            #expect(try TIFF.decode(TIFF.encode(page)).gray() == image)
        }
        let map = GrayImage(width: 3, height: 1, pixels: [0, 0.123_456_79, 1])
        #expect(try TIFF.decode(TIFF.encode(TIFFImage(map))).gray() == map)
        let mask = Mask(width: 11, height: 2, pixels: (0..<22).map { $0 % 3 == 0 ? 1 : 0 })
        for bitDepth in [1, 8] {
            #expect(try TIFF.decode(TIFF.encode(TIFFImage(mask, bitDepth: bitDepth))).mask() == mask)
        }
        let wild = GrayImage(width: 5, height: 1, pixels: [-1, 2, .nan, .infinity, 0.5])
        #expect(TIFFImage(wild, bitDepth: 8).samples == .unsigned8([0, 255, 0, 255, 128]))
        #expect(TIFFImage(wild, bitDepth: 16).samples == .unsigned16([0, 65535, 0, 65535, 32768]))
    }

    @Test("pixel spacing and the distance of slices survive")
    func spacing() throws {
        for spacing in [PixelSpacing(x: 0.07, y: 0.081_234), PixelSpacing(x: 2.5, y: 0.001)] {
            var page = TIFFImage(Mask(emptyWithWidth: 2, height: 2), pixelSpacing: spacing)
            page.sliceSpacing = 0.3
            let read = try TIFF.decode(TIFF.encode(page))
            let found = try #require(read.pixelSpacing)
            // Rationals of 32-bit numbers, through single precision.
            #expect(abs(found.x / spacing.x - 1) < 1e-6 && abs(found.y / spacing.y - 1) < 1e-6)
            #expect(abs((read.sliceSpacing ?? 0) - 0.3) < 1e-12)
        }
        for spacing in [nil, PixelSpacing(x: 0, y: 1), PixelSpacing(x: .nan, y: 1), PixelSpacing(x: 1, y: .infinity)] {
            var page = TIFFImage(Mask(emptyWithWidth: 2, height: 2), pixelSpacing: spacing)
            page.sliceSpacing = spacing?.x
            let read = try TIFF.decode(TIFF.encode(page))
            #expect(read.pixelSpacing == nil && (read.sliceSpacing ?? 1) == 1)
        }
    }

    @Test("a file is written completely, or the error names it")
    func files() throws {
        try withTemporaryFolder { folder in
            let page = TIFFImage(Mask(width: 2, height: 1, pixels: [1, 0]))
            let file = folder.appending(path: "mask.tif")
            try TIFF.write(page, to: file, compression: .lzw)
            #expect(try TIFF.read(file) == page)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mask.tif"])
            let lost = folder.appending(path: "none/mask.tif")
            let error = #expect(throws: SegmentationError.self) { try TIFF.write(page, to: lost) }
            #expect(error?.subject == lost.path && error?.problem.contains("does not exist") == true)
        }
    }
}
