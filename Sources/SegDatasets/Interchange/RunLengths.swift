import SegCore

/// A mask as the lengths of its runs, column by column from the top left, background first: COCO's RLE.
///
/// Source: `maskApi.c` of the COCO API, whose packed text is five bits a character, from the lowest, the sixth saying
/// that more follow; from the third run on, the difference from the run two before it is packed.
struct RunLengths: Hashable, Sendable {
    var width: Int
    var height: Int
    var counts: [Int]

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
            counts.append(counts.count > 2 ? value + counts[counts.count - 2] : value)
            (value, shift) = (0, 0)
        }
        guard shift == 0 else { return nil }
        self.init(width: width, height: height, counts: counts)
    }

    /// The mask; `nil` where the runs do not fill it exactly.
    var mask: Mask? {
        guard width > 0, height > 0, counts.allSatisfy({ (0...(width * height)).contains($0) }),
            counts.reduce(0, +) == width * height
        else { return nil }
        var mask = Mask(emptyWithWidth: width, height: height)
        var position = 0
        for (index, count) in counts.enumerated() {
            if !index.isMultiple(of: 2) {
                for place in position..<(position + count) { mask[place / height, place % height] = true }
            }
            position += count
        }
        return mask
    }
}
