package import SegCache
package import SegCore

/// All that is made of the samples of a data set, in one pass: a record is decoded at most once, and its files are
/// hashed at most once before that and once after, however many sizes are asked for.
package struct DatasetContents: Sendable {
    /// The prepared samples at each of the sizes, in the order of the records.
    package let samples: [Int: [StreamedSample]]
    /// The thumbnails in the order of the records; empty if they were not asked for.
    package let thumbnails: [Thumbnail]
    /// What a check finds in each record, in their order; empty if it was not asked for.
    package let inspections: [RecordInspection]

    /// What to make of each sample.
    package struct Wanted: Sendable {
        /// Sides of the canvases, px.
        package var sizes: Set<Int>
        /// Whose images the thumbnails show; none are made if `nil`.
        package var thumbnailsOf: String?
        /// Whether each sample is looked at as a check does, under the name of the thumbnails.
        package var inspects: Bool
        /// Whether prepared samples keep red, green and blue beside gray.
        package var colors: Bool
        /// Bounds the prepared samples that stay in memory; all do if `nil`.
        package var memory: PreparedMemory?

        package init(
            sizes: Set<Int> = [],
            thumbnailsOf name: String? = nil,
            inspects: Bool = false,
            colors: Bool = false,
            memory: PreparedMemory? = nil
        ) {
            self.sizes = sizes
            self.colors = colors
            self.memory = memory
            thumbnailsOf = name
            self.inspects = inspects
        }
    }

    /// Reads the records on the current worker pool. The parameters are those of
    /// ``SampleStore/prepare(adapter:records:size:decoder:cache:threads:progress:)``.
    package init(
        _ wanted: Wanted,
        of adapter: any DatasetAdapter,
        records: [SampleRecord],
        decoder: any ImageDecoder,
        cache: TensorCache?,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws {
        let reader = try SampleReader(adapter, records, decoder: decoder, cache: cache)
        let sizes = wanted.sizes.sorted()
        let read = try parallelMap(records.count, progress: progress) { index in
            let reading = RecordReading(index, of: reader, cache: reader.cache)
            do {
                return (
                    samples: try sizes.map { size in
                        let sample = try reading.prepared(size: size, colors: wanted.colors)
                        guard let memory = wanted.memory, !memory.take(sample.byteCount) else {
                            return StreamedSample(sample)
                        }
                        return StreamedSample(sample, at: reading.place(of: sample, colors: wanted.colors))
                    },
                    thumbnail: try wanted.thumbnailsOf.map {
                        try reading.thumbnail(RecordReference(dataset: $0, id: records[index].id))
                    },
                    inspection: try wanted.inspects ? reading.inspection(wanted.thumbnailsOf ?? adapter.name) : nil
                )
            } catch {
                throw reader.explained(error, index)
            }
        }
        samples = Dictionary(
            uniqueKeysWithValues: sizes.enumerated().map { place, size in (size, read.map { $0.samples[place] }) }
        )
        thumbnails = read.compactMap(\.thumbnail)
        inspections = read.compactMap(\.inspection)
    }
}
