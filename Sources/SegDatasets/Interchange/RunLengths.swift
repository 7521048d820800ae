import SegCore

/// A mask as the lengths of its runs, column by column from the top left, background first: COCO's RLE.
///
/// - Source: `maskApi.c` of the COCO API, whose packed text is five bits a character, from the lowest, the sixth saying
///   that more follow; from the third run on, the difference from the run two before it is packed.
struct RunLengths: Hashable, Sendable {
    var width: Int
    var height: Int
    var counts: [Int]
    /// Whether the runs go row by row, as some programs write them.
    var isByRows = false

    /// The largest mask, px: as for image files.
    private static let maximumPixels = 1 << 26

    init(width: Int, height: Int, counts: [Int]) {
        self.width = width
        self.height = height
        self.counts = counts
    }

    /// Runs from packed text; `nil` where it is damaged.
    init?(width: Int, height: Int, packed text: String) {
        var counts: [Int] = []
        var value = 0
        var shift = 0
        for byte in text.utf8 {
            guard (48..<112).contains(byte), shift < 60 else { return nil }
            let bits = Int(byte) - 48
            value |= (bits & 31) << shift
            shift += 5
            if bits & 32 != 0 { continue }
            // The highest bit of the last five is the sign.
            if bits & 16 != 0 { value -= 1 << shift }
            let (sum, isTooLong) = value.addingReportingOverflow(counts.count > 2 ? counts[counts.count - 2] : 0)
            if isTooLong { return nil }
            counts.append(sum)
            (value, shift) = (0, 0)
        }
        guard shift == 0 else { return nil }
        self.init(width: width, height: height, counts: counts)
    }

    /// Whether the size is one that a mask can have: compared before anything is multiplied by it.
    var hasPossibleSize: Bool {
        (1...Self.maximumPixels).contains(width) && (1...Self.maximumPixels).contains(height)
            && height <= Self.maximumPixels / width
    }

    /// Whether the runs fill the mask exactly. Takes no memory.
    var fillMask: Bool {
        guard hasPossibleSize else { return false }
        var rest = width * height
        for count in counts {
            guard (0...rest).contains(count) else { return false }
            rest -= count
        }
        return rest == 0
    }

    /// The mask in the size of an image: each pixel is what is below its center. The runs must fill the mask.
    ///
    /// Takes no memory for a mask of the size that the file claims.
    func mask(width newWidth: Int, height newHeight: Int) -> Mask {
        var mask = Mask(emptyWithWidth: newWidth, height: newHeight)
        var ends: [Int] = []
        ends.reserveCapacity(counts.count)
        for count in counts { ends.append((ends.last ?? 0) + count) }
        let rows = (0..<newHeight).map { (2 * $0 + 1) * height / (2 * newHeight) }
        let columns = (0..<newWidth).map { (2 * $0 + 1) * width / (2 * newWidth) }
        // In the order of the runs, so that the run of a pixel is at or near that of the pixel before; behind it only where
        // a larger image shows a line again.
        var run = 0
        func isSet(_ place: Int) -> Bool {
            while run > 0, ends[run - 1] > place { run -= 1 }
            while ends[run] <= place { run += 1 }
            return !run.isMultiple(of: 2)
        }
        if isByRows {
            for y in 0..<newHeight {
                for x in 0..<newWidth where isSet(rows[y] * width + columns[x]) { mask.pixels[y * newWidth + x] = 1 }
            }
        } else {
            for x in 0..<newWidth {
                for y in 0..<newHeight where isSet(columns[x] * height + rows[y]) { mask.pixels[y * newWidth + x] = 1 }
            }
        }
        return mask
    }

    /// The pixels that belong to the object; the runs must fill the mask.
    var area: Int { stride(from: 1, to: counts.count, by: 2).reduce(0) { $0 + counts[$1] } }

    /// Left, top, width and height of the object, px; `nil` if it is empty. The runs must fill the mask.
    func box(byRows: Bool) -> [Double]? {
        let (length, lines) = byRows ? (width, height) : (height, width)
        var (firstLine, lastLine, first, last) = (lines, -1, length, -1)
        forEachRun { start, count in
            guard count > 0 else { return }
            let end = start + count - 1
            firstLine = min(firstLine, start / length)
            lastLine = max(lastLine, end / length)
            let isWithinLine = start / length == end / length
            first = min(first, isWithinLine ? start % length : 0)
            last = max(last, isWithinLine ? end % length : length - 1)
        }
        guard lastLine >= 0 else { return nil }
        let along = (Double(first), Double(last - first + 1))
        let across = (Double(firstLine), Double(lastLine - firstLine + 1))
        return byRows ? [along.0, across.0, along.1, across.1] : [across.0, along.0, across.1, along.1]
    }

    private func forEachRun(_ body: (_ start: Int, _ count: Int) -> Void) {
        var position = 0
        for (index, count) in counts.enumerated() {
            if !index.isMultiple(of: 2) { body(position, count) }
            position += count
        }
    }
}
