import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("Damaged image files")
struct DamageTests {
    /// Files that are damaged one after another.
    private static func sources(_ kind: String) throws -> [[UInt8]] {
        let folder = fixtures.appending(path: kind.uppercased())
        let endings = ["jpeg": ".jpg", "bmp": ".bmp"]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { name in endings[kind].map(name.hasSuffix) ?? true }
        let files = try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
        return kind == "png" ? files + PNGBuilder.all.map { $0.bytes() } : files
    }

    @Test(
        "10,000 randomly damaged files are an error or an image of a sane size",
        .timeLimit(.minutes(2)),
        arguments: ["png", "tiff", "jpeg", "bmp"]
    )
    func randomDamage(kind: String) throws {
        let sources = try Self.sources(kind)
        let maximumPixels = 1 << 20
        var failures = 0
        for index in 0..<10_000 {
            var stream = RandomStream(seed: 20251, "damage", .init(kind), .init(index))
            var bytes = sources[index % sources.count]
            for _ in 0...stream.index(below: 3) { damage(&bytes, &stream) }
            // Behind a checksum that is wrong, a decoder sees nothing of the damage.
            if kind == "png", stream.chance(0.7) { repairChecksums(&bytes) }
            do {
                if kind != "tiff" {
                    let decode = ["png": PNG.decode, "jpeg": JPEG.decode, "bmp": BMP.decode][kind]
                    let image = try #require(try decode?(Data(bytes), "damaged", maximumPixels))
                    let maximum = image.maximumSample
                    #expect(image.width * image.height <= maximumPixels)
                    #expect(image.samples.allSatisfy { $0 <= maximum })
                } else {
                    try decodeTIFF(Data(bytes), maximumPixels: maximumPixels)
                }
            } catch let error as SegmentationError {
                #expect(!error.problem.isEmpty && !error.cure.isEmpty && !error.description.contains("\n"))
                failures += 1
            }
        }
        // A TIFF, JPEG or BMP has no checksums: where pixels alone are hit, it is another picture.
        #expect(failures > 1000 && failures < 10_000, "\(failures)")
    }

    private func decodeTIFF(_ bytes: Data, maximumPixels: Int) throws {
        let count = try TIFF.pageCount(of: bytes)
        #expect(count <= bytes.count / 18 + 1)
        if count > 1 {
            let volume = try TIFF.decodeVolume(bytes, maximumVoxels: maximumPixels)
            #expect(volume.pixels.count <= maximumPixels && volume.depth == count)
        } else {
            let page = try TIFF.decode(bytes, maximumPixels: maximumPixels)
            #expect(page.width * page.height <= maximumPixels)
            let gray = try page.gray()
            #expect(gray.pixels.allSatisfy { (0...1).contains($0) })
        }
    }

    /// One damage of a random kind.
    private func damage(_ bytes: inout [UInt8], _ stream: inout RandomStream) {
        guard bytes.count > 32 else { return }
        switch stream.index(below: 6) {
        case 0:
            for _ in 0...stream.index(below: 8) {
                bytes[stream.index(below: bytes.count)] ^= 1 << UInt8(stream.index(below: 8))
            }
        case 1: bytes.removeLast(1 + stream.index(below: bytes.count - 16))
        case 2:
            let length = 1 + stream.index(below: bytes.count / 4)
            let (first, second) = (
                stream.index(below: bytes.count - length), stream.index(below: bytes.count - length)
            )
            for offset in 0..<length { bytes.swapAt(first + offset, second + offset) }
        case 3:
            // Numbers in headers: sizes, counts, offsets.
            let values: [UInt32] = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, .max, 100_000]
            let value = stream.chance(0.5) ? values[stream.index(below: values.count)] : UInt32(stream.next() >> 40)
            let width = stream.chance(0.5) ? 2 : 4
            let start = stream.index(below: min(bytes.count - 4, 400)) & ~1
            for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        case 4:
            let start = stream.index(below: bytes.count)
            let end = min(bytes.count, start + 1 + stream.index(below: 32))
            for index in start..<end { bytes[index] = stream.chance(0.5) ? 0 : 0xFF }
        default:
            let start = stream.index(below: bytes.count - 16)
            if stream.chance(0.5) {
                bytes.removeSubrange(start..<(start + 1 + stream.index(below: 15)))
            } else {
                bytes.insert(contentsOf: (0...stream.index(below: 15)).map { UInt8($0 * 17) }, at: start)
            }
        }
    }

    private func repairChecksums(_ bytes: inout [UInt8]) {
        var start = 8
        while start + 12 <= bytes.count {
            let length = bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - start - 12 else { return }
            let type = String(decoding: bytes[(start + 4)..<(start + 8)], as: UTF8.self)
            let repaired = chunk(type, Array(bytes[(start + 8)..<(start + 8 + length)]))
            if repaired.count == length + 12 { bytes.replaceSubrange(start..<(start + length + 12), with: repaired) }
            start += length + 12
        }
    }
}

