import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

/// Fixtures beside PNGs of what pydicom reads in them, see `Generators/generate_dicom.py`.
@Suite("DICOM of ultrasound")
struct DICOMTests {
    private static func url(_ name: String) -> URL { fixtures.appending(path: "DICOM/\(name)") }
    private static func bytes(_ name: String) throws -> Data { try Data(contentsOf: url("\(name).dcm")) }

    private static func error(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "read"
        } catch { return "\(error)" }
    }

    /// The levels or colors of a frame, as numbers: row by row, or of 16 bits color by color.
    private static func numbers(_ image: TIFFImage) throws -> [Int] {
        let samples: [Int] =
            switch image.samples {
            case .unsigned8(let values): values.map(Int.init)
            case .unsigned16(let values): values.map(Int.init)
            default: []
            }
        guard let palette = image.palette else { return samples }
        let tables = [palette.red, palette.green, palette.blue]
        guard tables.allSatisfy({ $0.allSatisfy { $0 % 257 == 0 } }) else {
            return tables.flatMap { table in samples.map { Int(table[$0]) } }
        }
        return samples.flatMap { sample in tables.map { Int($0[sample]) / 257 } }
    }

    @Test(
        "A frame has the samples that pydicom reads",
        arguments: [
            "gray8-implicit", "gray8-explicit", "gray8-big", "gray8-big-words", "gray12-implicit", "gray12-explicit",
            "gray12-big", "white-is-zero", "rgb-planar0", "rgb-planar1", "ybr-planar0", "ybr-planar1", "ybr-422",
            "palette8",
            "palette16", "palette16-big", "palette-short", "palette-words", "rle-gray8", "rle-gray12", "rle-rgb",
            "rle-ybr",
            "rle-palette", "jpeg-gray", "jpeg-white-is-zero", "jpeg-422", "jpeg-ybr", "jpeg-said-rgb", "jpeg-rgb",
            "jpeg-fragments",
        ]
    )
    func pixels(name: String) throws {
        let image = try DICOM.decode(Self.bytes(name)).image
        let expected = try PNG.decode(Data(contentsOf: Self.url("\(name).png"))).samples.map(Int.init)
        #expect(image.width == 18 && image.height == 13)
        #expect(image.bitDepth == (name.contains("gray12") ? 12 : 8))
        #expect(Set(expected).count > 16)
        #expect(try Self.numbers(image) == expected)
    }

    @Test("Each frame of a loop is read by its number", arguments: ["loop", "loop-rgb", "loop-rle", "loop-jpeg"])
    func loops(name: String) throws {
        let decoder = StandardImageDecoder()
        let path = Self.url("\(name).dcm").path
        let bytes = try Self.bytes(name)
        #expect(try DICOM.pageCount(of: bytes) == 3)
        for page in 1...3 {
            let expected = try PNG.decode(Data(contentsOf: Self.url("\(name)-\(page).png")))
            #expect(try Self.numbers(DICOM.decode(bytes, page: page).image) == expected.samples.map(Int.init))
            #expect(try decoder.grayImage(at: "\(path)#page=\(page)") == expected.gray)
            #expect(try decoder.colorChannels(at: "\(path)#page=\(page)") == expected.colors)
        }
        #expect(
            Self.error { _ = try decoder.grayImage(at: path) }
                == "\(path): it is a loop of 3 frames, and none is named; name a frame, such as \(path)#page=1"
        )
        #expect(
            Self.error { _ = try decoder.grayImage(at: "\(path)#page=4") }.contains("it has no page 4: it has 3 frames")
        )
        #expect(StandardImageDecoder.name(of: "\(path)#page=2") == "\(name)-page2")
    }

    @Test("An extended table of offsets says the same")
    func extendedTable() throws {
        for page in 1...3 {
            #expect(
                try DICOM.decode(Self.bytes("loop-jpeg-extended"), page: page)
                    == DICOM.decode(Self.bytes("loop-jpeg"), page: page)
            )
        }
    }

    @Test("The size of a pixel is that of the regions in cm, else that of the pixels")
    func spacing() throws {
        let all = try JSONDecoder().decode([String: [Double]?].self, from: Data(contentsOf: Self.url("spacings.json")))
        #expect(all.count == 10)
        for (name, expected) in all {
            let spacing = try StandardImageDecoder().grayImageAndSpacing(at: Self.url("spacing-\(name).dcm").path)
                .spacing
            let sides = spacing.map { [$0.x, $0.y] }
            #expect((sides == nil) == (expected == nil), "\(name)")
            for (side, other) in zip(sides ?? [], expected ?? []) { #expect(abs(side - other) < 1e-12, "\(name)") }
        }
    }

    @Test("What a file says about text in its picture")
    func text() throws {
        #expect(try DICOM.decode(Self.bytes("text-no")).text == .absent)
        #expect(try DICOM.decode(Self.bytes("text-yes")).text == .present)
        #expect(try DICOM.decode(Self.bytes("gray8-explicit")).text == .unknown)
    }

    @Test("It is known by its bytes, whatever its name, and is no mask")
    func decoder() throws {
        try withTemporaryFolder { folder in
            let decoder = StandardImageDecoder()
            let expected = try PNG.decode(Data(contentsOf: Self.url("gray8-explicit.png"))).gray
            for name in ["IM000001", "1.2.840.113619.2.1", "scan.png"] {
                let file = folder.appending(path: name)
                // A preamble that begins like a TIFF, as files have that are both.
                var bytes = try Self.bytes("gray8-explicit")
                bytes.replaceSubrange(0..<4, with: [0x49, 0x49, 0x2A, 0])
                try bytes.write(to: file)
                #expect(try decoder.grayImage(at: file.path) == expected)
                for read in [{ _ = try decoder.mask(at: file.path) }, { _ = try decoder.storedMask(at: file.path) }] {
                    #expect(
                        Self.error(read).hasPrefix("\(file.path): a DICOM is read as an image, not as a mask; export")
                    )
                }
            }
            #expect(StandardImageDecoder.name(of: "a/1.2.840.113619.2.1") == "1.2.840.113619.2.1")
        }
    }

    @Test(
        "What is not read is refused in one line that names the file, the element and the cure",
        arguments: [
            (
                "deflated",
                "it is compressed by deflate (TransferSyntaxUID (0002,0010)); write it without by `dcmconv +te"
            ),
            (
                "jpeg-extended",
                "it is JPEG extended (TransferSyntaxUID (0002,0010)); decompress it by `dcmdjpeg IN OUT`"
            ),
            (
                "jpeg-lossless",
                "it is JPEG lossless (TransferSyntaxUID (0002,0010)); decompress it by `dcmdjpeg IN OUT`"
            ),
            ("jpeg-ls", "it is JPEG-LS (TransferSyntaxUID (0002,0010)); decompress it by `dcmdjpls IN OUT`"),
            ("jpeg-2000", "it is JPEG 2000 (TransferSyntaxUID (0002,0010)); decompress it by `gdcmconv --raw IN OUT`"),
            ("video", "it is a video (MPEG, H.264 or H.265) (TransferSyntaxUID (0002,0010)); export"),
            ("unknown", "it is in a transfer syntax that is not known here (TransferSyntaxUID (0002,0010)); export"),
            ("no-rows", "it has no Rows (0028,0010); check"),
            ("no-photometric", "it has no PhotometricInterpretation (0028,0004); check"),
            ("no-pixels", "it has no PixelData (7FE0,0010); check"),
            ("no-palette", "it has no RedPaletteColorLookupTableDescriptor (0028,1101); check"),
            ("cmyk", "PhotometricInterpretation (0028,0004) is CMYK, which is not read; save"),
            ("secret-photometric", "PhotometricInterpretation (0028,0004) is none that DICOM knows; save"),
            ("signed", "its pixels are signed (PixelRepresentation (0028,0103)); export"),
            ("rescaled", "RescaleSlope (0028,1053) makes other values of its levels, as ultrasound does not; check"),
            ("segmentation", "it is a segmentation, not an image (SOPClassUID (0008,0016)); give"),
            ("two-frames", "PixelData (7FE0,0010) has 234 bytes, where 2 x 18 x 13 px have 468; restore"),
            (
                "loop-without-table",
                "has 6 fragments for 3 frames, and no table of offsets that says which belong together"
            ),
        ]
    )
    func refusals(name: String, part: String) throws {
        let bytes = try Self.bytes("refused-\(name)")
        let text = Self.error { _ = try DICOM.decode(bytes, page: 1, name: "a.dcm") }
        #expect(text.hasPrefix("a.dcm: the DICOM cannot be decoded: ") && text.contains(part), "\(text)")
        #expect(!text.contains("SECRET"))
    }

    @Test("Damage is named, and no number of a file is believed before its bytes are found")
    func damage() throws {
        let whole = try Self.bytes("gray8-explicit")
        /// The file with other bytes behind the head of an element of group 28.
        func changed(_ element: UInt8, _ kind: String, _ value: [UInt8]) throws -> Data {
            var bytes = [UInt8](whole)
            let head = [0x28, 0, element, 0] + Array(kind.utf8)
            let place = try #require(bytes.indices.first { bytes[$0...].starts(with: head) })
            bytes.replaceSubrange((place + 6)..<(place + 6 + value.count), with: value)
            return Data(bytes)
        }
        func text(_ bytes: Data, _ most: Int = 1 << 20) -> String {
            Self.error { _ = try DICOM.decode(bytes, name: "a.dcm", maximumPixels: most) }
        }
        #expect(text(whole, 233).contains("its header promises 18 x 13 px, more than the limit of 233 px; check"))
        #expect(
            text(try changed(0x10, "US", [2, 0, 0xFF, 0xFF]), .max).contains(
                "PixelData (7FE0,0010) has 234 bytes, where"
            )
        )
        #expect(
            text(try changed(0x10, "US", [2, 0, 0, 0])).contains(
                "Rows (0028,0010) and Columns (0028,0011) say 18 x 0 px"
            )
        )
        #expect(
            text(try changed(0x10, "US", [1, 0])).contains(
                "Rows (0028,0010) has an odd length, which DICOM does not allow"
            )
        )
        #expect(text(try changed(0x10, "US", [0xFE, 0xFF])).contains("(truncated), in Rows (0028,0010); restore"))
        #expect(text(try changed(0x10, "US", [4, 0])).contains("; "))
        for length in 0..<whole.count {
            let text = text(Data(whole.prefix(length)))
            #expect(text.hasPrefix("a.dcm: ") && text.contains("; ") && !text.contains("SECRET"), "\(length): \(text)")
        }
        // Sequences in sequences without lengths, as deep as one likes.
        let open: [UInt8] = [
            0x40, 0, 0x75, 0xA0, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF,
        ]
        let rows = try #require(
            [UInt8](whole).indices.first { whole[$0...].starts(with: [0x28, 0, 0x10, 0, 0x55, 0x53]) }
        )
        let deep = whole.prefix(rows) + Array(repeating: open, count: 100_000).joined() + whole.dropFirst(rows)
        #expect(text(Data(deep)).contains("its sequences are nested more than 16 deep"))
        // 65,535 px squared in a frame of RLE of some hundred bytes.
        var large = [UInt8](try Self.bytes("rle-gray8"))
        for element in [UInt8(0x10), 0x11] {
            let place = try #require(
                large.indices.first { large[$0...].starts(with: [0x28, 0, element, 0, 0x55, 0x53]) }
            )
            large.replaceSubrange((place + 8)..<(place + 10), with: [0xFF, 0xFF])
        }
        #expect(text(Data(large), .max).contains("promises 65535 x 65535 px, but a frame of it holds only"))
    }

    @Test("The header of a JPEG is held against the limit of sides before anything is decoded")
    func sidesOfJPEG() throws {
        try withTemporaryFolder { folder in
            // One row of 40,000 px, and nothing behind the header.
            var bytes = [UInt8](try Data(contentsOf: fixtures.appending(path: "JPEG/gray.jpg")))
            let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
            bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0, 1, 0x9C, 0x40])
            let file = folder.appending(path: "wide.jpg")
            try Data(bytes.prefix(frame + 20)).write(to: file)
            let text = Self.error { _ = try StandardImageDecoder().grayImage(at: file.path) }
            #expect(text.contains("the image is 40000×1 px, and sides of more than 32768 px are not read"), "\(text)")
        }
    }
}
