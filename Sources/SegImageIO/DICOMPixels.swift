import Foundation
import SegCore

/// Makes an image of a DICOM's frame. Memory is taken only after the bytes that it is for were found.
struct DICOMPixels {
    let header: DICOMHeader
    private var data: DICOMDataSet { header.data }
    private var count: Int { header.rows * header.columns }

    /// What PackBits makes of a byte at most: two bytes say 128.
    private static let mostPerByte = 64

    init(_ header: DICOMHeader) { self.header = header }

    /// The frame of an index from 0.
    func image(frame: Int) throws -> TIFFImage {
        let spacing = try header.pixelSpacing()
        if header.photometric.samples == 3 {
            return TIFFImage(
                width: header.columns,
                height: header.rows,
                channels: .rgb,
                samples: .unsigned8(try colors(frame)),
                pixelSpacing: spacing
            )
        }
        let depth = header.bitsStored
        let most = UInt16(truncatingIfNeeded: 1 << depth - 1)
        // Bits above those that count may hold drawings over the picture.
        var levels = try self.levels(frame).map { $0 & most }
        if header.photometric == .whiteIsZero { levels = levels.map { most - $0 } }
        return TIFFImage(
            width: header.columns,
            height: header.rows,
            samples: depth <= 8 ? .unsigned8(levels.map(UInt8.init)) : .unsigned16(levels),
            bitDepth: depth,
            palette: header.photometric == .palette ? try palette(depth: depth) : nil,
            pixelSpacing: spacing
        )
    }

    /// Samples of gray levels or indices.
    private func levels(_ frame: Int) throws -> [UInt16] {
        switch data.syntax {
        case .native(_, let isBigEndian):
            let bytes = try stored(frame, bytes: count * header.bitsAllocated / 8)
            if header.bitsAllocated == 8 { return bytes.map(UInt16.init) }
            let (high, low) = isBigEndian ? (0, 1) : (1, 0)
            return (0..<count).map { UInt16(bytes[2 * $0 + high]) << 8 | UInt16(bytes[2 * $0 + low]) }
        case .rle:
            let planes = try self.planes(frame, count: header.bitsAllocated / 8)
            // The plane of the high bytes stands first.
            return planes.count == 1
                ? planes[0].map(UInt16.init) : zip(planes[0], planes[1]).map { UInt16($0) << 8 | UInt16($1) }
        case .jpeg:
            guard header.photometric != .palette else { throw mixed() }
            return try jpeg(frame).samples
        }
    }

    /// Red, green and blue of each pixel.
    private func colors(_ frame: Int) throws -> [UInt8] {
        if case .jpeg = data.syntax { return try jpeg(frame).samples.map(UInt8.init) }
        if header.photometric == .halfChroma { return try halfChroma(frame) }
        var planes: [[UInt8]]?
        var pixels: [UInt8] = []
        if case .rle = data.syntax {
            planes = try self.planes(frame, count: 3)
        } else {
            pixels = try stored(frame, bytes: 3 * count)
            if header.isPlanar {
                planes = (0..<3).map { Array(pixels[($0 * count)..<(($0 + 1) * count)]) }
            }
        }
        if let planes {
            pixels = [UInt8](unsafeUninitializedCapacity: 3 * count) { pixels, initializedCount in
                for index in 0..<(3 * count) { pixels.initializeElement(at: index, to: planes[index % 3][index / 3]) }
                initializedCount = 3 * count
            }
        }
        guard header.photometric == .chroma else { return pixels }
        for start in stride(from: 0, to: pixels.count, by: 3) {
            let color = Self.color(pixels[start], pixels[start + 1], pixels[start + 2])
            (pixels[start], pixels[start + 1], pixels[start + 2]) = color
        }
        return pixels
    }

