public import SegCache
public import SegCore
import SegTensor

/// A data set decoded and letterboxed into memory; of one that may not fit, ``stream(adapter:records:size:colors:decoder:cache:memory:threads:progress:)``
/// makes samples that are read when they are needed.
public struct SampleStore: Sendable {
    /// The data set's name.
    public let name: String
    /// The samples, in the order of the records.
    public let samples: [PreparedSample]

    /// Decodes and letterboxes a data set, using several threads.
    ///
    /// - Parameters:
    ///   - adapter: the data set.
    ///   - records: the records to prepare; all of the adapter's if `nil`.
    ///   - size: side of the square canvas, px.
    ///   - colors: whether samples keep red, green and blue beside gray.
    ///   - decoder: reads the image files.
    ///   - cache: where prepared samples are kept from run to run; none if `nil`. The result does not depend on it, to
    ///     the bit, nor do the errors.
    ///   - threads: how many samples are decoded at a time; as the current worker pool has threads if `nil`. The result
    ///     does not depend on it.
    ///   - progress: called with the number of samples done and of all, from any thread, one call at a time. An error
    ///     that it throws ends the work and is thrown on: so a caller can cancel.
    ///
    /// - Throws: the error of the first record, in their order, that cannot be decoded, naming its file.
    public static func prepare(
        adapter: any DatasetAdapter,
        records: [SampleRecord]? = nil,
        size: Int,
        colors: Bool = false,
        decoder: any ImageDecoder,
        cache: TensorCache? = nil,
        threads: Int? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws -> SampleStore {
        SampleStore(
            name: adapter.name,
            samples: try contents(adapter, records, size, colors, decoder, cache, nil, threads, progress).loaded()
        )
    }

    /// Decodes and letterboxes a data set of which no more than a part stays in memory.
    ///
    /// A sample that does not fit into `memory` is read whenever its pixels are needed: from the cache or, without one or where it
    /// is full, from the sample's files, which must be decoded again and so take longer. The samples are those of
    /// ``prepare(adapter:records:size:colors:decoder:cache:threads:progress:)``, to the bit.
    ///
    /// - Parameters:
    ///   - memory: the most bytes of prepared samples that stay in memory, 0 for none. What is known of each without its
    ///     pixels, and what is being worked on, comes on top.
    ///   - adapter: this and the others as of ``prepare(adapter:records:size:colors:decoder:cache:threads:progress:)``.
    ///
    /// - Throws: the error of the first record, in their order, that cannot be decoded, naming its file.
    public static func stream(
        adapter: any DatasetAdapter,
        records: [SampleRecord]? = nil,
        size: Int,
        colors: Bool = false,
        decoder: any ImageDecoder,
        cache: TensorCache?,
        memory: Int,
        threads: Int? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws -> [StreamedSample] {
        try contents(adapter, records, size, colors, decoder, cache, PreparedMemory(bytes: memory), threads, progress)
    }

    private static func contents(
        _ adapter: any DatasetAdapter,
        _ records: [SampleRecord]?,
        _ size: Int,
        _ colors: Bool,
        _ decoder: any ImageDecoder,
        _ cache: TensorCache?,
        _ memory: PreparedMemory?,
        _ threads: Int?,
        _ progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)?
    ) throws -> [StreamedSample] {
        let records = try records ?? PluginContext.with(adapter) { try adapter.records() }
        let wanted = DatasetContents.Wanted(sizes: [size], colors: colors, memory: memory)
        let read = {
            try DatasetContents(
                wanted,
                of: adapter,
                records: records,
                decoder: decoder,
                cache: cache,
                progress: progress
            )
        }
        let contents = try threads.map { try WorkerPool.with(WorkerPool(threadCount: $0), read) } ?? read()
        return contents.samples[size] ?? []
    }
}
