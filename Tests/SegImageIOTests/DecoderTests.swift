import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("Gray images and masks from files")
struct DecoderTests {
    @Test("color becomes Rec. 601 luma, and alpha is ignored")
    func luma() {
        let image = PNGImage(
            width: 4,
            height: 1,
            channels: .rgbAlpha,
            bitDepth: 8,
            samples: [255, 0, 0, 0, 0, 255, 0, 9, 0, 0, 255, 255, 255, 255, 255, 1]
        )
        #expect(image.gray.pixels == [0.299, 0.587, 0.114, 1])
    }

    @Test("gray stored as color gives the bits of gray stored as gray", arguments: [8, 16])
    func grayAsColor(bitDepth: Int) {
        let maximum = (1 << bitDepth) - 1
        let values = (0..<256).map { step -> UInt16 in UInt16(step * maximum / 255) }
        let gray = PNGImage(width: 16, height: 16, channels: .gray, bitDepth: bitDepth, samples: values)
        let color = PNGImage(
            width: 16,
            height: 16,
            channels: .rgb,
            bitDepth: bitDepth,
            samples: values.flatMap { value -> [UInt16] in [value, value, value] }
        )
        #expect(gray.gray == color.gray)
        #expect(gray.gray.pixels.first == 0 && gray.gray.pixels.last == 1)
    }

    @Test("depths below 8 bits span the whole range", arguments: [1, 2, 4])
    func shallow(bitDepth: Int) {
        let maximum = UInt16((1 << bitDepth) - 1)
        let image = PNGImage(width: 2, height: 1, channels: .gray, bitDepth: bitDepth, samples: [0, maximum])
        #expect(image.gray.pixels == [0, 1])
        #expect(image.mask.pixels == [0, 1])
    }

    @Test("a mask is the brightest channel times alpha above one half, or what its rule says")
    func masks() {
        func mask(_ channels: PNGImage.Channels, _ samples: [UInt16], bitDepth: Int = 8) -> [UInt8] {
            let count = samples.count / channels.count
            return PNGImage(width: count, height: 1, channels: channels, bitDepth: bitDepth, samples: samples).mask
                .pixels
        }
        #expect(mask(.gray, [0, 127, 128, 255]) == [0, 0, 1, 1])
        #expect(mask(.gray, [32767, 32768], bitDepth: 16) == [0, 1])
        // White with alpha 75, as in a published mask, is background; so is anything fully transparent.
        #expect(mask(.rgbAlpha, [255, 255, 255, 255, 255, 255, 255, 75, 255, 255, 255, 0]) == [1, 0, 0])
        #expect(mask(.grayAlpha, [255, 127, 255, 128, 180, 180, 181, 181]) == [0, 1, 0, 1])
        // Masks may be colored by class, also in blue, which is dark as a gray.
        #expect(mask(.rgb, [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 127, 80]) == [0, 1, 1, 1, 0])

        let labels = PNGImage(width: 4, height: 1, channels: .gray, bitDepth: 8, samples: [0, 1, 2, 255])
        #expect(labels.mask(by: .bright).pixels == [0, 0, 0, 1])
        #expect(labels.mask(by: .nonzero).pixels == [0, 1, 1, 1])
        #expect(labels.mask(by: .labels([1, 2])).pixels == [0, 1, 1, 0])
        let colors = PNGImage(width: 2, height: 1, channels: .rgb, bitDepth: 8, samples: [0, 0, 0, 0, 0, 3])
        #expect(colors.mask(by: .nonzero).pixels == [0, 1])
    }

    @Test("GrayImage and Mask survive the way to a file and back", arguments: [8, 16])
    func filesRoundTrip(bitDepth: Int) throws {
        try withTemporaryFolder { folder in
            let full = Float((1 << bitDepth) - 1)
            let image = GrayImage(
                width: 3,
                height: 2,
                pixels: [0, 1, 17 / full, 200 / full, 0.5 * 34 / full, 1],
                bitDepth: bitDepth
            )
            let mask = Mask(width: 3, height: 2, pixels: [0, 1, 1, 0, 0, 1])
            let decoder = StandardImageDecoder()
            let imageFile = folder.appendingPathComponent("image.png")
            try PNG.write(PNGImage(image, bitDepth: bitDepth), to: imageFile)
            #expect(try decoder.grayImage(at: imageFile.path) == image)
            for depth in [1, 8] {
                let maskFile = folder.appendingPathComponent("mask (\(depth)).png")
                try PNG.write(PNGImage(mask, bitDepth: depth), to: maskFile)
                #expect(try decoder.mask(at: maskFile.path) == mask)
            }
        }
    }

