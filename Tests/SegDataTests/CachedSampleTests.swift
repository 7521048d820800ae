import Foundation
import SegCache
import SegCore
import SegData
import TestSupport
import Testing

/// Decodes files of: width, height, bits, then a byte a pixel.
struct ByteDecoder: ImageDecoder {
    var decodingVersion: String? = "1"

    private func parts(_ path: String) throws -> (width: Int, height: Int, bits: Int, pixels: [UInt8]) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        guard bytes.count > 3, bytes.count == 3 + Int(bytes[0]) * Int(bytes[1]) else {
            throw SegmentationError(path, "is damaged", cure: "restore it")
        }
        return (Int(bytes[0]), Int(bytes[1]), Int(bytes[2]), Array(bytes.dropFirst(3)))
    }

    func grayImage(at path: String) throws -> GrayImage {
        let file = try parts(path)
        let full = Float(255)
        return GrayImage(
            width: file.width,
            height: file.height,
            pixels: file.pixels.map { Float($0) / full },
            bitDepth: file.bits
        )
    }

    func mask(at path: String, rule: MaskRule) throws -> Mask {
        let file = try parts(path)
        return Mask(width: file.width, height: file.height, pixels: file.pixels.map { $0 > 127 ? 1 : 0 })
    }
}

/// A folder of such files.
struct FileDataset: DocumentedDataset {
    var name = "files"
    var folder: URL
    var decodingVersion: String? = "1"
    var count = 9
    var edit: @Sendable (inout SampleRecord) -> Void = { _ in }

    func records() throws -> [SampleRecord] {
        (0..<count).map { index in
            var record = SampleRecord(
                id: "s\(index)",
                imageFile: folder.appending(path: "\(index).img"),
                maskFiles: index % 3 == 2 ? [] : [folder.appending(path: "\(index).mask")],
                pathology: index % 3 == 2 ? .normal : .benign,
                pixelSpacing: index == 0 ? nil : PixelSpacing(x: 0.1, y: 0.1),
                metadata: ["Shape": "oval"]
            )
            edit(&record)
            return record
        }
    }

    /// 8, 16 and 32 bits in turn.
    func write() throws {
        for index in 0..<count {
            let (width, height) = (40 + index, 30)
            let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ index &* 11 ^ ($0 / 7)) }
            let bits = UInt8([8, 16, 32][index % 3])
            try Data([UInt8(width), UInt8(height), bits] + pixels).write(to: folder.appending(path: "\(index).img"))
            let lesion = disc(width: width, height: height, centerX: 20, centerY: 14, radius: 8)
            try Data([UInt8(width), UInt8(height), 8] + lesion.pixels.map { $0 * 255 })
                .write(to: folder.appending(path: "\(index).mask"))
        }
    }
}

@Suite("Cached samples")
struct CachedSampleTests {
    private let temporary: TemporaryFolder
    private let dataset: FileDataset

