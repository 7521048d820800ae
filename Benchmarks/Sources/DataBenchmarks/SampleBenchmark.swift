import Foundation
import SegCache
import SegCore
import SegData
import SegImageIO

/// The variants of the library itself.
struct SampleBenchmark {
    let dataset: any DatasetAdapter
    let records: [SampleRecord]
    let size: Int
    /// Where the cache is made.
    let folder: URL

    func rows(passes: Int) throws -> [Row] {
        let cache = makeCache()
        let samples = try prepare(cache).samples
        precondition(cache.report.stored == samples.count, "every sample is stored")
        guard try prepare(makeCache()).samples == samples else { preconditionFailure("the cache changes nothing") }

        // The same records once more, under keys that take no reading of image files to be made.
        let plainFolder = folder.appending(path: "plain")
        let plain = makeCache(plainFolder)
        let keys = samples.indices.map { index in
            var components = CacheKey.Components()
            components.add("index", index)
            return components.key
        }
        for (key, sample) in zip(keys, samples) { _ = plain.record(for: key, name: "") { sample.tensorRecord } }
        precondition(plain.report.stored == samples.count, "every record is stored")

        /// Reads every sample from its entry and does something with it.
        func forEachRead(_ body: (PreparedSample) -> Void) {
            for (key, sample) in zip(keys, samples) {
                guard let read = PreparedSample(read(key, plain), record: sample.record, size: size) else {
                    preconditionFailure("what was stored is read")
                }
                body(read)
            }
        }
        var timings: [[Timing]] = Array(repeating: [], count: 5)
        for _ in 0..<passes {
            timings[0].append(try Timing { _ = try prepare(nil) })
            timings[1].append(try Timing { _ = try prepare(makeCache()) })
            timings[2].append(Timing { forEachRead { precondition($0.pixels.count == size * size) } })
            timings[3].append(Timing { forEachRead { precondition($0.canvasLesion.mask.pixels.count == size * size) } })
            timings[4].append(
                Timing { forEachRead { precondition($0.image.count == size * size && $0.mask.count == size * size) } }
            )
        }
        let bytes = try plain.status().bytes
        let names = [
            "decode and resize again", "cache: files hashed anew, then read", "cache: read, UInt8 image",
            "cache: read, UInt8 image and mask", "cache: read, Float image and mask",
        ]
        let planes = [nil, nil, 1, 2, 8]
        return names.indices.map { index in
            Row(name: names[index], timings: timings[index], bytes: index == 0 ? nil : bytes, planes: planes[index])
        }
    }

    private func makeCache(_ folder: URL? = nil) -> TensorCache {
        TensorCache(folder: folder ?? self.folder.appending(path: "cache"), maximumBytes: 4 << 30) { fatalError($0) }
    }

    private func prepare(_ cache: TensorCache?) throws -> SampleStore {
        try SampleStore.prepare(
            adapter: dataset,
            records: records,
            size: size,
            decoder: StandardImageDecoder(),
            cache: cache,
            threads: 1
        )
    }

    private func read(_ key: CacheKey, _ cache: TensorCache) -> TensorRecord {
        cache.record(for: key, name: "") { preconditionFailure("the record is there") }
    }
}
