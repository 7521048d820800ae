internal import CSegKernels

extension StripReader {
    /// Gathers a step's pixels block by block, with `halo` more rows and columns than the tiles have, and calls `body`
    /// for each row of tiles: with its first pixel in the strip, the strip's row stride, the index of the block among
    /// `blocks`, and the number of tiles before it.
    ///
    /// - Parameter padding: rows above and columns left of the tiles.
    func forEachTileRow(
        _ kernels: seg_kernels,
        _ step: WinogradPlan.Step,
        blocks: Range<Int>,
        padding: Int,
        halo: Int,
        strip: UnsafeMutablePointer<Float>,
        _ body: (_ pixels: UnsafePointer<Float>, _ rowStride: Int, _ block: Int, _ tile: Int) -> Void
    ) {
        let stripWidth = step.tileColumns * 4 + halo
        let rowStride = stripWidth * 16
        let first = step.rows.lowerBound - padding
        for (index, block) in blocks.enumerated() {
            var tile = 0
            for image in step.images {
                // One row of tiles after the other, so that its pixels are still in the first-level cache, if they fit.
                var gathered = 0
                for row in 0..<step.tileRows.count {
                    let wanted = row * 4 + 4 + halo
                    gather(
                        kernels,
                        image: image,
                        units: block..<block + 1,
                        rows: first + gathered..<first + wanted,
                        padding: padding,
                        stripWidth: stripWidth,
                        into: strip + gathered * rowStride
                    )
                    gathered = wanted
                    body(strip + row * 4 * rowStride, rowStride, index, tile)
                    tile += step.tileColumns
                }
            }
        }
    }

    /// `B' d B` of the 6×6 tiles of a step.
    func transformInput(
        _ kernels: seg_kernels,
        _ step: WinogradPlan.Step,
        blocks: Range<Int>,
        padding: Int,
        strip: UnsafeMutablePointer<Float>,
        into v: WinogradPlanes
    ) {
        forEachTileRow(kernels, step, blocks: blocks, padding: padding, halo: 2, strip: strip) {
            pixels,
            rowStride,
            block,
            tile in
            kernels.winograd_input(
                pixels,
                rowStride,
                Int32(step.tileColumns),
                v.pointer + tile * v.channels + block * 16,
                v.stride,
                v.channels
            )
        }
    }

    /// `A y A'` of the 4×4 tiles of a step.
    func transformGradient(
        _ kernels: seg_kernels,
        _ step: WinogradPlan.Step,
        blocks: Range<Int>,
        strip: UnsafeMutablePointer<Float>,
        into z: WinogradPlanes
    ) {
        forEachTileRow(kernels, step, blocks: blocks, padding: 0, halo: 0, strip: strip) {
            pixels,
            rowStride,
            block,
            tile in
            kernels.winograd_gradient(
                pixels,
                rowStride,
                Int32(step.tileColumns),
                z.pointer + tile * z.channels + block * 16,
                z.stride,
                z.channels
            )
        }
    }
}
