import Foundation
import SegAugmentation
import SegCache
import SegCore
import SegData
import SegTensor
import TestSupport
import Testing

@Suite("Samples that are read when they are needed")
struct StreamedSampleTests {
    private let temporary: TemporaryFolder
    private let dataset: FileDataset
    private let plain: [PreparedSample]

    init() throws {
        temporary = try TemporaryFolder()
        let folder = temporary.appending("data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        dataset = FileDataset(folder: folder)
        try dataset.write()
        plain = try SampleStore.prepare(adapter: dataset, size: 32, decoder: ByteDecoder()).samples
    }

    private var cacheFolder: URL { temporary.appending("cache") }

    private func cache(_ bytes: Int = 64 << 20) -> TensorCache {
        TensorCache(folder: cacheFolder, maximumBytes: bytes) { Issue.record("\($0)") }
    }

    private func stream(_ cache: TensorCache?, memory: Int = 0, threads: Int = 2) throws -> [StreamedSample] {
        try SampleStore.stream(
            adapter: dataset,
            size: 32,
            decoder: ByteDecoder(),
            cache: cache,
            memory: memory,
            threads: threads
        )
    }

    /// The files of the cache's entries.
    private func entries() throws -> [URL] {
        let all = FileManager.default.enumerator(at: cacheFolder, includingPropertiesForKeys: nil)
        return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "tensors" }
    }

    @Test(
        "They are those in memory, to the bit, with a cache and without, whatever stays in memory",
        arguments: [true, false]
    )
    func sameBits(isCached: Bool) throws {
        let bytes = plain.reduce(0) { $0 + $1.byteCount }
        for (memory, kept) in [(0, 0...0), (bytes / 2, 1...8), (bytes, 9...9)] {
            for threads in [1, 4] {
                let cache = isCached ? cache() : nil
                let samples = try stream(cache, memory: memory, threads: threads)
                #expect(kept.contains(samples.count(where: \.isInMemory)))
                #expect(samples.map(\.record) == plain.map(\.record))
                #expect(samples.map(\.letterbox) == plain.map(\.letterbox))
                #expect(samples.map(\.hasLesion) == plain.map { !$0.lesion.isEmpty })
                #expect(samples.map(\.contentHash) == plain.map(\.contentHash))
                let alone = try samples.map { try $0.loaded() }
                #expect(alone == plain)
                let together = try WorkerPool.with(WorkerPool(threadCount: threads)) { try samples.loaded() }
                #expect(together == plain)
                #expect(try samples[3..<5].loaded() == Array(plain[3..<5]))
            }
        }
        #expect(plain.map { StreamedSample($0) }.allSatisfy { $0.isInMemory })
    }

    @Test("The bound counts what samples take: pixels by their depth, runs of masks, some bytes each")
    func byteCounts() {
        for sample in plain {
            let pixels = 32 * 32 * (["s0": 1, "s1": 2, "s2": 4, "s3": 1][sample.record.id] ?? 0)
            guard pixels > 0 else { continue }
            #expect((pixels + 512...pixels + 512 + 16 * 64).contains(sample.byteCount), "\(sample.record.id)")
        }
    }

    @Test("An entry that is damaged, cut off or gone is made again from the sample's files, and stored")
    func rebuilds() throws {
        let cache = cache()
        let samples = try stream(cache)
        let files = try entries()
        #expect(files.count == 9)
        for (index, file) in files.enumerated() {
            var bytes = try Data(contentsOf: file)
            switch index % 3 {
            case 0: try FileManager.default.removeItem(at: file)
            case 1: try bytes.prefix(bytes.count / 2).write(to: file)
            default:
                bytes[bytes.count - 9] ^= 16
                try bytes.write(to: file)
            }
        }
        #expect(try samples.loaded() == plain)
        #expect(cache.report.rebuilt.count == 6 && cache.report.misses == 18 - 6)
        let hits = cache.report.hits
        #expect(try samples.loaded() == plain)
        #expect(cache.report.hits == hits + 9)
    }