    init() throws {
        temporary = try TemporaryFolder()
        let folder = temporary.appending("data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        dataset = FileDataset(folder: folder)
        try dataset.write()
    }

    private func cache() -> TensorCache {
        TensorCache(folder: temporary.appending("cache"), maximumBytes: 64 << 20) { Issue.record("\($0)") }
    }

    private func prepare(
        _ dataset: FileDataset,
        _ cache: TensorCache?,
        decoder: ByteDecoder = ByteDecoder(),
        size: Int = 32,
        threads: Int = 2
    ) throws -> [PreparedSample] {
        try SampleStore.prepare(adapter: dataset, size: size, decoder: decoder, cache: cache, threads: threads).samples
    }

    @Test("With and without a cache samples are the same to the bit, of 8, 16 and 32 bits")
    func sameBits() throws {
        let plain = try prepare(dataset, nil)
        let first = cache()
        #expect(try prepare(dataset, first) == plain)
        #expect(first.report.misses == 9 && first.report.stored == 9)
        let later = cache()
        let read = try prepare(dataset, later, threads: 4)
        #expect(later.report.hits == 9 && later.report.misses == 0)
        #expect(read == plain)
        for (sample, other) in zip(read, plain) {
            #expect(sample.pair == other.pair)
            #expect(sample.input == other.input)
            #expect(sample.contentHash == other.contentHash)
            #expect(sample.lesion.mask == other.lesion.mask)
        }
        guard case .bits8 = read[0].pixels, case .bits16 = read[1].pixels, case .float = read[2].pixels else {
            Issue.record("samples are not kept as finely as their source")
            return
        }
    }

    @Test("Whatever shapes a sample makes another entry")
    func everythingCounts() throws {
        let filled = cache()
        _ = try prepare(dataset, filled)
        func misses(_ dataset: FileDataset, decoder: ByteDecoder = ByteDecoder(), size: Int = 32) throws -> Int {
            let cache = cache()
            _ = try prepare(dataset, cache, decoder: decoder, size: size)
            return cache.report.misses
        }
        #expect(try misses(dataset) == 0)
        #expect(try misses(dataset, size: 48) == 9)
        #expect(try misses(dataset, decoder: ByteDecoder(decodingVersion: "2")) == 9)
        #expect(try misses(dataset, decoder: ByteDecoder(decodingVersion: nil)) == 9)
        var other = dataset
        other.decodingVersion = "2"
        #expect(try misses(other) == 9)
        other = dataset
        other.name = "others"
        #expect(try misses(other) == 9)
        let edits: [@Sendable (inout SampleRecord) -> Void] = [
            { $0.metadata["Shape"] = "round" }, { $0.metadata = [:] },
            { $0.pixelSpacing = PixelSpacing(x: 0.2, y: 0.1) },
            { $0.group = "patient" }, { $0.id += "b" }, { $0.clinical.age = 50 }, { $0.pathology = nil },
            { $0.clinical.margins = [.angular, .indistinct] },
        ]
        for edit in edits {
            other = dataset
            other.edit = edit
            #expect(try misses(other) == 9)
            #expect(try misses(other) == 0)
        }
    }

    @Test("The folder may move; a file may not change, not even with its date and size kept")
    func filesCount() throws {
        _ = try prepare(dataset, cache())
        let moved = temporary.appending("moved")
        try FileManager.default.moveItem(at: dataset.folder, to: moved)
        var dataset = dataset
        dataset.folder = moved
        let after = cache()
        _ = try prepare(dataset, after)
        #expect(after.report.hits == 9)

        for (name, sample) in [("4.img", 4), ("3.mask", 3)] {
            let file = moved.appending(path: name)
            let date = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
            var bytes = try Data(contentsOf: file)
            bytes[3 + 30] ^= 255
            try bytes.write(to: file)
            try FileManager.default.setAttributes([.modificationDate: try #require(date)], ofItemAtPath: file.path)
            let changed = cache()
            let samples = try prepare(dataset, changed)
            #expect(changed.report.hits == 8 && changed.report.misses == 1)
            #expect(samples == (try prepare(dataset, nil)), "\(sample)")
        }
    }

    @Test("Errors are those of a run without a cache, even if the entry was there")
    func sameErrors() throws {
        _ = try prepare(dataset, cache())
        try Data([9, 9, 8]).write(to: dataset.folder.appending(path: "5.img"))
        try FileManager.default.removeItem(at: dataset.folder.appending(path: "7.mask"))
        for threads in [1, 3] {
            let plain = message { _ = try prepare(dataset, nil, threads: threads) }
            #expect(plain.contains("5.img"))
            #expect(message { _ = try prepare(dataset, cache(), threads: threads) } == plain)
        }
        try FileManager.default.removeItem(at: dataset.folder.appending(path: "5.img"))
        // What Foundation adds to its errors holds addresses, which differ from run to run.
        func problem(_ cache: TensorCache?) -> Substring {
            message { _ = try prepare(dataset, cache) }.prefix { $0 != "{" }
        }
        #expect(problem(nil).contains("5.img") && problem(cache()) == problem(nil))
    }

    @Test("An adapter of no stated version is kept apart by program and settings, or not cached if they cannot be seen")
    func unversionedAdapters() throws {
        struct Seen: DatasetAdapter {
            let name = "seen"
            var inner: FileDataset
            var threshold = 0.5
            var classes: Set<Int> = [1, 2, 3, 4, 5, 6]
            var names = ["a": 1, "b": 2, "c": 3, "d": 4]
            func records() throws -> [SampleRecord] { try inner.records() }
        }
        // FileDataset holds a function, whose value nobody can see.
        let blind = cache()
        _ = try SampleStore.prepare(adapter: Seen(inner: dataset), size: 32, decoder: ByteDecoder(), cache: blind)
        #expect(blind.report == TensorCache.Report())

        struct Plain: DatasetAdapter {
            let name = "plain"
            var folder: URL
            var threshold = 0.5
            var classes: Set<Int> = [1, 2, 3, 4, 5, 6]
            var names = ["a": 1, "b": 2, "c": 3, "d": 4]
            func records() throws -> [SampleRecord] { try FileDataset(folder: folder).records() }
        }
        func report(_ adapter: Plain) throws -> TensorCache.Report {
            let cache = cache()
            _ = try SampleStore.prepare(adapter: adapter, size: 32, decoder: ByteDecoder(), cache: cache)
            return cache.report
        }
        let plain = Plain(folder: dataset.folder)
        #expect(try report(plain).misses == 9)
        #expect(try report(plain).hits == 9)
        var other = plain
        other.threshold = 0.25
        #expect(try report(other).misses == 9)
        other = plain
        // The same members in another order of insertion.
        other.classes = Set([6, 5, 4, 3, 2, 1])
        other.names = ["d": 4, "c": 3, "b": 2, "a": 1]
        #expect(try report(other).hits == 9)
        other.names["a"] = 9
        #expect(try report(other).misses == 9)
    }

    @Test("A sample whose record the adapter completes is not cached, nor is one without files")
    func notCached() throws {
        struct Completing: DocumentedDataset {
            let name = "completing"
            var folder: URL
            var decodingVersion: String? { "1" }
            func records() throws -> [SampleRecord] { try FileDataset(folder: folder).records() }
            func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
                var sample = try FileDataset(folder: folder).sample(for: record, decoder: decoder)
                sample.record.metadata["seen"] = "yes"
                return sample
            }
        }
        let adapter = Completing(folder: dataset.folder)
        for _ in 0..<2 {
            let cache = cache()
            let samples = try SampleStore.prepare(adapter: adapter, size: 32, decoder: ByteDecoder(), cache: cache)
            #expect(samples.samples.allSatisfy { $0.record.metadata["seen"] == "yes" })
            #expect(cache.report.stored == 0 && cache.report.misses == 9)
        }
        struct Computed: DocumentedDataset {
            let name = "computed"
            var decodingVersion: String? { "1" }
            func records() throws -> [SampleRecord] {
                [SampleRecord(id: "a", imageFile: URL(fileURLWithPath: "/nowhere/a.png"), pathology: .normal)]
            }
            func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
                let lesion = Mask(emptyWithWidth: 9, height: 9)
                return try Sample(record: record, image: GrayImage(width: 9, height: 9), lesion: lesion)
            }
        }
        let cache = cache()
        _ = try SampleStore.prepare(adapter: Computed(), size: 32, decoder: ByteDecoder(), cache: cache)
        #expect(cache.report == TensorCache.Report())
    }

    @Test("Thumbnails come back to the bit")
    func thumbnails() throws {
        let plain = try Thumbnail.all(of: dataset, decoder: ByteDecoder())
        for hits in [0, 9] {
            let cache = cache()
            #expect(
                try Thumbnail.all(of: dataset, name: "x", decoder: ByteDecoder(), cache: cache).map(\.pixels)
                    == plain.map(\.pixels)
            )
            #expect(try Thumbnail.all(of: dataset, decoder: ByteDecoder(), cache: cache) == plain)
            #expect(cache.report.hits == hits + 9)
        }
    }

