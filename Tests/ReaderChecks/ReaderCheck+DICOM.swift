import Foundation
import SegCore
import SegImageIO

/// DICOM: elements written here byte by byte, since what is damaged is mostly their lengths.
extension ReaderCheck {
    private static let mostPixels = 1 << 16
    /// What stands in the elements of the patient, and must be in no error.
    private static let secret = "SECRET"

    static func dicom() -> ReaderCheck {
        let gray = (0..<35).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let colors = (0..<105).map { UInt8(truncatingIfNeeded: $0 * 29) }
        /// A frame in RLE: the first plane all but its last byte and that, others as one run of their first.
        func packed(_ planes: [[UInt8]]) -> [UInt8] {
            let segments = planes.enumerated().map { index, plane in
                index == 0
                    ? [UInt8(plane.count - 2)] + plane.dropLast() + [0, plane[plane.count - 1]]
                    : [UInt8(257 - plane.count), plane[0]]
            }
            // How many there are, then where each begins.
            var places = [segments.count, 64]
            for segment in segments.dropLast() { places.append(places[places.count - 1] + segment.count) }
            places += Array(repeating: 0, count: 16 - places.count)
            return places.flatMap { little($0, 4) } + segments.joined()
        }
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let plain = DICOMBuilder(.little)
        let seeds = [
            plain.file("MONOCHROME2", pixels: gray),
            DICOMBuilder(.implicit).file("MONOCHROME1", pixels: gray, hasSequences: true),
            DICOMBuilder(.big).file("MONOCHROME2", bits: 12, pixels: gray + gray, hasSequences: true),
            plain.file("RGB", isPlanar: true, pixels: colors, hasSequences: true),
            plain.file("YBR_FULL", pixels: colors), plain.file("PALETTE COLOR", pixels: gray, entries: 20),
            plain.file("MONOCHROME2", frames: 2, pixels: gray + gray),
            DICOMBuilder(.rle).file(
                "RGB",
                fragments: [packed((0..<3).map { Array(colors[($0 * 35)..<($0 * 35 + 35)]) })]
            ),
            DICOMBuilder(.rle).file("MONOCHROME2", frames: 2, fragments: [packed([gray]), packed([gray])]),
            DICOMBuilder(.rle).file("MONOCHROME2", bits: 12, fragments: [packed([gray, gray])]),
            plain.file("YBR_FULL_422", width: 8, pixels: (0..<80).map { UInt8($0 * 3) }),
            DICOMBuilder(.rle).file("MONOCHROME2", frames: 2, fragments: [packed([gray]), packed([gray])], pieces: 2),
            DICOMBuilder(.jpeg).file("MONOCHROME2", width: 16, height: 16, fragments: [tinyJPEG]),
        ]
        return ReaderCheck(seeds: seeds) { bytes in
            do {
                let data = Data(bytes)
                let count = try DICOM.pageCount(of: data, name: "a.dcm")
                for page in [count > 1 ? nil : 1, 1, count] {
                    let image = try page.map {
                        try DICOM.decode(data, page: $0, name: "a.dcm", maximumPixels: mostPixels).image
                    }
                    guard let image else { continue }
                    try Insane.unless(image.width * image.height <= mostPixels, "\(image.width) x \(image.height) px")
                    let gray = try image.gray(name: "a.dcm")
                    try Insane.unless(gray.pixels.allSatisfy { (0...1).contains($0) }, "a level outside 0...1")
                    let spacing = image.pixelSpacing
                    try Insane.unless(spacing.map { $0.x > 0 && $0.y > 0 } ?? true, "a pixel of no size")
                }
            } catch {
                try Insane.unless(!"\(error)".contains(secret), "an error repeats what stands in the file: \(error)")
                throw error
            }
        }
    }

    /// 16 x 16 px of one gray: a baseline JPEG with the shortest tables that code it.
    private static let tinyJPEG: [UInt8] = {
        let quantization: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + Array(repeating: 1, count: 64)
        let frame: [UInt8] = [0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]
        /// One code, a single 0, which says "no difference", and "no more".
        func table(_ kind: UInt8) -> [UInt8] { [0xFF, 0xC4, 0, 20, kind, 1] + Array(repeating: 0, count: 16) }
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
        // Four blocks of two bits each.
        return [0xFF, 0xD8] + quantization + frame + table(0) + table(0x10) + scan + [0, 0xFF, 0xD9]
    }()

    /// Writes elements in each of the ways.
    private struct DICOMBuilder {
        enum Syntax: String {
            case implicit = "1.2.840.10008.1.2"
            case little = "1.2.840.10008.1.2.1"
            case big = "1.2.840.10008.1.2.2"
            case rle = "1.2.840.10008.1.2.5"
            case jpeg = "1.2.840.10008.1.2.4.50"
        }

        let syntax: Syntax
        init(_ syntax: Syntax) { self.syntax = syntax }

        private func number(_ value: Int, _ count: Int, isMeta: Bool = false) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return syntax == .big && !isMeta ? bytes.reversed() : bytes
        }