@Suite("Headers that promise too much")
struct AbsurdHeaderTests {
    /// A TIFF's tag: its code, its type (3 for 16 bits, 4 for 32), and its values.
    private typealias Tag = (code: UInt16, type: UInt16, values: [UInt32])

    private static func tiff(_ tags: [Tag]) -> Data {
        func little(_ value: UInt32, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
        }
        var body: [UInt8] = [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0] + little(UInt32(tags.count), 2)
        var extra: [UInt8] = []
        let end = UInt32(8 + 2 + 12 * tags.count + 4)
        for tag in tags {
            let payload = tag.values.flatMap { little($0, tag.type == 3 ? 2 : 4) }
            body += little(UInt32(tag.code), 2) + little(UInt32(tag.type), 2) + little(UInt32(tag.values.count), 4)
            body += payload.count > 4 ? little(end + UInt32(extra.count), 4) : Array((payload + [0, 0, 0, 0])[..<4])
            if payload.count > 4 { extra += payload }
        }
        return Data(body + [0, 0, 0, 0] + extra + Array(repeating: 0, count: 64))
    }

    private static func header(width: UInt32, height: UInt32, bits: UInt32 = 8, samples: UInt32 = 1) -> [Tag] {
        [
            (256, 4, [width]), (257, 4, [height]), (258, 3, Array(repeating: bits, count: Int(samples))), (259, 3, [1]),
            (262, 3, [samples == 1 ? 1 : 2]), (277, 3, [samples]),
        ]
    }

    /// Files with a word of the error; where that is empty, it is libtiff's and depends on its version.
    private static func files() -> [(name: String, bytes: Data, word: String)] {
        let huge = header(width: 100_000, height: 100_000)
        let one: Tag = (273, 4, [8])
        let count: Tag = (279, 4, [64])
        let large = header(width: 60_000, height: 1000, bits: 64, samples: 4)
        let float: Tag = (339, 3, [3, 3, 3, 3])
        let small = header(width: 64, height: 64)
        let pngHeader = bigEndian(100_000) + bigEndian(100_000) + [8, 6, 0, 0, 0]
        let png = chunk("IHDR", pngHeader) + chunk("IDAT", [0x78, 0x01, 0x03, 0, 0, 0, 0, 1]) + chunk("IEND", [])
        return [
            ("PNG", Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + png), "100000×100000 px"),
            ("one strip", tiff(huge + [one, (278, 4, [100_000]), count]), "100000 x 100000 px"),
            ("a strip a row", tiff(huge + [one, (278, 4, [1]), count]), "100000 x 100000 px"),
            ("without counts", tiff(huge + [one, (278, 4, [1])]), ""),
            ("tiles", tiff(huge + [(322, 3, [16]), (323, 3, [16]), (324, 4, [8]), (325, 4, [64])]), ""),
            ("RGBA of doubles", tiff(large + [one, (278, 4, [1000]), count, (338, 3, [2]), float]), "bytes"),
            (
                "a huge tile",
                tiff(small + [(322, 4, [1_048_576]), (323, 4, [1_048_576]), (324, 4, [8]), (325, 4, [64])]),
                "tiles"
            ),
            ("the largest numbers", tiff(header(width: .max, height: .max) + [one, count]), ""),
        ]
    }

    /// A line of `/proc/self/status`, KiB.
    private static func status(_ key: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }

    @Test(
        "are refused without taking the memory",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"))
    )
    func memory() throws {
        let (peak, resident) = try (Self.status("VmPeak"), Self.status("VmHWM"))
        try withTemporaryFolder { folder in
            for (name, bytes, word) in Self.files() {
                let file = folder.appending(path: "image")
                try bytes.write(to: file)
                let error = #expect(throws: SegmentationError.self, "\(name)") {
                    try StandardImageDecoder().grayImage(at: file.path)
                }
                #expect(word.isEmpty || error?.problem.contains(word) == true, "\(name): \(error?.problem ?? "")")
                guard name != "PNG" else { continue }
                #expect(throws: SegmentationError.self, "\(name)") { try TIFF.readVolume(file) }
                #expect(throws: SegmentationError.self, "\(name)") { try TIFF.readMasks(file) }
            }
        }
        // The least of these images is 10 GB. Other tests run at the same time, so the bounds are wide.
        #expect(try Self.status("VmPeak") - peak < 4 << 20)
        #expect(try Self.status("VmHWM") - resident < 2 << 20)
    }
}