    @Test("What the cache has is used though the files are gone or changed; without it a changed file is an error")
    func changedFiles() throws {
        let samples = try stream(cache())
        try FileManager.default.removeItem(at: dataset.folder.appending(path: "4.img"))
        let image = dataset.folder.appending(path: "5.img")
        var bytes = try Data(contentsOf: image)
        bytes[200] ^= 255
        try bytes.write(to: image)
        #expect(try samples.loaded() == plain)
        for file in try entries() { try FileManager.default.removeItem(at: file) }
        #expect(try samples[3].loaded() == plain[3])
        #expect(message { _ = try samples[4].loaded() }.contains("4.img"))
        let changed = message { _ = try samples[5].loaded() }
        #expect(changed.contains("5.img: the sample s5 of files is not what it was when the data set was read"))
        // The first of several, whatever the threads do.
        #expect(message { _ = try samples.loaded() }.contains("4.img"))
        // The content of a changed file is not stored for that of before.
        #expect(message { _ = try samples[5].loaded() } == changed)
    }

    @Test("A cache without room is as good as none")
    func smallCache() throws {
        let samples = try stream(cache(1500))
        #expect(try entries().count < 9)
        for _ in 0..<2 { #expect(try samples.loaded() == plain) }
    }

    @Test("What an adapter adds to records, and a caller changes of them, comes back with the pixels")
    func records() throws {
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
        for cache in [cache(), nil] {
            var samples = try SampleStore.stream(
                adapter: Completing(folder: dataset.folder),
                size: 32,
                decoder: ByteDecoder(),
                cache: cache,
                memory: 0
            )
            samples[1].record.group = "other"
            let loaded = try samples.loaded()
            #expect(loaded.allSatisfy { $0.record.metadata["seen"] == "yes" })
            #expect(loaded[1].record.group == "other" && loaded.map(\.pixels) == plain.map(\.pixels))
        }
    }

    @Test("A batch of samples that cannot be read, or are to be taken after, is an error and not a black image")
    func failures() throws {
        let samples = try stream(nil)
        let failure = ReadingFailure()
        let bank = try ReferenceBank(samples, failure: failure)
        #expect(bank.count == 9 && bank[2] == plain[2].pair)
        try FileManager.default.removeItem(at: dataset.folder.appending(path: "7.img"))
        var settings = AugmentationPipeline.Settings.none
        let maker = BatchMaker(samples: samples, augmentation: try AugmentationPipeline(settings: settings), seed: 1)
        #expect(try maker.batch([0, 3], epoch: 0).identifiers == ["s0", "s3"])
        #expect(message { _ = try maker.batch([0, 7], epoch: 0) }.contains("7.img"))
        var seen: [String] = []
        let plain = message { try maker.withPlainBatches(size: 2) { seen = $0.flatMap(\.identifiers) } }
        #expect(plain.contains("7.img") && seen == ["s0", "s1", "s2", "s3", "s4", "s5"])
        // The cause, not what follows from it.
        struct TooFew: Error {}
        let told = message { try maker.withPlainBatches(size: 2) { if Array($0).count < 5 { throw TooFew() } } }
        // Foundation's errors list what they know in another order each time.
        #expect(told.contains("7.img") && !told.contains("TooFew"))

        settings.histogramMatching.probability = 1
        let only = try ReferenceBank([samples[7]], failure: failure)
        let matching = BatchMaker(
            samples: samples,
            augmentation: try AugmentationPipeline(settings: settings, references: only),
            seed: 1,
            failure: failure
        )
        #expect(message { _ = try matching.batch([0], epoch: 0) }.contains("7.img"))
        #expect(only[0].image.allSatisfy { $0 == 0 } && only[0].image.count == 32 * 32)
    }

    @Test("Plain batches are all samples in order, in every pass")
    func plainBatches() throws {
        let batches = PlainBatches(try stream(nil), size: 4)
        for _ in 0..<2 {
            #expect(batches.map(\.identifiers) == [["s0", "s1", "s2", "s3"], ["s4", "s5", "s6", "s7"], ["s8"]])
        }
        let expected = [Batch(plain[..<4]), Batch(plain[4..<8]), Batch(plain[8...])]
        #expect(batches.map { $0.images.values() } == expected.map { $0.images.values() })
        try batches.failure.check()
    }
}
