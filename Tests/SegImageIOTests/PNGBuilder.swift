import Testing

/// Writes PNG files byte by byte, with stored deflate blocks and no libpng, so that the decoder meets every color
/// type, depth and interlacing, and damaged ones with valid checksums.
struct PNGBuilder: Sendable, CustomTestStringConvertible {
    /// IHDR's color type: 0 gray, 2 RGB, 3 palette, 4 gray + alpha, 6 RGB + alpha.
    var colorType: Int
    var bitDepth: Int
    var isInterlaced = false
    var hasTransparency = false
    var width = 11
    var height = 9

    static let all: [PNGBuilder] = {
        let depths = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
        return depths.sorted { $0.key < $1.key }.flatMap { colorType, depths in
            depths.flatMap { depth in
                [false, true].flatMap { interlaced in
                    (colorType < 4 ? [false, true] : [false]).map { transparent in
                        PNGBuilder(
                            colorType: colorType,
                            bitDepth: depth,
                            isInterlaced: interlaced,
                            hasTransparency: transparent
                        )
                    }
                }
            }
        }
    }()

    var testDescription: String {
        "type \(colorType), \(bitDepth) bits\(isInterlaced ? ", Adam7" : "")\(hasTransparency ? ", tRNS" : "")"
    }

    var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType]! }
    var maximum: Int { (1 << bitDepth) - 1 }

    /// The stored sample (or palette index): scattered, and reaching 0 and the maximum.
    func sample(x: Int, y: Int, channel: Int) -> Int {
        (x * 7919 + y * 104_729 + channel * 1_299_709 + x * y * 31) % (maximum + 1)
    }

    /// Colors of the palette by index.
    func paletteColor(_ index: Int) -> [Int] { [(index * 37) & 255, (index * 91 + 5) & 255, (255 - index) & 255] }

    /// Opacity of palette entries; tRNS covers only the first half of the palette.
    func paletteAlpha(_ index: Int) -> Int { index < (maximum + 1) / 2 ? (index * 50) & 255 : 255 }

    /// The color that tRNS makes transparent: the one of the first pixel.
    var transparentColor: [Int] { (0..<channels).map { sample(x: 0, y: 0, channel: $0) } }

    /// What a decoder must give: channels, depth, and samples of each pixel.
    var expected: (channels: Int, bitDepth: Int, samples: [UInt16]) {
        var samples: [Int] = []
        for y in 0..<height {
            for x in 0..<width {
                let stored = (0..<channels).map { sample(x: x, y: y, channel: $0) }
                if colorType == 3 {
                    samples += paletteColor(stored[0]) + (hasTransparency ? [paletteAlpha(stored[0])] : [])
                } else if hasTransparency {
                    // Gray below 8 bits is scaled to 8, to share its scale with the alpha channel.
                    let scale = bitDepth < 8 ? 255 / maximum : 1
                    let opaque = bitDepth == 16 ? 65535 : 255
                    samples += stored.map { $0 * scale } + [stored == transparentColor ? 0 : opaque]
                } else {
                    samples += stored
                }
            }
        }
        let outputChannels = (colorType == 3 ? 3 : channels) + (hasTransparency ? 1 : 0)
        let keepsDepth = colorType == 0 && !hasTransparency
        return (outputChannels, keepsDepth ? bitDepth : max(bitDepth, 8), samples.map(UInt16.init))
    }

    /// The file.
    func bytes(editingRaw edit: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var header = bigEndian(width) + bigEndian(height)
        header += [UInt8(bitDepth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
        if colorType == 3 {
            file += chunk("PLTE", (0...maximum).flatMap { paletteColor($0).map(UInt8.init) })
            if hasTransparency { file += chunk("tRNS", (0..<(maximum + 1) / 2).map { UInt8(paletteAlpha($0)) }) }
        } else if hasTransparency {
            file += chunk("tRNS", transparentColor.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        }
        var stream = zlib(scanlines)
        edit(&stream)
        // Two IDAT chunks, as a decoder must join them.
        let half = stream.count / 2
        return file + chunk("IDAT", Array(stream[..<half])) + chunk("IDAT", Array(stream[half...])) + chunk("IEND", [])
    }

    private var scanlines: [UInt8] {
        let passes =
            isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)]
        var bytes: [UInt8] = []
        for (firstX, firstY, stepX, stepY) in passes where firstX < width {
            for y in stride(from: firstY, to: height, by: stepY) {
                bytes.append(0)
                bytes += packed(
                    stride(from: firstX, to: width, by: stepX).flatMap { x in
                        (0..<channels).map { sample(x: x, y: y, channel: $0) }
                    }
                )
            }
        }
        return bytes
    }

    private func packed(_ samples: [Int]) -> [UInt8] {
        if bitDepth == 16 { return samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
        let perByte = 8 / bitDepth
        return stride(from: 0, to: samples.count, by: perByte).map { start in
            (0..<perByte).reduce(UInt8(0)) { byte, offset in
                let value = start + offset < samples.count ? samples[start + offset] : 0
                return byte | UInt8(value << (8 - bitDepth * (offset + 1)))
            }
        }
    }
}

/// A PNG chunk with its checksum.
func chunk(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + payload
    return bigEndian(payload.count) + body + bigEndian(Int(crc32(body)))
}

func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
}

/// A zlib stream of one stored block.
private func zlib(_ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes.count < 65536)
    var (low, high) = (1, 0)
    for byte in bytes {
        low = (low + Int(byte)) % 65521
        high = (high + low) % 65521
    }
    let count = [UInt8(bytes.count & 255), UInt8(bytes.count >> 8)]
    return [0x78, 0x01, 0x01] + count + count.map(~) + bytes + bigEndian(high << 16 | low)
}
