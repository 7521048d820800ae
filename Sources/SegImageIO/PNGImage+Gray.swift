public import SegCore

extension PNGImage {
    /// The image as gray, intensity `0...1`: color by the Rec. 601 luma weights, alpha ignored.
    ///
    /// - Formula: 0.299 R + 0.587 G + 0.114 B, over the largest sample. Gray stored as color gives the same bits as
    ///   the same gray stored as gray.
    public var gray: GrayImage {
        let scale = 1000 * Double(maximumSample)
        let pixels = map { pixel in
            let luma: UInt32 =
                isColored
                ? 299 * UInt32(pixel[0]) + 587 * UInt32(pixel[1]) + 114 * UInt32(pixel[2]) : 1000 * UInt32(pixel[0])
            return Float(Double(luma) / scale)
        }
        return GrayImage(width: width, height: height, pixels: pixels, bitDepth: bitDepth)
    }

    /// Red, green and blue, each of intensity `0...1` over the largest sample; of a gray image three times its gray.
    public var colors: [GrayImage] {
        let scale = Double(maximumSample)
        return (0..<3).map { color in
            let sample = isColored ? color : 0
            let pixels = map { pixel in Float(Double(pixel[sample]) / scale) }
            return GrayImage(width: width, height: height, pixels: pixels, bitDepth: bitDepth)
        }
    }

    /// The image as a mask by the rule ``SegCore/MaskRule/bright``.
    public var mask: Mask { mask(by: .bright) }

    /// The image as a mask by a rule. Labels and values but 0 are those that the file stores: palette indices, not their
    /// colors.
    public func mask(by rule: MaskRule) -> Mask {
        let full = UInt64(maximumSample)
        let values: [UInt8] =
            switch rule {
            case .bright:
                map { pixel in
                    let brightest = isColored ? max(pixel[0], pixel[1], pixel[2]) : pixel[0]
                    let alpha = channels.hasAlpha ? UInt64(pixel[channels.count - 1]) : full
                    return 2 * UInt64(brightest) * alpha > full * full ? 1 : 0
                }
            case .nonzero where stored != nil: storedValues.map { $0 != 0 ? 1 : 0 }
            case .nonzero: map { pixel in (isColored ? pixel[0] | pixel[1] | pixel[2] : pixel[0]) != 0 ? 1 : 0 }
            case .labels(let labels) where stored != nil: storedValues.map { labels.contains(Int($0)) ? 1 : 0 }
            case .labels(let labels): map { pixel in labels.contains(Int(pixel[0])) ? 1 : 0 }
            }
        return Mask(width: width, height: height, pixels: values)
    }

    private var storedValues: [UInt16] { stored?.values ?? [] }

    private var isColored: Bool { channels.count >= 3 }

    /// Applies `transform` to each pixel's samples.
    private func map<Value>(_ transform: (_ pixel: UnsafePointer<UInt16>) -> Value) -> [Value] {
        let count = channels.count
        return samples.withUnsafeBufferPointer { samples in
            guard let start = samples.baseAddress else { return [] }
            return [Value](unsafeUninitializedCapacity: width * height) { values, initializedCount in
                for pixel in 0..<(width * height) {
                    values.initializeElement(at: pixel, to: transform(start + pixel * count))
                }
                initializedCount = width * height
            }
        }
    }
}
