import CSegPNG
import SegCore

extension PNGImage {
    /// The pixels of a decoded file: colors of palette indices, and alpha of the color that is transparent.
    init(_ image: seg_png_image, channels: Channels, values: [UInt16]) {
        let (width, height, depth) = (Int(image.width), Int(image.height), Int(image.bit_depth))
        if image.palette_count > 0 {
            self.init(width: width, height: height, indices: values, palette: Self.palette(of: image), image)
        } else if image.has_transparent != 0, channels == .gray || channels == .rgb {
            self.init(width: width, height: height, channels: channels, bitDepth: depth, values: values, image)
        } else {
            self.init(width: width, height: height, channels: channels, bitDepth: depth, samples: values)
        }
    }

    private static func palette(of image: seg_png_image) -> [[UInt8]] {
        withUnsafeBytes(of: image.palette) { bytes in
            (0..<Int(image.palette_count)).map { Array(bytes[(4 * $0)..<(4 * $0 + 4)]) }
        }
    }

    private init(width: Int, height: Int, indices: [UInt16], palette: [[UInt8]], _ image: seg_png_image) {
        let channels: Channels = image.palette_has_alpha != 0 ? .rgbAlpha : .rgb
        // An index beyond the palette is black, as libpng has it.
        let black: [UInt8] = [0, 0, 0, 255]
        var samples: [UInt16] = []
        samples.reserveCapacity(indices.count * channels.count)
        for index in indices {
            let color = Int(index) < palette.count ? palette[Int(index)] : black
            for channel in 0..<channels.count { samples.append(UInt16(color[channel])) }
        }
        self.init(width: width, height: height, channels: channels, bitDepth: 8, samples: samples)
        stored = StoredValues(values: indices, palette: palette)
    }

    /// Samples with the alpha that makes one of their colors transparent; levels of less than 8 bits are widened to 8.
    private init(
        width: Int,
        height: Int,
        channels: Channels,
        bitDepth: Int,
        values: [UInt16],
        _ image: seg_png_image
    ) {
        let scale = bitDepth < 8 ? UInt16(255 / ((1 << bitDepth) - 1)) : 1
        let opaque: UInt16 = bitDepth == 16 ? .max : 255
        let (first, second, third) = image.transparent
        let hidden = [first, second, third].prefix(channels.count)
        var samples: [UInt16] = []
        samples.reserveCapacity(values.count / channels.count * (channels.count + 1))
        for start in stride(from: 0, to: values.count, by: channels.count) {
            let pixel = values[start..<(start + channels.count)]
            for value in pixel { samples.append(value &* scale) }
            samples.append(pixel.elementsEqual(hidden) ? 0 : opaque)
        }
        self.init(
            width: width,
            height: height,
            channels: channels == .gray ? .grayAlpha : .rgbAlpha,
            bitDepth: max(bitDepth, 8),
            samples: samples
        )
        if scale != 1 { stored = StoredValues(values: values, palette: []) }
    }

    /// The image turned so that it stands as its orientation says.
    func upright(_ orientation: PNGOrientation) -> PNGImage {
        guard orientation != .upright else { return self }
        let (newWidth, newHeight) = orientation.isTurned ? (height, width) : (width, height)
        func turned(_ values: [UInt16], count: Int) -> [UInt16] {
            var result: [UInt16] = []
            result.reserveCapacity(values.count)
            for y in 0..<newHeight {
                for x in 0..<newWidth {
                    let source = orientation.source(x: x, y: y, width: newWidth, height: newHeight)
                    let start = (source.y * width + source.x) * count
                    result += values[start..<(start + count)]
                }
            }
            return result
        }
        var image = PNGImage(
            width: newWidth,
            height: newHeight,
            channels: channels,
            bitDepth: bitDepth,
            samples: turned(samples, count: channels.count)
        )
        image.stored = stored.map { StoredValues(values: turned($0.values, count: 1), palette: $0.palette) }
        return image
    }
}
