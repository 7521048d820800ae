internal import CSegKernels

/// Memory that is wanted soon, brought towards the cache piece by piece while arithmetic goes on.
///
/// A step of Winograd's algorithm gathers maps, which the memory's speed bounds, then multiplies, which it does not. What
/// the next gathering wants is asked for between the multiplications, plane after plane, and is there when its turn comes.
struct ReadAhead {
    private var runs: [(start: UnsafeRawPointer, bytes: Int)] = []

    mutating func add(_ start: UnsafeRawPointer, bytes: Int) {
        if bytes > 0 { runs.append((start, bytes)) }
    }

    /// Asks for the share of each run that belongs to one of the 36 planes.
    func bring(plane: Int) {
        for run in runs {
            let first = run.bytes * plane / 36 & ~63
            let end = plane == 35 ? run.bytes : run.bytes * (plane + 1) / 36 & ~63
            if end > first { seg_prefetch(run.start + first, end - first) }
        }
    }
}

extension StripReader {
    /// Adds the rows that a step's tiles are gathered from, with `halo` more above and below.
    func add(_ step: WinogradPlan.Step, blocks: Range<Int>, halo: Int, to ahead: inout ReadAhead) {
        guard case .blocks(let source) = origin else { return }
        let rows = (step.rows.lowerBound - halo..<step.rows.upperBound + halo).clamped(to: 0..<geometry.height)
        for image in step.images {
            for index in blocks {
                var block = source.block(image, index)
                block.advance(pixels: rows.lowerBound * geometry.width)
                let pixels = rows.count * geometry.width
                ahead.add(block.x, bytes: pixels * (block.isBF16 ? 32 : 64))
                if let gradient = block.gradient { ahead.add(gradient, bytes: pixels * 64) }
            }
        }
    }
}

extension OutputEpilogue {
    /// Adds the rows that a step's results go to.
    func add(_ step: WinogradPlan.Step, blocks: Range<Int>, worker: Int, to ahead: inout ReadAhead) {
        let range = step.rows.clamped(to: 0..<output.height)
        for image in step.images {
            for block in blocks {
                ahead.add(
                    rows(image, block, range, worker: worker).pointer,
                    bytes: range.count * output.width * 64
                )
            }
        }
    }
}
