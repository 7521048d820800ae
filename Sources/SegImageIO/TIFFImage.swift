public import SegCore

/// One page of a TIFF file, in the depth and format of the file.
///
/// - Shape: `height` rows of `width` pixels of `channels` interleaved samples, row-major, upright (the orientation of
///   the file is applied), black as zero (pages with white as zero are inverted).
public struct TIFFImage: Hashable, Sendable {
    /// What the samples of a pixel mean.
    public typealias Channels = PNGImage.Channels

    /// The samples, by their format.
    ///
    /// Unsigned integers of 1 to 8 bits are bytes, those of 9 to 16 are 16-bit words; floats of 16 bits are widened,
    /// which keeps every value.
    public enum Samples: Hashable, Sendable {
        case unsigned8([UInt8])
        case unsigned16([UInt16])
        case unsigned32([UInt32])
        case signed8([Int8])
        case signed16([Int16])
        case signed32([Int32])
        case float32([Float])
        case float64([Double])

        /// The number of samples.
        public var count: Int {
            switch self {
            case .unsigned8(let values): values.count
            case .unsigned16(let values): values.count
            case .unsigned32(let values): values.count
            case .signed8(let values): values.count
            case .signed16(let values): values.count
            case .signed32(let values): values.count
            case .float32(let values): values.count
            case .float64(let values): values.count
            }
        }

        /// The bits of a sample in memory.
        public var width: Int {
            switch self {
            case .unsigned8, .signed8: 8
            case .unsigned16, .signed16: 16
            case .unsigned32, .signed32, .float32: 32
            case .float64: 64
            }
        }

        /// Whether the samples are floating-point numbers.
        public var isFloatingPoint: Bool {
            switch self {
            case .float32, .float64: true
            default: false
            }
        }
    }

    /// The colors of a page whose samples are indices.
    ///
    /// - Units: `0...65535`.
    public struct Palette: Hashable, Sendable {
        public let red: [UInt16]
        public let green: [UInt16]
        public let blue: [UInt16]

        /// A palette. Traps if the counts differ.
        public init(red: [UInt16], green: [UInt16], blue: [UInt16]) {
            precondition(red.count == green.count && red.count == blue.count, "a palette entry has three colors")
            self.red = red
            self.green = green
            self.blue = blue
        }
    }

    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// What the samples of a pixel mean; ``PNGImage/Channels/gray`` for palette indices.
    public let channels: Channels
    /// Bits a sample: 1 to 16 or 32 for unsigned integers, 8, 16 or 32 for signed ones, 32 or 64 for floats.
    public let bitDepth: Int
    /// `width * height * channels.count` samples.
    public let samples: Samples
    /// The colors, if the samples are indices.
    public let palette: Palette?
    /// Whether colors are stored as their product with alpha.
    public let isPremultiplied: Bool
    /// Whether the file has white as zero, so that its values are the samples' complements: what labels are read by.
    public var isInverted = false
    /// The size of a pixel, mm, if the file has one that means something.
    public var pixelSpacing: PixelSpacing?
    /// The distance of slices, mm, if the page has an ImageJ description with one.
    public var sliceSpacing: Double?

    /// A page from its samples. Traps on a wrong count, and on a depth that the format of the samples does not have.
    ///
    /// - Parameter bitDepth: all bits of the samples if `nil`.
    public init(
        width: Int,
        height: Int,
        channels: Channels = .gray,
        samples: Samples,
        bitDepth: Int? = nil,
        palette: Palette? = nil,
        isPremultiplied: Bool = false,
        pixelSpacing: PixelSpacing? = nil,
        sliceSpacing: Double? = nil
    ) {
        let depth = bitDepth ?? samples.width
        precondition(
            width > 0 && height > 0 && samples.count == width * height * channels.count,
            "sample count must be width * height * channels"
        )
        let isShallow =
            switch samples {
            case .unsigned8: (1...8).contains(depth)
            case .unsigned16: (9...16).contains(depth)
            default: depth == samples.width
            }
        precondition(isShallow, "\(depth) bits are not a depth that these samples fit")
        precondition(
            palette.map { $0.red.count == 1 << depth && channels == .gray && depth <= 16 } ?? true,
            "a palette has an entry for each index"
        )
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = depth
        self.samples = samples
        self.palette = palette
        self.isPremultiplied = isPremultiplied && channels.hasAlpha
        self.pixelSpacing = pixelSpacing
        self.sliceSpacing = sliceSpacing
    }

    /// A gray image: intensity `0...1` stretched over the range of 8 or 16 bits and rounded, or kept as it is in floats
    /// of 32 bits. A probability map is a gray image of 32 bits.
    ///
    /// - Edge cases: with 8 and 16 bits intensities outside `0...1` are clamped, and NaN becomes black.
    ///
    /// - Parameter bitDepth: 8, 16 or 32; the fewest that keep the image's own depth if `nil`.
    public init(_ image: GrayImage, bitDepth: Int? = nil, pixelSpacing: PixelSpacing? = nil) {
        let depth = bitDepth ?? (image.bitDepth <= 8 ? 8 : image.bitDepth <= 16 ? 16 : 32)
        precondition([8, 16, 32].contains(depth), "a gray image is written with 8, 16 or 32 bits")
        func stretched<Sample: FixedWidthInteger>(_: Sample.Type) -> [Sample] {
            image.pixels.map { $0 > 0 ? Sample((min($0, 1) * Float(Sample.max)).rounded()) : 0 }
        }
        let samples: Samples =
            switch depth {
            case 8: .unsigned8(stretched(UInt8.self))
            case 16: .unsigned16(stretched(UInt16.self))
            default: .float32(image.pixels)
            }
        self.init(width: image.width, height: image.height, samples: samples, pixelSpacing: pixelSpacing)
    }

    /// A mask, background black and lesion white, with 1 bit or 8 bits a pixel.
    public init(_ mask: Mask, bitDepth: Int = 8, pixelSpacing: PixelSpacing? = nil) {
        precondition(bitDepth == 1 || bitDepth == 8, "a mask is written with 1 bit or 8 bits")
        let white = UInt8((1 << bitDepth) - 1)
        self.init(
            width: mask.width,
            height: mask.height,
            samples: .unsigned8(mask.pixels.map { $0 == 0 ? 0 : white }),
            bitDepth: bitDepth,
            pixelSpacing: pixelSpacing
        )
    }
}
