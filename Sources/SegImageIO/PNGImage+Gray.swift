public import SegCore

extension PNGImage {
    /// The image as grey, intensity `0...1`: colour by the Rec. 601 luma weights, alpha ignored.
    ///
    /// Formula: 0.299 R + 0.587 G + 0.114 B, over the largest sample. Grey stored as colour gives the same bits as
    /// the same grey stored as grey.
    public var gray: GrayImage {
        let scale = 1000 * Double(maximumSample)
        return GrayImage(width: width, height: height, pixels: map { luma, _ in Float(Double(luma) / scale) })
    }

    /// The image as a mask: grey, times alpha where there is an alpha channel, above one half of the full range.
    public var mask: Mask {
        let full = UInt64(maximumSample)
        let threshold = 1000 * full * full
        return Mask(
            width: width,
            height: height,
            pixels: map { luma, alpha in 2 * UInt64(luma) * UInt64(alpha) > threshold ? 1 : 0 }
        )
    }

    /// Applies `transform` to each pixel's luma (1000 times the sample's scale, exact) and alpha (the largest sample
    /// where the image has none).
    private func map<Value>(_ transform: (_ luma: UInt32, _ alpha: UInt16) -> Value) -> [Value] {
        let count = channels.count
        let opaque = maximumSample
        return samples.withUnsafeBufferPointer { samples in
            [Value](unsafeUninitializedCapacity: width * height) { values, initializedCount in
                for pixel in 0..<(width * height) {
                    let first = pixel * count
                    let luma: UInt32 =
                        if count >= 3 {
                            299 * UInt32(samples[first]) + 587 * UInt32(samples[first + 1])
                                + 114 * UInt32(samples[first + 2])
                        } else {
                            1000 * UInt32(samples[first])
                        }
                    let alpha = channels.hasAlpha ? samples[first + count - 1] : opaque
                    values.initializeElement(at: pixel, to: transform(luma, alpha))
                }
                initializedCount = width * height
            }
        }
    }
}
