public import SegCache
public import SegCore
import SegTensor

extension Thumbnail {
    /// The thumbnails of a data set's images, decoded on the worker pool, in the order of the records.
    ///
    /// - Parameters:
    ///   - adapter: the data set.
    ///   - name: the data set's name in the records' references; the adapter's own if `nil`.
    ///   - records: the records; all of the adapter's if `nil`.
    ///   - decoder: reads the image files.
    ///   - cache: where thumbnails are kept from run to run; none if `nil`. The result does not depend on it.
    ///   - progress: called with the number of images done and of all, from any thread, one call at a time. An error
    ///     that it throws ends the work and is thrown on: so a caller can cancel.
    ///
    /// - Throws: the error of the first record, in their order, that cannot be decoded, naming its file.
    public static func all(
        of adapter: any DatasetAdapter,
        name: String? = nil,
        records: [SampleRecord]? = nil,
        decoder: any ImageDecoder,
        cache: TensorCache? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws -> [Thumbnail] {
        try DatasetContents(
            DatasetContents.Wanted(thumbnailsOf: name ?? adapter.name),
            of: adapter,
            records: records ?? PluginContext.with(adapter) { try adapter.records() },
            decoder: decoder,
            cache: cache,
            progress: progress
        ).thumbnails
    }
}
