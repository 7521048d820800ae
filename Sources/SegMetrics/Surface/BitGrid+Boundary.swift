extension BitGrid {
    /// Lesion pixels of which at least one of the four neighbors is background: erosion by a cross, XOR the mask.
    ///
    /// Outside the image is background, as in MONAI and medpy, so that a lesion's pixels at the image's border belong to
    /// its boundary.
    func edgePixels() -> BitGrid {
        var edges = BitGrid(wordsPerRow: wordsPerRow, height: height)
        for row in 0..<height {
            let start = row * wordsPerRow
            for index in 0..<wordsPerRow {
                let word = words[start + index]
                if word == 0 { continue }
                let above = row > 0 ? words[start - wordsPerRow + index] : 0
                let below = row + 1 < height ? words[start + wordsPerRow + index] : 0
                let left = word << 1 | (index > 0 ? words[start + index - 1] >> 63 : 0)
                let right = word >> 1 | (index + 1 < wordsPerRow ? words[start + index + 1] << 63 : 0)
                edges.words[start + index] = word & ~(above & below & left & right)
            }
        }
        return edges
    }

    /// Corners between pixels where lesion and background meet: of the four pixels around, some but not all are lesion.
    ///
    /// Corner (column, row) lies at the upper left of that pixel, so that a lesion must leave the grid's last column and
    /// last row free.
    func contourCorners() -> BitGrid {
        var corners = BitGrid(wordsPerRow: wordsPerRow, height: height)
        for row in 0..<height {
            for index in 0..<wordsPerRow {
                let around = quartets(row: row, index: index)
                corners.words[row * wordsPerRow + index] =
                    (around.upperLeft | around.upperRight | around.lowerLeft | around.lowerRight)
                    & ~(around.upperLeft & around.upperRight & around.lowerLeft & around.lowerRight)
            }
        }
        return corners
    }

    /// The lengths of contour at ``contourCorners()``, row by row.
    func contourLengths(at corners: BitGrid, spacing: GridSpacing) -> [Double] {
        let table = contourLengthTable(spacing)
        var lengths: [Double] = []
        for row in 0..<height {
            for index in 0..<wordsPerRow {
                var pending = corners.words[row * wordsPerRow + index]
                if pending == 0 { continue }
                let around = quartets(row: row, index: index)
                while pending != 0 {
                    let bit = UInt64(pending.trailingZeroBitCount)
                    let upper = (around.upperLeft >> bit & 1) << 3 | (around.upperRight >> bit & 1) << 2
                    let lower = (around.lowerLeft >> bit & 1) << 1 | (around.lowerRight >> bit & 1)
                    lengths.append(table[Int(upper | lower)])
                    pending &= pending - 1
                }
            }
        }
        return lengths
    }

    @inline(__always)
    private func quartets(
        row: Int,
        index: Int
    ) -> (upperLeft: UInt64, upperRight: UInt64, lowerLeft: UInt64, lowerRight: UInt64) {
        let start = row * wordsPerRow + index
        let lower = words[start]
        let upper = row > 0 ? words[start - wordsPerRow] : 0
        let lowerCarry = index > 0 ? words[start - 1] >> 63 : 0
        let upperCarry = index > 0 && row > 0 ? words[start - wordsPerRow - 1] >> 63 : 0
        return (upper << 1 | upperCarry, upper, lower << 1 | lowerCarry, lower)
    }
}

/// Length of contour by neighbor code: 8 upper left, 4 upper right, 2 lower left, 1 lower right.
///
/// A straight side counts a pixel's side, one pixel alone (or alone missing) half the diagonal, two diagonal ones both.
private func contourLengthTable(_ spacing: GridSpacing) -> [Double] {
    let corner = 0.5 * spacing.squaredLength(columns: 1, rows: 1).squareRoot()
    return (0..<16).map { code in
        switch code {
        case 0b0000, 0b1111: 0
        case 0b0011, 0b1100: spacing.x
        case 0b0101, 0b1010: spacing.y
        case 0b0110, 0b1001: 2 * corner
        default: corner
        }
    }
}