    @Test("intensities outside 0...1 are clamped when written")
    func clamping() {
        let image = GrayImage(width: 5, height: 1, pixels: [-1, 2, .nan, .infinity, 0.5])
        #expect(PNGImage(image).samples == [0, 255, 0, 255, 128])
    }

    @Test("a missing file, a folder and a damaged file are errors that name the file")
    func errors() throws {
        try withTemporaryFolder { folder in
            let decoder = StandardImageDecoder()
            let missing = folder.appendingPathComponent("missing.png").path
            let error = #expect(throws: SegmentationError.self) { try decoder.grayImage(at: missing) }
            #expect(error?.subject == missing && error?.problem.contains("does not exist") == true)
            #expect(throws: SegmentationError.self) { try decoder.mask(at: folder.path) }
            let damaged = folder.appendingPathComponent("damaged.png")
            try Data(PNGBuilder(colorType: 0, bitDepth: 8).bytes().dropLast(40)).write(to: damaged)
            let damage = #expect(throws: SegmentationError.self) { try decoder.mask(at: damaged.path) }
            #expect(damage?.subject == damaged.path && damage?.problem.contains("truncated") == true)
        }
    }

    @Test("the first bytes say what a file is, and a suffix names a page")
    func kinds() throws {
        try withTemporaryFolder { folder in
            let decoder = StandardImageDecoder()
            let masks = (0..<3).map { index in Mask(width: 3, height: 1, pixels: [0, 1, 2].map { $0 == index ? 1 : 0 })
            }
            let stack = folder.appending(path: "stack.png")
            try TIFF.write(masks.map { TIFFImage($0) }, to: stack)
            let picture = folder.appending(path: "picture.tif")
            try PNG.write(PNGImage(masks[0]), to: picture)
            #expect(try decoder.mask(at: picture.path) == masks[0])
            #expect(try decoder.mask(at: "\(picture.path)#page=1") == masks[0])
            #expect(message { _ = try decoder.mask(at: "\(picture.path)#page=2") }.contains("a PNG has one page only"))
            for (index, mask) in masks.enumerated() {
                #expect(try decoder.mask(at: "\(stack.path)#page=\(index + 1)") == mask)
                #expect(
                    try decoder.grayImage(at: "\(stack.path)#page=\(index + 1)").pixels == mask.pixels.map(Float.init)
                )
            }
            #expect(message { _ = try decoder.mask(at: stack.path) }.contains("\(stack.path)#page=1"))
            #expect(message { _ = try decoder.mask(at: "\(stack.path)#page=4") }.contains("it has 3 pages"))
            #expect(message { _ = try decoder.mask(at: "\(stack.path)#page=0") }.contains("no page 0"))
            #expect(message { _ = try decoder.mask(at: "\(stack.path)#page=two") }.contains("does not exist"))
            // A file of that very name wins.
            try PNG.write(PNGImage(masks[2]), to: folder.appending(path: "stack.png#page=1"))
            #expect(try decoder.mask(at: "\(stack.path)#page=1") == masks[2])
            #expect(try decoder.mask(at: "\(stack.path)#page=2") == masks[1])
        }
    }

    @Test(
        "other formats are an error that names those that are read",
        arguments: [(Array("GIF89a".utf8), "a GIF"), (Array("RIFF".utf8), "a WebP")]
    )
    func otherFormats(bytes: [UInt8], kind: String) throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "image.tif")
            try Data(bytes).write(to: file)
            let text = message { _ = try StandardImageDecoder().grayImage(at: file.path) }
            #expect(
                text == "\(file.path): this is not a PNG, TIFF, JPEG, BMP or DICOM file: it begins like \(kind); "
                    + "convert the file to PNG"
            )
        }
    }

    @Test("the pixel spacing of a TIFF comes with its image, and a page is part of its name")
    func spacing() throws {
        let path = try TIFFFixture.named("resolution-inch").url.path
        let (image, spacing) = try StandardImageDecoder().grayImageAndSpacing(at: path)
        #expect(try image == StandardImageDecoder().grayImage(at: path))
        #expect(spacing.map { abs($0.x - 0.127) < 1e-7 && abs($0.y - 0.127) < 1e-7 } == true)
        #expect(StandardImageDecoder.name(of: path) == "resolution-inch")
        #expect(StandardImageDecoder.name(of: "a.b/stack.tif#page=3") == "stack-page3")
    }
}
