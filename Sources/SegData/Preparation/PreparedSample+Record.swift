public import SegCache
public import SegCore

extension PreparedSample {
    /// Raised with every change of what ``init(_:size:)`` makes of the same sample, and of ``tensorRecord``.
    static let version = 1

    private enum Part {
        static let image = "image"
        static let mask = "mask"
        static let lesion = "lesion"
        static let source = "source"
    }

    /// The sample as the cache stores it, without ``record``.
    public var tensorRecord: TensorRecord {
        let image =
            switch pixels {
            case .bits8(let values): StoredTensor(Part.image, values, shape: [size, size])
            case .bits16(let values): StoredTensor(Part.image, values, shape: [size, size])
            case .float(let values): StoredTensor(Part.image, values, shape: [size, size])
            }
        let mask = canvasLesion.encoded
        let native = lesion.encoded
        return TensorRecord([
            image,
            StoredTensor(Part.mask, mask, shape: [mask.count], filter: StoredTensor.Filter.none),
            StoredTensor(Part.lesion, native, shape: [native.count], filter: StoredTensor.Filter.none),
            StoredTensor(
                Part.source,
                [Int32(letterbox.sourceWidth), Int32(letterbox.sourceHeight)],
                shape: [2],
                filter: StoredTensor.Filter.none
            ),
        ])
    }

    /// The sample of a stored record; `nil` if that is not one of a sample of this size.
    public init?(_ stored: TensorRecord, record: SampleRecord, size: Int) {
        guard let image = stored[Part.image], image.shape == [size, size],
            let source = stored[Part.source]?.values(as: Int32.self), source.count == 2, source.allSatisfy({ $0 > 0 }),
            let mask = stored[Part.mask]?.values(as: UInt8.self),
            let native = stored[Part.lesion]?.values(as: UInt8.self),
            let canvasLesion = RunLengthMask(width: size, height: size, encoded: mask),
            let lesion = RunLengthMask(width: Int(source[0]), height: Int(source[1]), encoded: native)
        else { return nil }
        let pixels: PixelPlane
        if let values = image.values(as: UInt8.self) {
            pixels = .bits8(values)
        } else if let values = image.values(as: UInt16.self) {
            pixels = .bits16(values)
        } else if let values = image.values(as: Float.self) {
            pixels = .float(values)
        } else {
            return nil
        }
        self.init(
            record: record,
            pixels: pixels,
            canvasLesion: canvasLesion,
            letterbox: Letterbox(sourceWidth: Int(source[0]), sourceHeight: Int(source[1]), size: size),
            lesion: lesion
        )
    }

    /// A hash of the pixels, masks and sizes, the same on every machine, whether or not the sample came from a cache.
    public var contentHash: ContentHash {
        let image =
            switch pixels {
            case .bits8(let values): ContentHash(of: values)
            case .bits16(let values): values.map(\.littleEndian).withUnsafeBytes { ContentHash(of: $0) }
            case .float(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes { ContentHash(of: $0) }
            }
        var components = CacheKey.Components()
        components.add("image", image)
        components.add("size", size)
        components.add("mask", ContentHash(of: canvasLesion.encoded))
        components.add("lesion", ContentHash(of: lesion.encoded))
        components.add("width", letterbox.sourceWidth)
        components.add("height", letterbox.sourceHeight)
        return components.key.hash
    }
}
