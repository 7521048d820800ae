/// A binary image, 64 pixels to a word: bit i of a row's word w is column 64·w + i.
///
/// Boundaries, erosions and runs of a mask are a few operations on words, where they are hundreds on bytes. What lies
/// outside the grid is background.
struct BitGrid {
    let wordsPerRow: Int
    let height: Int
    var words: [UInt64]

    /// Columns, counted up to whole words; those behind the image are background.
    var width: Int { wordsPerRow * 64 }

    init(wordsPerRow: Int, height: Int) {
        self.wordsPerRow = wordsPerRow
        self.height = height
        words = [UInt64](repeating: 0, count: wordsPerRow * height)
    }

    /// Packs a mask in row-major order; every value but 0 is lesion.
    init(_ mask: [UInt8], width: Int, height: Int) {
        precondition(mask.count == width * height, "a mask has width × height pixels")
        let wordsPerRow = (width + 63) / 64
        self.wordsPerRow = wordsPerRow
        self.height = height
        words = [UInt64](unsafeUninitializedCapacity: wordsPerRow * height) { words, count in
            mask.withUnsafeBytes { bytes in
                for row in 0..<height {
                    let start = row * width
                    for word in 0..<wordsPerRow {
                        let first = start + word * 64
                        let pixels = min(64, start + width - first)
                        words[row * wordsPerRow + word] =
                            pixels == 64 ? packed64(bytes, at: first) : packed(bytes, at: first, count: pixels)
                    }
                }
            }
            count = wordsPerRow * height
        }
    }

    func contains(column: Int, row: Int) -> Bool {
        words[row * wordsPerRow + column >> 6] >> UInt64(column & 63) & 1 == 1
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Calls `body` with column and row of each pixel of the lesion, row by row.
    @inline(__always)
    func forEachPixel(_ body: (_ column: Int, _ row: Int) -> Void) {
        words.withUnsafeBufferPointer { words in
            for row in 0..<height {
                for index in 0..<wordsPerRow {
                    var word = words[row * wordsPerRow + index]
                    while word != 0 {
                        body(index << 6 + word.trailingZeroBitCount, row)
                        word &= word - 1
                    }
                }
            }
        }
    }
}

/// 64 pixels as bits. Almost every stretch of a mask is all background or all lesion, which is decided at once.
@inline(__always)
private func packed64(_ bytes: UnsafeRawBufferPointer, at first: Int) -> UInt64 {
    let lanes = bytes.loadUnaligned(fromByteOffset: first, as: SIMD8<UInt64>.self)
    let fours = lanes.lowHalf | lanes.highHalf
    let twos = fours.lowHalf | fours.highHalf
    if twos[0] | twos[1] == 0 { return 0 }
    let equal = lanes ^ SIMD8(repeating: lanes[0])
    let unequalFours = equal.lowHalf | equal.highHalf
    let unequalTwos = unequalFours.lowHalf | unequalFours.highHalf
    if unequalTwos[0] | unequalTwos[1] == 0, packed8(lanes[0]) == 0xFF { return .max }
    var word: UInt64 = 0
    for lane in 0..<8 { word |= packed8(lanes[lane]) << UInt64(8 * lane) }
    return word
}

private func packed(_ bytes: UnsafeRawBufferPointer, at first: Int, count: Int) -> UInt64 {
    var word: UInt64 = 0
    var index = 0
    while index + 8 <= count {
        let eight = bytes.loadUnaligned(fromByteOffset: first + index, as: UInt64.self)
        word |= packed8(eight) << UInt64(index)
        index += 8
    }
    while index < count {
        word |= (bytes[first + index] == 0 ? 0 : 1) << UInt64(index)
        index += 1
    }
    return word
}

/// One bit for each byte that is not 0, the first byte in the lowest bit.
@inline(__always)
private func packed8(_ bytes: UInt64) -> UInt64 {
    let eight = UInt64(littleEndian: bytes)
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let isLesion = (((eight & low) &+ low) | eight) >> 7 & 0x0101_0101_0101_0101
    // The multiplication adds byte i, shifted to bit 56 + i, and nothing carries into those bits.
    return (isLesion &* 0x0102_0408_1020_4080) >> 56
}
