internal import CSegKernels

/// The gradient of a 3×3 convolution's weights in Winograd's domain: `dU = Σ tiles (B'dB)' (A dy A')`, then `G' dU G`.
///
/// A task is up to 64 input channels against up to 64 output channels, over some of the images; how many depends on the
/// shape alone, and the shares' sums are added in order.
struct WinogradWeightGradient: Sendable {
    let input: StripReader
    let gradient: StripReader
    let padding: Int

    private static let side = 4

    func run() -> Storage {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = input.geometry
        let dy = gradient.geometry
        let side = Self.side
        let inputTiles = (x.blocks + side - 1) / side
        let outputTiles = (dy.blocks + side - 1) / side
        let pairs = inputTiles * outputTiles
        let shares = min(x.batch, max(1, 8 / pairs))
        let inputs = min(side, x.blocks) * 16
        let outputs = min(side, dy.blocks) * 16
        let imagesPerShare = (x.batch + shares - 1) / shares
        let plan = WinogradConvolution.Plan(
            height: dy.height,
            width: dy.width,
            batch: imagesPerShare,
            tiles: WinogradConvolution.tiles(inputs: inputs, outputs: outputs)
        )
        let inputPlane = plan.tiles * inputs + 16
        let outputPlane = plan.tiles * outputs + 16
        let stripCount = plan.stripRows * plan.stripWidth * 16
        let scratchCount = 36 * (inputPlane + outputPlane) + stripCount
        let scratch = Storage(count: scratchCount * pool.threadCount)
        let sumCount = 36 * inputs * outputs
        let sums = Storage(zeros: pairs * shares * sumCount)

        pool.run(pairs * shares) { task, worker in
            let (pair, share) = task.quotientAndRemainder(dividingBy: shares)
            let inputBlocks = blocks(pair / outputTiles, of: x.blocks)
            let outputBlocks = blocks(pair % outputTiles, of: dy.blocks)
            let v = scratch.pointer + worker * scratchCount
            let z = v + 36 * inputPlane
            let strip = z + 36 * outputPlane
            let du = sums.pointer + task * sumCount
            let range = share * x.batch / shares..<(share + 1) * x.batch / shares
            for step in 0..<plan.tasks(batch: range.count) {
                let local = plan.images(of: step, batch: range.count)
                let images = range.lowerBound + local.lowerBound..<range.lowerBound + local.upperBound
                let band = plan.band(of: step)
                transform(
                    kernels,
                    input,
                    inputBlocks,
                    images,
                    band,
                    plan,
                    firstRow: band.lowerBound * 4 - padding,
                    halo: 2,
                    padding: padding,
                    strip: strip,
                    into: v,
                    plane: inputPlane,
                    kernel: kernels.winograd_input
                )
                transform(
                    kernels,
                    gradient,
                    outputBlocks,
                    images,
                    band,
                    plan,
                    firstRow: band.lowerBound * 4,
                    halo: 0,
                    padding: 0,
                    strip: strip,
                    into: z,
                    plane: outputPlane,
                    kernel: kernels.winograd_gradient
                )
                let tiles = images.count * band.count * plan.tileColumns
                for plane in 0..<36 {
                    kernels.winograd_accumulate(
                        Int32(tiles),
                        Int32(inputBlocks.count * 16),
                        Int32(outputBlocks.count * 16),
                        v + plane * inputPlane,
                        z + plane * outputPlane,
                        du + plane * inputBlocks.count * outputBlocks.count * 256
                    )
                }
            }
        }

        let result = Storage(count: dy.channels * x.channels * 9)
        pool.run(pairs * side * side) { task, _ in
            let (pair, cell) = task.quotientAndRemainder(dividingBy: side * side)
            let inputBlocks = blocks(pair / outputTiles, of: x.blocks)
            let outputBlocks = blocks(pair % outputTiles, of: dy.blocks)
            guard cell / side < inputBlocks.count, cell % side < outputBlocks.count else { return }
            let inputBlock = inputBlocks.lowerBound + cell / side
            let outputBlock = outputBlocks.lowerBound + cell % side
            let width = outputBlocks.count * 16
            let plane = inputBlocks.count * 16 * width
            for lane in 0..<16 where inputBlock * 16 + lane < x.channels {
                let offset = (cell / side * 16 + lane) * width + cell % side * 16
                let base = sums.pointer + pair * shares * sumCount
                // The shares' sums, added in order into the first.
                for share in 1..<max(shares, 1) where shares > 1 {
                    for index in 0..<36 {
                        kernels.accumulate(
                            base + share * sumCount + index * plane + offset,
                            base + index * plane + offset,
                            16
                        )
                    }
                }
                kernels.winograd_kernel_gradient(
                    base + offset,
                    plane,
                    result.pointer + (outputBlock * 16 * x.channels + inputBlock * 16 + lane) * 9,
                    x.channels * 9,
                    Int32(min(16, dy.channels - outputBlock * 16))
                )
            }
        }
        return result
    }

    private func blocks(_ index: Int, of count: Int) -> Range<Int> {
        index * Self.side..<min(count, (index + 1) * Self.side)
    }

    private typealias Transform =
        @convention(c) (UnsafePointer<Float>?, Int, Int32, UnsafeMutablePointer<Float>?, Int, Int) -> Void

    /// Gathers and transforms a band of some images, block by block.
    private func transform(
        _ kernels: seg_kernels,
        _ reader: StripReader,
        _ blocks: Range<Int>,
        _ images: Range<Int>,
        _ band: Range<Int>,
        _ plan: WinogradConvolution.Plan,
        firstRow: Int,
        halo: Int,
        padding: Int,
        strip: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>,
        plane: Int,
        kernel: Transform?
    ) {
        let stripWidth = plan.tileColumns * 4 + halo
        let channels = blocks.count * 16
        for (index, unit) in blocks.enumerated() {
            var tile = 0
            for image in images {
                reader.gather(
                    kernels,
                    image: image,
                    units: unit..<unit + 1,
                    firstRow: firstRow,
                    rows: band.count * 4 + halo,
                    padding: padding,
                    stripWidth: stripWidth,
                    into: strip
                )
                for row in 0..<band.count {
                    kernel?(
                        strip + row * 4 * stripWidth * 16,
                        stripWidth * 16,
                        Int32(plan.tileColumns),
                        target + tile * channels + index * 16,
                        plane,
                        channels
                    )
                    tile += plan.tileColumns
                }
            }
        }
    }
}