        private func element(_ tag: Int, _ kind: String, _ value: [UInt8], length: Int? = nil, isMeta: Bool = false)
            -> [UInt8]
        {
            let padded = value + (value.count % 2 == 0 ? [] : [kind == "UI" || kind.hasPrefix("O") ? 0 : 32])
            let head = number(tag >> 16, 2, isMeta: isMeta) + number(tag & 0xFFFF, 2, isMeta: isMeta)
            let length = length ?? padded.count
            if syntax == .implicit, !isMeta { return head + number(length, 4) + padded }
            let isLong = ["OB", "OW", "SQ", "UN"].contains(kind)
            return head + Array(kind.utf8) + (isLong ? [0, 0] : [])
                + number(length, isLong ? 4 : 2, isMeta: isMeta) + padded
        }

        private func item(_ tag: Int, _ value: [UInt8] = [], length: Int? = nil) -> [UInt8] {
            number(tag >> 16, 2) + number(tag & 0xFFFF, 2) + number(length ?? value.count, 4) + value
        }

        private func short(_ tag: Int, _ value: Int) -> [UInt8] { element(tag, "US", number(value, 2)) }

        /// A sequence whose length an end marks.
        private func sequence(_ tag: Int, _ items: [[UInt8]]) -> [UInt8] {
            let open = 0xFFFF_FFFF
            let content = items.flatMap { item(0xFFFE_E000, $0, length: open) + item(0xFFFE_E00D) }
            return element(tag, "SQ", content + item(0xFFFE_E0DD), length: open)
        }

        private var sequences: [UInt8] {
            let step = number(Int(bitPattern: UInt(Double(0.008).bitPattern)), 8)
            let region =
                short(0x0018_6012, 1) + short(0x0018_6024, 3) + short(0x0018_6026, 3) + element(0x0018_602C, "FD", step)
                + element(0x0018_602E, "FD", step)
            let nested = sequence(
                0x0008_1140,
                [sequence(0x0008_1199, [element(0x0010_0010, "PN", Array(secret.utf8))])]
            )
            return nested + sequence(0x0018_6011, [region, region])
        }

        func file(
            _ photometric: String,
            width: Int = 7,
            height: Int = 5,
            bits: Int = 8,
            isPlanar: Bool = false,
            frames: Int = 1,
            pixels: [UInt8] = [],
            fragments: [[UInt8]] = [],
            pieces count: Int = 1,
            entries: Int = 0,
            hasSequences: Bool = false
        ) -> [UInt8] {
            let samples = ["RGB", "YBR_FULL", "YBR_FULL_422"].contains(photometric) ? 3 : 1
            var bytes = Array(repeating: UInt8(0), count: 128) + Array("DICM".utf8)
            bytes += element(0x0002_0010, "UI", Array(syntax.rawValue.utf8), isMeta: true)
            if hasSequences { bytes += sequences }
            bytes += element(0x0010_0010, "PN", Array(secret.utf8))
            bytes += short(0x0028_0002, samples) + element(0x0028_0004, "CS", Array(photometric.utf8))
            if samples == 3 { bytes += short(0x0028_0006, isPlanar ? 1 : 0) }
            bytes += element(0x0028_0008, "IS", Array("\(frames)".utf8))
            bytes += short(0x0028_0010, height) + short(0x0028_0011, width)
            bytes += element(0x0028_0030, "DS", Array("0.1\\0.2".utf8))
            for (tag, value) in [(0x100, bits > 8 ? 16 : 8), (0x101, bits), (0x102, bits - 1), (0x103, 0)] {
                bytes += short(0x0028_0000 + tag, value)
            }
            if entries > 0 {
                let table = (0..<entries).map { UInt8($0 * 12) }
                for tag in 0..<3 {
                    bytes += element(0x0028_1101 + tag, "US", number(entries, 2) + number(0, 2) + number(8, 2))
                }
                for tag in 0..<3 { bytes += element(0x0028_1201 + tag, "OW", table) }
            }
            guard !fragments.isEmpty else { return bytes + element(0x7FE0_0010, bits > 8 ? "OW" : "OB", pixels) }
            // Each in pieces of even length, with a table of where each begins if there are several.
            var (table, pieces): ([UInt8], [UInt8]) = ([], [])
            for fragment in fragments {
                let padded = fragment + Array(repeating: 0, count: fragment.count % 2)
                if count > 1 { table += number(pieces.count, 4) }
                let size = (padded.count / count + 1) / 2 * 2
                for piece in 0..<count {
                    pieces += item(
                        0xFFFE_E000,
                        Array(padded[(piece * size)..<(piece == count - 1 ? padded.count : (piece + 1) * size)])
                    )
                }
            }
            let content = item(0xFFFE_E000, table) + pieces + item(0xFFFE_E0DD)
            return bytes + element(0x7FE0_0010, "OB", content, length: 0xFFFF_FFFF)
        }
    }
}
