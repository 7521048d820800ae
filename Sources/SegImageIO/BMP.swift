public import Foundation
import SegCore

/// BMP files, as scanners' frame grabbers and Windows programs write them, without compression.
public enum BMP {
    /// Decodes the bytes of a BMP of 1, 4 or 8 bits with a palette, or of 16, 24 or 32 bits.
    ///
    /// A palette of grays only is read as gray levels, another one as colors; indices are kept as the stored values that
    /// labels are read by. The alpha of 32 bits is ignored, as most programs that write it leave it 0.
    ///
    /// - Source: Microsoft, "Bitmap Header Types" and "Bitmap Storage" (BITMAPCOREHEADER to BITMAPV5HEADER).
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a BMP, are compressed, damaged or cut short, or
    ///   promise more than `maximumPixels`.
    public static func decode(
        _ bytes: Data,
        name: String = "BMP data",
        maximumPixels: Int = PNG.defaultMaximumPixels
    ) throws -> PNGImage {
        guard ImageFileKind(bytes) == .bmp else { throw ImageFileKind.error(bytes, name: name, isNot: "BMP") }
        return try BMPReader([UInt8](bytes), name: name).image(maximumPixels: maximumPixels)
    }
}

/// Takes a BMP apart. Every place is checked before it is read.
private struct BMPReader {
    let bytes: [UInt8]
    let name: String

    private var headerSize = 0
    private var width = 0
    private var height = 0
    private var runsDown = false
    private var bitCount = 0
    private var compression = 0
    private var colorCount = 0

    init(_ bytes: [UInt8], name: String) throws {
        self.bytes = bytes
        self.name = name
        headerSize = try number(14, 4)
        // OS/2's header has shorts where later ones have longs.
        if headerSize == 12 {
            (width, height) = (try number(18, 2), try number(20, 2))
            bitCount = try number(24, 2)
        } else {
            guard headerSize >= 40, headerSize <= 1024 else { throw damaged("its header claims \(headerSize) bytes") }
            width = Int(Int32(truncatingIfNeeded: try number(18, 4)))
            let rows = Int(Int32(truncatingIfNeeded: try number(22, 4)))
            (height, runsDown) = (abs(rows), rows < 0)
            bitCount = try number(28, 2)
            compression = try number(30, 4)
            colorCount = try number(46, 4)
        }
    }

    func image(maximumPixels: Int) throws -> PNGImage {
        guard width > 0, height > 0 else { throw damaged("its header says \(width) x \(height) px") }
        guard width * height <= maximumPixels else {
            throw SegmentationError(
                name,
                "the BMP cannot be decoded: its header promises \(width) x \(height) px, more than the limit of "
                    + "\(maximumPixels) px",
                cure: "check that this is the file you mean; cut it, or scale it down"
            )
        }
        // 3 and 6 are masks of colors, without and with alpha.
        guard compression == 0 || [3, 6].contains(compression) && [16, 32].contains(bitCount) else {
            throw SegmentationError(
                name,
                "the BMP cannot be decoded: it is compressed (kind \(compression))",
                cure: "save it without compression, or convert it to PNG"
            )
        }
        let start = try number(10, 4)
        // Rows are filled up to four bytes.
        let rowBytes = (width * bitCount + 31) / 32 * 4
        guard start >= 0, start <= bytes.count, rowBytes <= (bytes.count - start) / height else {
            throw damaged("its header promises \(width) x \(height) px, but it holds only \(bytes.count) bytes")
        }
        func row(_ y: Int) -> ArraySlice<UInt8> {
            let first = start + (runsDown ? y : height - 1 - y) * rowBytes
            return bytes[first..<(first + rowBytes)]
        }
        switch bitCount {
        case 1, 4, 8: return try indexed(row)
        case 24: return colored(row)
        case 16, 32: return try masked(row)
        default: throw damaged("it has \(bitCount) bits a pixel")
        }
    }

