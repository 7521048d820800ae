extension BitGrid {
    /// Both grids cut to the words and rows that hold lesion of either, with a free column at the right and a free row at
    /// the bottom.
    ///
    /// Distances between boundaries do not change by it: every boundary pixel of either lies in the joint box, and what
    /// is cut off is background, as is everything outside a grid. Nil if both are empty.
    static func croppedJointly(_ first: BitGrid, _ second: BitGrid) -> (first: BitGrid, second: BitGrid)? {
        let wordsPerRow = first.wordsPerRow
        var columns = [UInt64](repeating: 0, count: wordsPerRow)
        var top = first.height
        var bottom = -1
        for row in 0..<first.height {
            var any: UInt64 = 0
            for index in 0..<wordsPerRow {
                let word = first.words[row * wordsPerRow + index] | second.words[row * wordsPerRow + index]
                columns[index] |= word
                any |= word
            }
            if any != 0 {
                top = min(top, row)
                bottom = row
            }
        }
        guard let left = columns.firstIndex(where: { $0 != 0 }), let right = columns.lastIndex(where: { $0 != 0 })
        else {
            return nil
        }
        let spareWords = columns[right] >> 63 == 1 ? 1 : 0
        func crop(_ grid: BitGrid) -> BitGrid {
            var cropped = BitGrid(wordsPerRow: right - left + 1 + spareWords, height: bottom - top + 2)
            for row in top...bottom {
                for index in left...right {
                    cropped.words[(row - top) * cropped.wordsPerRow + index - left] =
                        grid.words[row * wordsPerRow + index]
                }
            }
            return cropped
        }
        return (crop(first), crop(second))
    }
}
