import SegAugmentation
package import SegCache
public import SegCore

/// A prepared sample that is in memory, or read when it is needed.
///
/// What has to be known of every sample of a training is at hand: the record, how the image sits in the canvas, whether there is a
/// lesion. Pixels and masks are ``loaded()``: those of a sample that is not in memory come from the cache, or from the sample's
/// files where the cache does not have them. Either way they are the ones that were prepared, to the bit, or an error says that
/// the files have changed.
///
/// ```swift
/// let samples = try SampleStore.stream(adapter: clinic, size: 256, decoder: decoder, cache: cache, memory: 2 << 30)
/// let first = try samples[0].loaded().image
/// ```
public struct StreamedSample: Sendable {
    /// Where it came from.
    public var record: SampleRecord
    /// How the source sits in the canvas.
    public let letterbox: Letterbox
    /// Whether a pixel of the source belongs to the lesion.
    public let hasLesion: Bool
    private let source: Source

    /// Behind a reference, so that a sample which is not in memory does not take the room of one that is.
    private indirect enum Source: Sendable {
        case memory(PreparedSample)
        case files(SampleReader.Place)
    }

    /// A sample that stays in memory.
    public init(_ sample: PreparedSample) { self.init(sample, .memory(sample)) }

    /// A sample that was read, of which only the place is kept.
    init(_ sample: PreparedSample, at place: SampleReader.Place) { self.init(sample, .files(place)) }

    private init(_ sample: PreparedSample, _ source: Source) {
        record = sample.record
        letterbox = sample.letterbox
        hasLesion = !sample.lesion.isEmpty
        self.source = source
    }

    /// Side of the canvas, px.
    public var size: Int { letterbox.size }

    /// Whether pixels and masks are in memory.
    public var isInMemory: Bool {
        switch source {
        case .memory: true
        case .files: false
        }
    }

    /// Pixels and masks, with this sample's ``record``.
    ///
    /// May be called from several threads at a time.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read any more, or if it has changed.
    public func loaded() throws -> PreparedSample {
        var sample: PreparedSample
        switch source {
        case .memory(let kept): sample = kept
        case .files(let place): sample = try place.read()
        }
        sample.record = record
        return sample
    }

    /// In place of ``loaded()`` where that fails and nothing can be thrown: of the same planes, and black.
    var blank: ImagePair {
        let plane = [Float](repeating: 0, count: size * size)
        var pair = ImagePair(width: size, height: size, image: plane, mask: plane, coverage: letterbox.coverage)
        switch source {
        case .memory(let sample):
            (pair.labels, pair.colors) = (sample.labels.map { _ in plane }, sample.colors.map { _ in plane })
        case .files(let place):
            (pair.labels, pair.colors) = (
                place.reader.labels.further.map { _ in plane }, place.colors ? [plane, plane, plane] : []
            )
        }
        return pair
    }

    /// The hash of ``loaded()``'s content, known without reading it.
    package var contentHash: ContentHash {
        switch source {
        case .memory(let sample): sample.contentHash
        case .files(let place): place.hash
        }
    }
}

extension RandomAccessCollection where Element == StreamedSample, Self: Sendable {
    /// All of them, in their order, read on the current worker pool.
    ///
    /// - Throws: as ``StreamedSample/loaded()``, of the first that cannot be read.
    public func loaded() throws -> [PreparedSample] {
        guard contains(where: { !$0.isInMemory }) else { return try map { try $0.loaded() } }
        return try parallelMap(count) { try self[index(startIndex, offsetBy: $0)].loaded() }
    }
}