    /// Indices of a palette, the leftmost pixel in the highest bits.
    private func indexed(_ row: (Int) -> ArraySlice<UInt8>) throws -> PNGImage {
        let entrySize = headerSize == 12 ? 3 : 4
        let most = 1 << bitCount
        guard colorCount >= 0, colorCount <= most else { throw damaged("its palette claims \(colorCount) colors") }
        let count = colorCount == 0 ? most : colorCount
        let palette = try (0..<count).map { index in
            let place = 14 + headerSize + index * entrySize
            return [try number(place + 2, 1), try number(place + 1, 1), try number(place, 1), 255].map(UInt8.init)
        }
        var indices: [UInt16] = []
        indices.reserveCapacity(width * height)
        for y in 0..<height {
            let row = row(y)
            for x in 0..<width {
                let bit = x * bitCount
                let byte = row[row.startIndex + bit / 8]
                indices.append(UInt16(byte >> UInt8(8 - bitCount - bit % 8)) & UInt16(most - 1))
            }
        }
        let isGray = palette.allSatisfy { $0[0] == $0[1] && $0[1] == $0[2] }
        // An index beyond the palette is black.
        let colors = indices.map { Int($0) < palette.count ? palette[Int($0)] : [0, 0, 0, 255] }
        var image = PNGImage(
            width: width,
            height: height,
            channels: isGray ? .gray : .rgb,
            bitDepth: 8,
            samples: isGray ? colors.map { UInt16($0[0]) } : colors.flatMap { $0[..<3].map(UInt16.init) }
        )
        // Where each index is its own gray level, they are the samples.
        if image.samples != indices { image.stored = .init(values: indices, palette: palette) }
        return image
    }

    /// Blue, green and red, a byte each.
    private func colored(_ row: (Int) -> ArraySlice<UInt8>) -> PNGImage {
        var samples: [UInt16] = []
        samples.reserveCapacity(3 * width * height)
        for y in 0..<height {
            let row = row(y).prefix(3 * width)
            for start in stride(from: row.startIndex, to: row.endIndex, by: 3) {
                samples += [UInt16(row[start + 2]), UInt16(row[start + 1]), UInt16(row[start])]
            }
        }
        return PNGImage(width: width, height: height, channels: .rgb, bitDepth: 8, samples: samples)
    }

    /// Colors cut out of 16 or 32 bits by masks, each widened to 8 bits.
    private func masked(_ row: (Int) -> ArraySlice<UInt8>) throws -> PNGImage {
        // Behind the header of 40 bytes, and within longer ones.
        let masks: [UInt32] =
            compression == 0
            ? (bitCount == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF])
            : try (0..<3).map { UInt32(try number(54 + 4 * $0, 4)) }
        guard masks.allSatisfy({ $0 != 0 }) else { throw damaged("a color has no bits") }
        let size = bitCount / 8
        var samples: [UInt16] = []
        samples.reserveCapacity(3 * width * height)
        for y in 0..<height {
            let row = row(y)
            for x in 0..<width {
                let start = row.startIndex + x * size
                let value = (0..<size).reduce(UInt32(0)) { $0 | UInt32(row[start + $1]) << UInt32(8 * $1) }
                for mask in masks {
                    let shift = UInt32(mask.trailingZeroBitCount)
                    let most = UInt64(mask >> shift)
                    let level = UInt64((value & mask) >> shift)
                    samples.append(UInt16((level * 255 + most / 2) / most))
                }
            }
        }
        return PNGImage(width: width, height: height, channels: .rgb, bitDepth: 8, samples: samples)
    }

    /// A number of up to four bytes, the lowest first.
    private func number(_ place: Int, _ count: Int) throws -> Int {
        guard place >= 0, place <= bytes.count - count else { throw damaged("the file ends too early (truncated)") }
        return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    private func damaged(_ problem: String) -> SegmentationError {
        SegmentationError(
            name,
            "the BMP cannot be decoded: \(problem)",
            cure: "restore the file from its source, or convert it to PNG"
        )
    }
}
