import Foundation
import SegImageIO

/// Images whose reader is in Swift; those of libpng, libtiff and libjpeg have tests and fuzz targets of their own.
extension ReaderCheck {
    private static let mostPixels = 1 << 16

    static func bmp() -> ReaderCheck {
        /// Seven columns and five rows of so many bits.
        func file(_ bits: Int, palette: Int = 0, masks: [UInt32] = [], isOld: Bool = false) -> [UInt8] {
            func little(_ value: Int, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            let (width, height, side) = (7, 5, isOld ? 2 : 4)
            var header = little(isOld ? 12 : 40, 4)
            for (number, count) in [(width, side), (height, side), (1, 2), (bits, 2)] {
                header += little(number, count)
            }
            let rest = isOld ? [] : [masks.isEmpty ? 0 : 3, 0, 0, 0, palette, 0]
            for number in rest { header += little(number, 4) }
            for mask in masks { header += little(Int(mask), 4) }
            for color in 0..<palette {
                header += [UInt8(color), 0, UInt8(255 - color)]
                if !isOld { header.append(0) }
            }
            let rowBytes = (width * bits + 31) / 32 * 4
            let pixels = (0..<(rowBytes * height)).map { UInt8(truncatingIfNeeded: $0 * 37) }
            var bytes = Array("BM".utf8)
            for number in [14 + header.count + pixels.count, 0, 14 + header.count] { bytes += little(number, 4) }
            return bytes + header + pixels
        }
        let seeds = [
            file(1, palette: 2), file(4, palette: 16), file(8, palette: 20), file(8, palette: 256, isOld: true),
            file(24),
            file(32), file(16, masks: [0xF800, 0x7E0, 0x1F]),
        ]
        return ReaderCheck(seeds: seeds) { bytes in
            let image = try BMP.decode(Data(bytes), name: "a.bmp", maximumPixels: mostPixels)
            try Insane.unless(image.width * image.height <= mostPixels, "\(image.width) x \(image.height) px")
            try Insane.unless(image.samples.allSatisfy { $0 <= 255 }, "a sample above 255")
        }
    }
}
