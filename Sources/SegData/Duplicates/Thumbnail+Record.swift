import SegCache
import SegCore

extension Thumbnail {
    /// Raised with every change of what ``init(image:record:)`` makes of the same image, and of ``tensorRecord``.
    static let version = 2

    private enum Part {
        static let pixels = "pixels"
        static let source = "source"
        static let hashes = "hashes"
    }

    /// The thumbnail as the cache stores it, without ``record``.
    var tensorRecord: TensorRecord {
        let hashes = [perceptualHash, contentHash.low, contentHash.high].map { Int64(bitPattern: $0) }
        return TensorRecord([
            StoredTensor(Part.pixels, pixels, shape: [Self.side, Self.side]),
            StoredTensor(Part.source, [Int32(width), Int32(height)], shape: [2], filter: StoredTensor.Filter.none),
            StoredTensor(Part.hashes, hashes, shape: [3], filter: StoredTensor.Filter.none),
        ])
    }

    /// The thumbnail of a stored record; `nil` if that is not one of a thumbnail.
    init?(_ stored: TensorRecord, record: RecordReference) {
        guard let pixels = stored[Part.pixels]?.values(as: Float.self), pixels.count == Self.side * Self.side,
            let source = stored[Part.source]?.values(as: Int32.self), source.count == 2, source.allSatisfy({ $0 > 0 }),
            let hashes = stored[Part.hashes]?.values(as: Int64.self), hashes.count == 3
        else { return nil }
        self.record = record
        width = Int(source[0])
        height = Int(source[1])
        self.pixels = pixels
        perceptualHash = UInt64(bitPattern: hashes[0])
        contentHash = ContentHash(low: UInt64(bitPattern: hashes[1]), high: UInt64(bitPattern: hashes[2]))
    }
}