    /// If this fails after a change of resizing, rounding or of how records are stored: raise `PreparedSample.version`,
    /// so that nobody meets entries of the old kind, and write the new hash here.
    @Test("What is made of a sample is what it was when the version was raised last")
    func versionIsRaised() throws {
        var components = CacheKey.Components()
        for sample in try prepare(dataset, nil) {
            components.add("content", sample.contentHash)
            for tensor in sample.tensorRecord.tensors {
                components.add(tensor.name, "\(tensor.elementType) \(tensor.shape)")
            }
        }
        #expect(components.key.description == "48c703f1329e5dc9470932afcc3cce24")
    }
}

@Suite("Small forms of masks and images")
struct SmallFormTests {
    @Test("Runs of any mask survive their encoding")
    func runs() {
        var masks = [
            Mask(emptyWithWidth: 5, height: 3), Mask(width: 2, height: 2, pixels: [1, 1, 1, 1]),
            Mask(width: 1, height: 1, pixels: [1]), Mask(width: 1, height: 5, pixels: [1, 0, 1, 1, 0]),
            disc(width: 700, height: 500, centerX: 300, centerY: 200, radius: 120),
        ]
        for density in [0.02, 0.5, 0.98] {
            let pixels = randomPlane(4000, "encoding").map { Double($0) < density ? UInt8(1) : 0 }
            masks.append(Mask(width: 80, height: 50, pixels: pixels))
        }
        for mask in masks {
            let runs = RunLengthMask(mask)
            let encoded = runs.encoded
            #expect(RunLengthMask(width: mask.width, height: mask.height, encoded: encoded) == runs)
            #expect(runs.values == mask.pixels.map { Float($0) })
            for count in 1..<max(1, min(encoded.count, 60)) {
                let cut = RunLengthMask(width: mask.width, height: mask.height, encoded: Array(encoded.prefix(count)))
                // Cut between two runs it is a smaller mask, else nothing.
                #expect(cut != runs)
            }
        }
        // A round lesion of 240 rows takes two bytes a row.
        #expect(RunLengthMask(masks[4]).encoded.count < 500)
    }

