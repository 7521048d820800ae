import Foundation
import SegCache
import SegCore
import SegTensor

/// Reads the samples of one data set: the first time, and again where they are not in memory.
final class SampleReader: Sendable {
    let adapter: any DatasetAdapter
    let records: [SampleRecord]
    let labels: LabelSet
    let decoder: any ImageDecoder
    /// `nil` if nothing is kept from run to run.
    let cache: DecodingCache?

    /// - Throws: what the adapter throws of its labels.
    init(
        _ adapter: any DatasetAdapter,
        _ records: [SampleRecord],
        decoder: any ImageDecoder,
        cache: TensorCache?
    ) throws {
        (self.adapter, self.records, self.decoder) = (adapter, records, decoder)
        self.cache = cache.flatMap { cache in
            PluginContext.with(adapter) { DecodingCache(cache, adapter: adapter, decoder: decoder, records: records) }
        }
        labels = try PluginContext.with(adapter) { try (adapter as? any LabelStating)?.labels ?? .lesionOnly }
    }

    /// A prepared sample as what the cache keeps.
    static func product(size: Int, colors: Bool) -> DecodingCache.Product {
        .init(
            "sample",
            version: PreparedSample.version,
            settings: colors ? ["size": size, "colors": 3] : ["size": size]
        )
    }

    /// The prepared sample of an entry; `nil` if that is not one of such a sample.
    func sample(_ entry: TensorRecord, _ index: Int, size: Int, colors: Bool) -> PreparedSample? {
        PreparedSample(entry, record: records[index], size: size, labels: labels.further, hasColors: colors)
    }

    /// The entry of a prepared sample; `nil` if it is not to be stored, as an adapter may complete the record, which is not.
    func stored(_ sample: PreparedSample, _ index: Int) -> TensorRecord? {
        sample.record == records[index] ? sample.tensorRecord : nil
    }

    /// An error in words that help.
    func explained(_ error: any Error, _ index: Int) -> SegmentationError {
        MaskInspection.explained(error, records[index], of: adapter, decoder: decoder)
    }

    /// Where a sample that was prepared once is read again.
    struct Place: Sendable {
        let reader: SampleReader
        let index: Int
        let size: Int
        let colors: Bool
        /// What it is found by in the cache, whatever happens to its files; `nil` if nothing is kept of it.
        let key: CacheKey?
        /// Of what was prepared.
        let hash: ContentHash

        /// The sample of before, from the cache or from its files. An entry that is damaged or gone is made again.
        ///
        /// - Throws: ``SegmentationError`` naming the file if it cannot be read, or if it has another content than before.
        func read() throws -> PreparedSample {
            guard let key, let cache = reader.cache else { return try decoded() }
            return try cache.value(
                key,
                SampleReader.product(size: size, colors: colors),
                of: reader.records[index],
                read: { entry in
                    reader.sample(entry, index, size: size, colors: colors).flatMap {
                        $0.contentHash == hash ? $0 : nil
                    }
                },
                make: decoded,
                stored: { reader.stored($0, index) }
            )
        }

        private func decoded() throws -> PreparedSample {
            let sample: PreparedSample
            do {
                sample = try RecordReading(index, of: reader, cache: nil).prepared(size: size, colors: colors)
            } catch {
                throw reader.explained(error, index)
            }
            guard sample.contentHash == hash else {
                let record = reader.records[index]
                throw SegmentationError(
                    record.imageFile.path,
                    "the sample \(record.id) of \(reader.adapter.name) is not what it was when the data set was read",
                    cure: "leave the files of a data set as they are during a run, and run the same command again"
                )
            }
            return sample
        }
    }
}
