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
        /// Of a further label, its mask in the canvas and in the source's size.
        static let label = "label "
        static let labelLesion = "native label "
        /// Of red, green and blue.
        static let colors = ["red", "green", "blue"]
    }

    /// The sample as the cache stores it, without ``record``.
    public var tensorRecord: TensorRecord {
        func plane(_ name: String, _ plane: PixelPlane) -> StoredTensor {
            switch plane {
            case .bits8(let values): StoredTensor(name, values, shape: [size, size])
            case .bits16(let values): StoredTensor(name, values, shape: [size, size])
            case .float(let values): StoredTensor(name, values, shape: [size, size])
            }
        }
        func mask(_ name: String, _ mask: RunLengthMask) -> StoredTensor {
            let bytes = mask.encoded
            return StoredTensor(name, bytes, shape: [bytes.count], filter: StoredTensor.Filter.none)
        }
        let source = StoredTensor(
            Part.source,
            [Int32(letterbox.sourceWidth), Int32(letterbox.sourceHeight)],
            shape: [2],
            filter: StoredTensor.Filter.none
        )
        return TensorRecord(
            [plane(Part.image, pixels), mask(Part.mask, canvasLesion), mask(Part.lesion, lesion), source]
                + labels.flatMap {
                    [mask(Part.label + $0.name, $0.canvas), mask(Part.labelLesion + $0.name, $0.native)]
                }
                + zip(Part.colors, colors).map { plane($0, $1) }
        )
    }

    /// The sample of a stored record; `nil` if that is not one of a sample of this size with these further labels.
    public init?(
        _ stored: TensorRecord,
        record: SampleRecord,
        size: Int,
        labels names: [String] = [],
        hasColors: Bool = false
    ) {
        func plane(_ name: String) -> PixelPlane? {
            guard let image = stored[name], image.shape == [size, size] else { return nil }
            if let values = image.values(as: UInt8.self) { return .bits8(values) }
            if let values = image.values(as: UInt16.self) { return .bits16(values) }
            return image.values(as: Float.self).map(PixelPlane.float)
        }
        func mask(_ name: String, _ width: Int, _ height: Int) -> RunLengthMask? {
            stored[name]?.values(as: UInt8.self).flatMap { RunLengthMask(width: width, height: height, encoded: $0) }
        }
        let colorNames = hasColors ? Part.colors : []
        guard let source = stored[Part.source]?.values(as: Int32.self), source.count == 2,
            source.allSatisfy({ $0 > 0 }), let pixels = plane(Part.image),
            let canvasLesion = mask(Part.mask, size, size),
            let lesion = mask(Part.lesion, Int(source[0]), Int(source[1])),
            stored.tensors.count == 4 + 2 * names.count + colorNames.count
        else { return nil }
        var labels: [PreparedLabel] = []
        for name in names {
            guard let canvas = mask(Part.label + name, size, size),
                let native = mask(Part.labelLesion + name, Int(source[0]), Int(source[1]))
            else { return nil }
            labels.append(PreparedLabel(name: name, canvas: canvas, native: native))
        }
        let colors = colorNames.compactMap(plane)
        guard colors.count == colorNames.count else { return nil }
        self.init(
            record: record,
            pixels: pixels,
            canvasLesion: canvasLesion,
            letterbox: Letterbox(sourceWidth: Int(source[0]), sourceHeight: Int(source[1]), size: size),
            lesion: lesion,
            labels: labels,
            colors: colors
        )
    }

    /// A hash of the pixels, masks, labels and sizes, the same on every machine, whether or not the sample came from a cache.
    public var contentHash: ContentHash {
        func hash(_ plane: PixelPlane) -> ContentHash {
            switch plane {
            case .bits8(let values): ContentHash(of: values)
            case .bits16(let values): values.map(\.littleEndian).withUnsafeBytes { ContentHash(of: $0) }
            case .float(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes { ContentHash(of: $0) }
            }
        }
        var components = CacheKey.Components()
        components.add("image", hash(pixels))
        components.add("size", size)
        components.add("mask", ContentHash(of: canvasLesion.encoded))
        components.add("lesion", ContentHash(of: lesion.encoded))
        components.add("width", letterbox.sourceWidth)
        components.add("height", letterbox.sourceHeight)
        for label in labels {
            components.add("label", label.name)
            components.add("label's mask", ContentHash(of: label.canvas.encoded))
            components.add("label's lesion", ContentHash(of: label.native.encoded))
        }
        for plane in colors { components.add("color", hash(plane)) }
        return components.key.hash
    }
}