    @Test("Bytes that are no runs of such a mask are refused")
    func noRuns() {
        func mask(_ bytes: [UInt8]) -> RunLengthMask? { RunLengthMask(width: 10, height: 10, encoded: bytes) }
        #expect(mask([]) != nil)
        #expect(mask([0, 2]) != nil)
        for bytes: [UInt8] in [
            [0], [1, 2], [0, 0], [0, 1], [0, 202, 1], [0, 128], [0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            [0, 2, 17, 0], [0, 2, 19, 0], [198, 1, 4],
        ] {
            #expect(mask(bytes) == nil, "\(bytes)")
        }
        #expect(RunLengthMask(width: 0, height: 10, encoded: []) == nil)
        #expect(RunLengthMask(width: 1 << 40, height: 1 << 40, encoded: []) == nil)
    }

    @Test("Intensities are rounded to the source's depth and come back exactly")
    func pixelPlanes() {
        let levels = (0...255).map { Float($0) / 255 }
        let plane = PixelPlane(levels, bitDepth: 8)
        #expect(plane == .bits8((0...255).map { UInt8($0) }))
        #expect(plane.intensities == levels)
        #expect(PixelPlane(levels, bitDepth: 1) == plane)
        let words = (0...65535).map { Float($0) / 65535 }
        #expect(PixelPlane(words, bitDepth: 16) == .bits16((0...65535).map { UInt16($0) }))
        #expect(PixelPlane(words, bitDepth: 12).intensities == words)
        #expect(PixelPlane([0.1, -3, 7], bitDepth: 32).intensities == [0.1, -3, 7])
        #expect(PixelPlane([-1, 2, .nan, 0.5], bitDepth: 8) == .bits8([0, 255, 0, 128]))
        #expect(plane.count == 256 && PixelPlane(words, bitDepth: 16).count == 65536)
    }
}
