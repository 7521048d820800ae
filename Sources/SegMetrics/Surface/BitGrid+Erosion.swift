extension BitGrid {
    /// Pixels whose whole square neighborhood of 2·radius + 1 pixels a side is lesion; outside the grid is background.
    ///
    /// - Complexity: O(words · log radius).
    func erodedBySquare(radius: Int) -> BitGrid {
        // Outside is background, so that a window reaching over an edge of the grid must end there as 0.
        guard 2 * radius + 1 <= min(width, height) else { return BitGrid(wordsPerRow: wordsPerRow, height: height) }
        return intersectedAlongRows(2 * radius + 1).movedRight(radius).intersectedAlongColumns(radius: radius)
    }

    /// Bit x becomes the conjunction of `length` bits from x on.
    private func intersectedAlongRows(_ length: Int) -> BitGrid {
        var result = self
        var covered = 1
        while covered < length {
            let step = min(covered, length - covered)
            result.words.withUnsafeMutableBufferPointer { words in
                for row in 0..<height {
                    let start = row * wordsPerRow
                    // Upwards, each word needs only itself and words behind it, which are not changed yet.
                    for index in 0..<wordsPerRow {
                        let source = index + step >> 6
                        let bits = UInt64(step & 63)
                        let near = source < wordsPerRow ? words[start + source] : 0
                        let far = source + 1 < wordsPerRow ? words[start + source + 1] : 0
                        words[start + index] &= bits == 0 ? near : near >> bits | far << (64 - bits)
                    }
                }
            }
            covered += step
        }
        return result
    }

    private func movedRight(_ distance: Int) -> BitGrid {
        var moved = BitGrid(wordsPerRow: wordsPerRow, height: height)
        let bits = UInt64(distance & 63)
        for row in 0..<height {
            let start = row * wordsPerRow
            for index in (distance >> 6)..<wordsPerRow {
                let source = index - distance >> 6
                let near = words[start + source]
                let far = source > 0 ? words[start + source - 1] : 0
                moved.words[start + index] = bits == 0 ? near : near << bits | far >> (64 - bits)
            }
        }
        return moved
    }

    private func intersectedAlongColumns(radius: Int) -> BitGrid {
        let length = 2 * radius + 1
        var window = self
        var covered = 1
        while covered < length {
            let step = min(covered, length - covered)
            window.words.withUnsafeMutableBufferPointer { words in
                for index in 0..<(height - step) * wordsPerRow { words[index] &= words[index + step * wordsPerRow] }
                for index in (height - step) * wordsPerRow..<height * wordsPerRow { words[index] = 0 }
            }
            covered += step
        }
        var centered = BitGrid(wordsPerRow: wordsPerRow, height: height)
        for index in radius * wordsPerRow..<height * wordsPerRow {
            centered.words[index] = window.words[index - radius * wordsPerRow]
        }
        return centered
    }
}
