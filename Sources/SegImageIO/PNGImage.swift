public import SegCore

/// The pixels of a PNG file, at the scale of the file.
///
/// - Shape: `height` rows of `width` pixels of `channels` interleaved samples, row-major, the first row at the top.
/// - Units: `0...maximumSample`.
public struct PNGImage: Hashable, Sendable {
    /// What the samples of a pixel mean.
    public enum Channels: Int, Hashable, Sendable, CaseIterable {
        case gray = 1
        case grayAlpha = 2
        case rgb = 3
        case rgbAlpha = 4

        /// Whether the last sample of a pixel is its opacity.
        public var hasAlpha: Bool { self == .grayAlpha || self == .rgbAlpha }
        /// Samples a pixel.
        public var count: Int { rawValue }
    }

    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// What the samples of a pixel mean.
    public let channels: Channels
    /// Bits a sample: 1, 2, 4 (gray only), 8 or 16.
    public let bitDepth: Int
    /// `width * height * channels.count` samples.
    public let samples: [UInt16]
    /// The first value of each pixel as the file stores it, where that is not its first sample: palette indices, and
    /// gray levels below 8 bits that were widened for an alpha channel. What labels are read by.
    public internal(set) var stored: StoredValues?

    /// Values of pixels before they became samples.
    public struct StoredValues: Hashable, Sendable {
        /// `width * height` values.
        public internal(set) var values: [UInt16]
        /// The colors of the palette's indices, red, green, blue and alpha each; empty for gray levels.
        public let palette: [[UInt8]]
    }

    /// The largest value of a sample, `2^bitDepth - 1`.
    public var maximumSample: UInt16 { UInt16((1 << bitDepth) - 1) }

    /// An image from its samples. Traps on a depth that PNG does not know for these channels, or on a wrong count.
    public init(width: Int, height: Int, channels: Channels, bitDepth: Int, samples: [UInt16]) {
        precondition(
            width > 0 && height > 0 && samples.count == width * height * channels.count,
            "sample count must be width * height * channels"
        )
        precondition(
            bitDepth == 8 || bitDepth == 16 || (channels == .gray && [1, 2, 4].contains(bitDepth)),
            "PNG has 8 and 16 bits a sample, and 1, 2 and 4 for gray"
        )
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.samples = samples
    }

    /// A gray image, intensity `0...1` stretched over the range of 8 or 16 bits and rounded.
    ///
    /// - Edge cases: intensities outside `0...1` are clamped, NaN becomes black.
    public init(_ image: GrayImage, bitDepth: Int = 8) {
        let maximum = Float((1 << bitDepth) - 1)
        self.init(
            width: image.width,
            height: image.height,
            channels: .gray,
            bitDepth: bitDepth,
            samples: image.pixels.map { $0 > 0 ? UInt16((min($0, 1) * maximum).rounded()) : 0 }
        )
    }

    /// A mask as a gray image, background black and lesion white.
    public init(_ mask: Mask, bitDepth: Int = 8) {
        let white = UInt16((1 << bitDepth) - 1)
        self.init(
            width: mask.width,
            height: mask.height,
            channels: .gray,
            bitDepth: bitDepth,
            samples: mask.pixels.map { $0 == 0 ? 0 : white }
        )
    }
}
