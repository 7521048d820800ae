/// For every pixel, how many rows the nearest set pixel of its own column is away; ∞ in a column without one.
///
/// The first half of the exact Euclidean distance transform: the nearest set pixel of all is found from these along the
/// pixel's row. Whole numbers, exact in `Float` up to 2²⁴ rows.
struct ColumnDistances {
    let width: Int
    let height: Int
    let values: [Float]

    init(to grid: BitGrid) {
        let width = grid.width
        let height = grid.height
        self.width = width
        self.height = height
        let lanes = SIMD8<Float>.scalarCount
        values = [Float](unsafeUninitializedCapacity: width * height) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let bytes = UnsafeMutableRawPointer(base)
            let rowBytes = width * MemoryLayout<Float>.stride
            for row in 0..<height {
                let current = bytes + row * rowBytes
                for column in stride(from: 0, to: width, by: lanes) {
                    let offset = column * MemoryLayout<Float>.stride
                    let above =
                        row == 0
                        ? SIMD8<Float>(repeating: .infinity)
                        : (current - rowBytes).loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                    current.storeBytes(of: above + 1, toByteOffset: offset, as: SIMD8<Float>.self)
                }
                for index in 0..<grid.wordsPerRow {
                    var word = grid.words[row * grid.wordsPerRow + index]
                    while word != 0 {
                        base[row * width + index << 6 + word.trailingZeroBitCount] = 0
                        word &= word - 1
                    }
                }
            }
            for row in stride(from: height - 2, through: 0, by: -1) {
                let current = bytes + row * rowBytes
                for column in stride(from: 0, to: width, by: lanes) {
                    let offset = column * MemoryLayout<Float>.stride
                    let below =
                        (current + rowBytes).loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self) + 1
                    let here = current.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                    current.storeBytes(
                        of: here.replacing(with: below, where: below .< here),
                        toByteOffset: offset,
                        as: SIMD8<Float>.self
                    )
                }
            }
            count = width * height
        }
    }
}
