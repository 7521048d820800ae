import Foundation
package import SegCache
package import SegCore
import SegTensor

/// All that is made of the samples of a data set, in one pass: a record is decoded at most once, and its files are
/// hashed at most once before that and once after, however many sizes are asked for.
package struct DatasetContents: Sendable {
    /// The prepared samples at each of the sizes, in the order of the records.
    package let samples: [Int: [PreparedSample]]
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

        package init(
            sizes: Set<Int> = [],
            thumbnailsOf name: String? = nil,
            inspects: Bool = false,
            colors: Bool = false
        ) {
            self.sizes = sizes
            self.colors = colors
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
        let kept = cache.flatMap { cache in
            PluginContext.with(adapter) { DecodingCache(cache, adapter: adapter, decoder: decoder, records: records) }
        }
        let sizes = wanted.sizes.sorted()
        let labels = try PluginContext.with(adapter) { try (adapter as? any LabelStating)?.labels ?? .lesionOnly }
        let read = try parallelMap(records.count, progress: progress) { index in
            let record = records[index]
            let reading = RecordReading(record, of: adapter, labels, decoder: decoder, cache: kept)
            do {
                return (
                    samples: try sizes.map { try reading.prepared(size: $0, colors: wanted.colors) },
                    thumbnail: try wanted.thumbnailsOf.map {
                        try reading.thumbnail(RecordReference(dataset: $0, id: record.id))
                    },
                    inspection: try wanted.inspects ? reading.inspection(wanted.thumbnailsOf ?? adapter.name) : nil
                )
            } catch {
                throw MaskInspection.explained(error, record, of: adapter, decoder: decoder)
            }
        }
        samples = Dictionary(
            uniqueKeysWithValues: sizes.enumerated().map { place, size in (size, read.map { $0.samples[place] }) }
        )
        thumbnails = read.compactMap(\.thumbnail)
        inspections = read.compactMap(\.inspection)
    }
}

/// One record while things are made of it: what is decoded or hashed for the first of them serves the others.
private final class RecordReading {
    private let record: SampleRecord
    private let adapter: any DatasetAdapter
    private let labels: LabelSet
    private let decoder: any ImageDecoder
    private let cached: DecodingCache.Record?
    private var decoded: Sample?

    init(
        _ record: SampleRecord,
        of adapter: any DatasetAdapter,
        _ labels: LabelSet,
        decoder: any ImageDecoder,
        cache: DecodingCache?
    ) {
        self.record = record
        self.adapter = adapter
        self.labels = labels
        self.decoder = decoder
        cached = cache?.record(record)
    }

    private func sample() throws -> Sample {
        if let decoded { return decoded }
        var sample = try PluginContext.with(adapter) { try adapter.sample(for: record, decoder: decoder) }
        try labels.require(sample, of: adapter.name)
        // In the order in which a cached sample has them.
        sample.labels = labels.further.compactMap { name in sample.labels.first { $0.name == name } }
        decoded = sample
        return sample
    }

    func prepared(size: Int, colors: Bool) throws -> PreparedSample {
        let make = {
            let sample = try self.sample()
            return PreparedSample(sample, size: size, colors: colors ? try self.colors(of: sample) : [])
        }
        guard let cached else { return try make() }
        let further = labels.further
        return try cached.value(
            of: .init(
                "sample",
                version: PreparedSample.version,
                settings: colors ? ["size": size, "colors": 3] : ["size": size]
            ),
            read: { PreparedSample($0, record: self.record, size: size, labels: further, hasColors: colors) },
            make: make,
            // An adapter may complete the record, which is not stored.
            stored: { $0.record == self.record ? $0.tensorRecord : nil }
        )
    }

    /// Red, green and blue of the image; of one that is not a file, its gray.
    private func colors(of sample: Sample) throws -> [GrayImage] {
        guard record.imageFile.isFileURL else { return [sample.image, sample.image, sample.image] }
        let colors = try decoder.colorChannels(at: record.imageFile.path)
        guard colors.count == 3,
            colors.allSatisfy({ $0.width == sample.image.width && $0.height == sample.image.height })
        else {
            throw SegmentationError(
                record.imageFile.path,
                "\(adapter.name) gives the image another size than the file has, so the file's colors do not fit it",
                cure: "use `channels: 1`"
            )
        }
        return colors
    }

    func thumbnail(_ reference: RecordReference) throws -> Thumbnail {
        let make = { Thumbnail(image: try self.sample().image, record: reference) }
        guard let cached else { return try make() }
        return try cached.value(
            of: .init("thumbnail", version: Thumbnail.version),
            read: { Thumbnail($0, record: reference) },
            make: make,
            stored: \.tensorRecord
        )
    }

    func inspection(_ name: String) throws -> RecordInspection {
        let make = { RecordInspection(try self.sample(), of: self.adapter, name: name, decoder: self.decoder) }
        guard let cached else { return try make() }
        return try cached.value(
            of: .init("inspection", version: RecordInspection.version),
            read: { RecordInspection($0, record: self.record, name: name) },
            make: make,
            stored: { $0.tensorRecord(of: self.record) }
        )
    }
}
