package import Foundation
import SegCache
package import SegCore
import SegTensor

/// One record while things are made of it: what is decoded or hashed for the first of them serves the others.
final class RecordReading {
    private let index: Int
    private let reader: SampleReader
    private let cached: DecodingCache.Record?
    private var decoded: Sample?

    private var record: SampleRecord { reader.records[index] }

    /// - Parameter cache: where its products are kept; `nil` to decode the files.
    init(_ index: Int, of reader: SampleReader, cache: DecodingCache?) {
        (self.index, self.reader) = (index, reader)
        cached = cache?.record(reader.records[index])
    }

    private func sample() throws -> Sample {
        if let decoded { return decoded }
        let adapter = reader.adapter
        var sample = try PluginContext.with(adapter) { try adapter.sample(for: record, decoder: reader.decoder) }
        try reader.labels.require(sample, of: adapter.name)
        // In the order in which a cached sample has them.
        sample.labels = reader.labels.further.compactMap { name in sample.labels.first { $0.name == name } }
        decoded = sample
        return sample
    }

    func prepared(size: Int, colors: Bool) throws -> PreparedSample {
        let make = {
            let sample = try self.sample()
            return PreparedSample(
                sample,
                size: size,
                colors: colors
                    ? try sample.colors(
                        in: self.record.imageFile,
                        of: self.reader.adapter.name,
                        decoder: self.reader.decoder
                    ) : []
            )
        }
        guard let cached else { return try make() }
        return try cached.value(
            of: SampleReader.product(size: size, colors: colors),
            read: { self.reader.sample($0, self.index, size: size, colors: colors) },
            make: make,
            stored: { self.reader.stored($0, self.index) }
        )
    }

    /// Where a prepared sample is read again.
    func place(of sample: PreparedSample, colors: Bool) -> SampleReader.Place {
        SampleReader.Place(
            reader: reader,
            index: index,
            size: sample.size,
            colors: colors,
            key: cached?.key(of: SampleReader.product(size: sample.size, colors: colors)),
            hash: sample.contentHash
        )
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
        let make = {
            RecordInspection(try self.sample(), of: self.reader.adapter, name: name, decoder: self.reader.decoder)
        }
        guard let cached else { return try make() }
        return try cached.value(
            of: .init("inspection", version: RecordInspection.version),
            read: { RecordInspection($0, record: self.record, name: name) },
            make: make,
            stored: { $0.tensorRecord(of: self.record) }
        )
    }
}

extension Sample {
    /// Red, green and blue of the image; of one that is not a file, its gray.
    ///
    /// - Parameters:
    ///   - file: the image's file.
    ///   - dataset: its data set's name, for the message.
    ///
    /// - Throws: ``SegmentationError`` if the file cannot be read, or has another size than the image.
    package func colors(in file: URL, of dataset: String, decoder: any ImageDecoder) throws -> [GrayImage] {
        guard file.isFileURL else { return [image, image, image] }
        let colors = try decoder.colorChannels(at: file.path)
        guard colors.count == 3, colors.allSatisfy({ $0.width == image.width && $0.height == image.height }) else {
            throw SegmentationError(
                file.path,
                "\(dataset) gives the image another size than the file has, so the file's colors do not fit it",
                cure: "use `channels: 1`"
            )
        }
        return colors
    }
}
