import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("Volumes of TIFF pages")
struct TIFFVolumeTests {
    private func volume(_ file: String) throws -> GrayVolume { try TIFF.readVolume(TIFFFixture.named(file).url) }

    @Test("pages become slices, without reduced copies", arguments: ["stack", "stack-with-reduced-copies"])
    func slices(file: String) throws {
        let fixture = try TIFFFixture.named(file)
        let volume = try volume(file)
        #expect(volume.width == 6 && volume.height == 5 && volume.depth == fixture.pages.count)
        #expect(volume.bitDepth == 16)
        for (index, page) in fixture.pages.enumerated() {
            #expect(volume.slice(index).pixels == page.samples.map { Float($0 / 65535) })
            #expect(try volume.slice(index) == TIFF.read(fixture.url, page: index + 1).gray())
        }
    }

    @Test("ImageJ's stack has a pixel spacing and a distance of slices")
    func imageJ() throws {
        let volume = try volume("stack-imagej")
        #expect(volume.depth == 5 && volume.sliceSpacing == 0.75)
        #expect(abs((volume.pixelSpacing?.x ?? 0) - 0.1) < 1e-7)
    }

    @Test("a volume survives the way to a file and back", arguments: [8, 16, 32])
    func roundTrip(bitDepth: Int) throws {
        let full = bitDepth == 32 ? 1.7 : Float((1 << bitDepth) - 1)
        let volume = GrayVolume(
            width: 7,
            height: 5,
            depth: 4,
            pixels: (0..<140).map { min(1, Float($0 % (bitDepth == 32 ? 2 : 140)) / full) },
            bitDepth: bitDepth,
            pixelSpacing: PixelSpacing(x: 0.125, y: 0.25),
            sliceSpacing: 0.5
        )
        for compression in TIFF.Compression.allCases {
            let bytes = try TIFF.encode(volume, compression: compression)
            #expect(try TIFF.decodeVolume(bytes) == volume)
            #expect(try TIFF.encode(volume, compression: compression) == bytes)
        }
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "volume.tif")
            try TIFF.write(volume, to: file)
            #expect(try TIFF.readVolume(file) == volume)
        }
    }

    @Test("masks of slices")
    func masks() throws {
        let masks = (0..<3).map { index in Mask(width: 3, height: 1, pixels: [0, 1, 2].map { $0 == index ? 1 : 0 }) }
        let bytes = try TIFF.encode(masks.map { TIFFImage($0, bitDepth: 1) })
        #expect(try TIFF.decodeMasks(bytes) == masks)
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "masks.tif")
            try bytes.write(to: file)
            #expect(try TIFF.readMasks(file, by: .nonzero) == masks)
        }
    }

    @Test(
        "pages that are no slices of one volume are an error that says why",
        arguments: [
            ("stack-of-two-sizes", "page 2 has the size 6×4 px but page 1 has 6×5 px"),
            ("stack-of-two-depths", "page 2 has samples of 8 bits (unsigned) but page 1 has 16 (unsigned)"),
            ("stack-of-channels", "it holds 2 channels × 2 slices × 1 frames, not one volume"),
            ("stack-in-one-page", "ImageJ wrote 5 images into it but only 1 as a page"),
        ]
    )
    func errors(file: String, expected: String) throws {
        let url = try TIFFFixture.named(file).url
        let error = #expect(throws: SegmentationError.self) { try TIFF.readVolume(url) }
        #expect(error?.subject == url.path && error?.problem.contains(expected) == true, "\(error?.problem ?? "")")
        #expect(message { _ = try TIFF.readMasks(url) }.contains(expected))
    }

    @Test("a volume beyond its limit is refused before a slice is decoded, and slices outside 0...1 name their page")
    func limits() throws {
        let stack = try TIFFFixture.named("stack").url
        #expect(try TIFF.readVolume(stack, maximumVoxels: 150).depth == 5)
        #expect(message { _ = try TIFF.readVolume(stack, maximumVoxels: 149) }.contains("exceed the limit of 149 px"))
        let pages = [Float(1), 2].map { TIFFImage(GrayImage(width: 1, height: 1, pixels: [$0])) }
        #expect(message { _ = try TIFF.decodeVolume(TIFF.encode(pages), name: "a.tif") }.hasPrefix("a.tif#page=2: "))
        #expect(try TIFF.decodeVolume(TIFF.encode(pages), over: 0...4).pixels == [0.25, 0.5])
    }
}