    /// Two luminances, then the two differences that they share.
    private func halfChroma(_ frame: Int) throws -> [UInt8] {
        guard case .native = data.syntax, !header.isPlanar, header.columns % 2 == 0 else { throw mixed() }
        let bytes = try stored(frame, bytes: 2 * count)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * count)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            for place in [start, start + 1] {
                let color = Self.color(bytes[place], bytes[start + 2], bytes[start + 3])
                pixels += [color.0, color.1, color.2]
            }
        }
        return pixels
    }

    /// - Formula: R = Y + 1.402 Cr, G = Y − 0.344136 Cb − 0.714136 Cr, B = Y + 1.772 Cb, rounded. Source: PS3.3,
    ///   C.7.6.3.1.2.
    private static func color(_ y: UInt8, _ cb: UInt8, _ cr: UInt8) -> (UInt8, UInt8, UInt8) {
        let (y, blue, red) = (Double(y), Double(cb) - 128, Double(cr) - 128)
        func level(_ value: Double) -> UInt8 { UInt8(min(max((value + 0.5).rounded(.down), 0), 255)) }
        return (
            level(y + 1.402 * red), level(y - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red),
            level(y + 1.772 * blue)
        )
    }

    /// The bytes of a frame that is stored as it is, of a byte each or of two in the file's order.
    private func stored(_ frame: Int, bytes: Int) throws -> [UInt8] {
        guard let value = header.pixels.value else { throw damaged("has fragments, where the file says uncompressed") }
        // Values have an even length. More frames than the file says would be left out, fewer are not there.
        let (whole, isOver) = bytes.multipliedReportingOverflow(by: header.frames)
        guard !isOver, value.count == whole + whole % 2 else {
            throw damaged(
                "has \(value.count) bytes, where \(header.frames) x \(header.columns) x \(header.rows) px have "
                    + (isOver ? "more than any file" : "\(whole)")
            )
        }
        let start = value.lowerBound + frame * bytes
        let isSwapped = header.pixels.kind == "OW" && data.syntax.isBigEndian && header.bitsAllocated == 8
        // Bytes in words of the other order.
        if isSwapped {
            return (start..<(start + bytes)).map { data.bytes[value.lowerBound + (($0 - value.lowerBound) ^ 1)] }
        }
        return [UInt8](data.bytes[start..<(start + bytes)])
    }

    // MARK: Compressed frames

    /// Planes of bytes of a frame in RLE.
    ///
    /// - Source: PS3.5, Annex G: 16 numbers of four bytes, how many segments there are and where each begins; PackBits.
    private func planes(_ frame: Int, count segments: Int) throws -> [[UInt8]] {
        guard header.photometric != .halfChroma else { throw mixed() }
        let bytes = [UInt8](try compressed(frame))
        func number(_ index: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[4 * index + $1]) << (8 * $1) } }
        guard bytes.count >= 64, number(0) == segments else {
            throw damaged("has a frame that does not begin with the table of \(segments) segments which RLE has")
        }
        let starts = (1...segments).map(number) + [bytes.count]
        guard starts[0] >= 64, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw damaged("has a frame whose RLE segments lie beyond its end")
        }
        guard count / Self.mostPerByte <= bytes.count / segments else { throw tooSmall(bytes.count) }
        return try (0..<segments).map { try unpacked(bytes[starts[$0]..<starts[$0 + 1]]) }
    }

    private func unpacked(_ packed: ArraySlice<UInt8>) throws -> [UInt8] {
        var plane: [UInt8] = []
        plane.reserveCapacity(count)
        var place = packed.startIndex
        while plane.count < count, place < packed.endIndex {
            let code = Int(packed[place])
            place += 1
            if code < 128 {
                let run = packed[place..<min(place + code + 1, packed.endIndex)]
                plane += run
                place += run.count
            } else if code > 128, place < packed.endIndex {
                plane += repeatElement(packed[place], count: 257 - code)
                place += 1
            }
        }
        guard plane.count == count else {
            throw damaged("has an RLE segment of \(plane.count) bytes, where \(count) belong")
        }
        return plane
    }

    /// The samples of a frame in JPEG: gray, or red, green and blue.
    private func jpeg(_ frame: Int) throws -> PNGImage {
        let bytes = try compressed(frame)
        guard let found = JPEG.header(of: bytes) else { throw damaged("has a frame that is not a JPEG") }
        guard found.width == header.columns, found.height == header.rows,
            found.components == header.photometric.samples,
            header.bitsStored == 8
        else {
            throw damaged(
                "has a JPEG of \(found.width) x \(found.height) px and \(found.components) components, where the DICOM says "
                    + "\(header.columns) x \(header.rows) px of \(header.photometric.samples) with \(header.bitsStored) bits"
            )
        }
        // What libjpeg takes for YCbCr where a JPEG does not say it, the DICOM does.
        let isRGB = header.photometric == .rgb && !found.saysColors
        return try JPEG.samples(isRGB ? JPEG.markedAsRGB(bytes) : bytes, name: data.name, maximumPixels: count)
    }

    /// The bytes of a compressed frame, its fragments joined.
    private func compressed(_ frame: Int) throws -> Data {
        guard header.pixels.value == nil else { throw damaged("is not in fragments, where the file says compressed") }
        let fragments = try data.fragments(of: header.pixels)
        guard let table = fragments.first else { throw damaged("has no table of offsets") }
        let pieces = Array(fragments.dropFirst())
        let own: ArraySlice<Range<Int>>
        if header.frames == 1 {
            own = pieces[...]
        } else if pieces.count == header.frames {
            own = pieces[frame...frame]
        } else {
            own = try self.pieces(of: frame, among: pieces, table)
        }
        guard !own.isEmpty else { throw damaged("has no fragments") }
        return own.count == 1
            ? Data(data.bytes[own[own.startIndex]]) : own.reduce(into: Data()) { $0 += data.bytes[$1] }
    }

    /// The fragments of a frame, by a table of where each frame begins.
    private func pieces(of frame: Int, among pieces: [Range<Int>], _ table: Range<Int>) throws -> ArraySlice<Range<Int>>
    {
        let extended = data.value(.extendedOffsets)?.bytes
        let (start, size, length) =
            table.isEmpty && extended != nil
            ? (extended?.startIndex ?? 0, 8, extended?.count ?? 0) : (table.lowerBound, 4, table.count)
        guard length / size == header.frames, length % size == 0 else {
            throw SegmentationError(
                data.name,
                "the DICOM cannot be decoded: \(DICOMTag.pixelData.description) has \(pieces.count) fragments for "
                    + "\(header.frames) frames, and no table of offsets that says which belong together",
                cure: "decompress it by `dcmdjpeg IN OUT` or `dcmdrle IN OUT` (DCMTK)"
            )
        }
        /// Offsets count from the first fragment's head.
        func first(_ frame: Int) throws -> Int {
            guard frame < header.frames else { return pieces.count }
            let offset = data.number(start + frame * size, size, false)
            guard let head = pieces.first.map({ $0.lowerBound - 8 }), offset >= 0, offset < data.bytes.count,
                let index = pieces.firstIndex(where: { $0.lowerBound - 8 == head + offset })
            else { throw damaged("has a table of offsets that points between its fragments") }
            return index
        }
        let (from, to) = (try first(frame), try first(frame + 1))
        guard from < to else { throw damaged("has a table of offsets that runs backwards") }
        return pieces[from..<to]
    }

    // MARK: Palette

    /// The colors of all indices. Those below the first entry have its color, those beyond the last have that one's.
    ///
    /// - Source: PS3.3, C.7.6.3.1.5 and C.7.6.3.1.6.
    private func palette(depth: Int) throws -> TIFFImage.Palette {
        guard data.elements[.segmentedRed] == nil else {
            throw SegmentationError(
                data.name,
                "the DICOM cannot be decoded: its palette is segmented (\(DICOMTag.segmentedRed.description))",
                cure: "save it as RGB, or export it as PNG"
            )
        }
        return TIFFImage.Palette(
            red: try colors(.redDescriptor, .red, depth: depth),
            green: try colors(.greenDescriptor, .green, depth: depth),
            blue: try colors(.blueDescriptor, .blue, depth: depth)
        )
    }

    private func colors(_ descriptor: DICOMTag, _ table: DICOMTag, depth: Int) throws -> [UInt16] {
        guard let (numbers, element) = data.value(descriptor) else { throw data.missing(descriptor) }
        guard let (entries, _) = data.value(table) else { throw data.missing(table) }
        guard numbers.count == 6 else { throw data.damaged("\(descriptor.description) has no 3 numbers") }
        let isBig = element.encoding.isBigEndian
        let said = (0..<3).map { data.number(numbers.startIndex + 2 * $0, 2, isBig) }
        let (most, first, bits) = (said[0] == 0 ? 65536 : said[0], said[1], said[2])
        // Entries of 8 bits may stand in words of 16.
        let isWide = entries.count == 2 * most
        guard bits == 8 || bits == 16 && isWide, isWide || entries.count == most + most % 2 else {
            throw data.damaged("\(table.description) has \(entries.count) bytes for \(most) entries of \(bits) bits")
        }
        let isSwapped = isBig && data.elements[table]?.kind == "OW"
        return (0..<(1 << depth)).map { index in
            let entry = min(max(index - first, 0), most - 1)
            if isWide {
                let value = data.number(entries.startIndex + 2 * entry, 2, isBig)
                return UInt16(bits == 8 ? (value & 0xFF) * 257 : value)
            }
            return UInt16(entries[entries.startIndex + (isSwapped ? entry ^ 1 : entry)]) * 257
        }
    }

    // MARK: Errors

    private func damaged(_ problem: String) -> SegmentationError {
        data.damaged("\(DICOMTag.pixelData.description) \(problem)")
    }

    private func tooSmall(_ bytes: Int) -> SegmentationError {
        damaged("promises \(header.columns) x \(header.rows) px, but a frame of it holds only \(bytes) bytes")
    }

    /// Meanings of samples that the standard does not combine with how they are stored.
    private func mixed() -> SegmentationError {
        data.damaged(
            "\(DICOMTag.photometric.description) is \(header.photometric.rawValue), which cannot be stored in this way"
        )
    }
}
