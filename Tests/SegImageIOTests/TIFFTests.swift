import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("TIFF")
struct TIFFTests {
    @Test("reads what other readers read", arguments: TIFFFixture.readable)
    func oracle(_ fixture: TIFFFixture) throws {
        #expect(try TIFF.pageCount(of: fixture.url) == fixture.pages.count)
        for (index, expected) in fixture.pages.enumerated() {
            let page = try TIFF.read(fixture.url, page: index + 1)
            #expect(page.width == expected.width && page.height == expected.height)
            #expect(page.channels.count == expected.channels)
            #expect(page.samples.format == expected.format)
            #expect(page.bitDepth == (expected.bits == 16 && expected.format == .float ? 32 : expected.bits))
            #expect(page.channels.hasAlpha == (expected.alpha != nil))
            #expect(page.isPremultiplied == (expected.alpha == "premultiplied"))
            let palette = page.palette.map { $0.red + $0.green + $0.blue }
            #expect(palette == expected.palette)
            let samples = page.samples.numbers
            if let tolerance = expected.tolerance {
                #expect(zip(samples, expected.samples).allSatisfy { abs($0 - $1) <= tolerance })
                #expect(samples.count == expected.samples.count)
            } else {
                #expect(samples == expected.samples)
            }
            #expect((page.pixelSpacing == nil) == (expected.spacing == nil))
            if let spacing = page.pixelSpacing, let wanted = expected.spacing {
                #expect(abs(spacing.x / wanted[0] - 1) < 1e-6 && abs(spacing.y / wanted[1] - 1) < 1e-6)
            }
            #expect(page.sliceSpacing == expected.sliceSpacing)
        }
    }

    @Test("the fixtures cover the formats")
    func coverage() {
        let pages = TIFFFixture.readable.flatMap(\.pages)
        let kinds = Set(pages.map { "\($0.format)\($0.bits)" })
        let expected = [
            "unsigned1", "unsigned2", "unsigned3", "unsigned4", "unsigned6", "unsigned8", "unsigned10", "unsigned12",
            "unsigned14", "unsigned16", "unsigned32", "signed8", "signed16", "signed32", "float32", "float64",
        ]
        #expect(kinds.isSuperset(of: expected))
        #expect(Set(pages.map(\.channels)) == [1, 2, 3, 4])
        #expect(TIFFFixture.all.count == 148)
    }

    @Test("refuses other kinds, and says which they are", arguments: TIFFFixture.all.filter { $0.refusal != nil })
    func refusal(_ fixture: TIFFFixture) throws {
        let error = #expect(throws: SegmentationError.self) { try TIFF.read(fixture.url) }
        #expect(error?.subject == fixture.url.path)
        #expect(error?.problem.contains(fixture.refusal ?? "") == true, "\(error?.problem ?? "")")
        #expect(error?.cure.isEmpty == false)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("gives data with an offset the same pixels")
    func slicedData() throws {
        let bytes = try Data(contentsOf: TIFFFixture.named("deflate-uint16-strips").url)
        #expect(try TIFF.decode((Data([1, 2, 3]) + bytes).dropFirst(3)) == TIFF.decode(bytes))
    }

    @Test("a page that is not there, a stack without a page named and what is no TIFF are errors with a cure")
    func pages() throws {
        let stack = try TIFFFixture.named("stack").url
        #expect(message { _ = try TIFF.read(stack) }.hasSuffix("stack.tif#page=1, or read it as a volume"))
        #expect(message { _ = try TIFF.read(stack, page: 6) }.contains("it has 5 pages"))
        #expect(message { _ = try TIFF.read(stack, page: 0) }.contains("no page 0"))
        #expect(message { _ = try TIFF.read(stack, page: .max) }.contains("name one of its pages"))
        #expect(message { _ = try TIFF.read(TIFFFixture.named("stack-in-one-page").url) }.contains("several images"))
        #expect(
            message { _ = try TIFF.decode(Data([0xFF, 0xD8, 0xFF, 0xE0]), name: "a.tif") }
                == "a.tif: this is not a TIFF file: it begins like a JPEG; give a TIFF, or convert the file to TIFF"
        )
        #expect(message { _ = try TIFF.decode(Data()) }.contains("it is empty"))
        #expect(message { _ = try TIFF.decode(Data([0x49, 0x49, 0x2A, 0])) }.contains("truncated"))
        #expect(message { _ = try TIFF.decode(Data([0x49, 0x49, 0x2A, 0, 0, 0, 0, 0])) }.contains("no pages"))
        #expect(message { _ = try TIFF.decode(Data([0x49, 0x49, 0x2A, 0, 9, 0, 0, 0])) }.contains("truncated"))
    }

    @Test("a chain of pages that runs in a circle ends in an error")
    func circle() throws {
        // Two directories of one tag, the second followed by the first.
        let tag: [UInt8] = [0, 1, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0]
        let bytes = Data(
            [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0] + [1, 0] + tag + [26, 0, 0, 0] + [1, 0] + tag + [8, 0, 0, 0]
        )
        #expect(message { _ = try TIFF.pageCount(of: bytes) }.contains("runs in a circle"))
        #expect(message { _ = try TIFF.decodeVolume(bytes) }.contains("runs in a circle"))
    }

    @Test("every truncation is an error that names the file, or gives the same pixels")
    func truncations() throws {
        for name in ["type-uint16", "lzw-tiles", "deflate-rgb-separate", "zstd-float32-strips", "jpeg-ycbcr"] {
            let fixture = try TIFFFixture.named(name)
            let bytes = try Data(contentsOf: fixture.url)
            let whole = try TIFF.decode(bytes)
            var failures = 0
            for count in stride(from: 0, to: bytes.count, by: 3) {
                do {
                    #expect(try TIFF.decode(bytes.prefix(count), name: "case001.tif") == whole)
                } catch let error as SegmentationError {
                    #expect(error.subject == "case001.tif" && !error.cure.isEmpty)
                    failures += 1
                }
            }
            // What follows the last strip may be missing.
            #expect(failures > bytes.count / 3 * 9 / 10, "\(name)")
        }
    }
}
