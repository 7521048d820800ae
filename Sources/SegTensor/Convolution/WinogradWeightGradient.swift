internal import CSegKernels

/// The gradient of a 3×3 convolution's weights in Winograd's domain: `dU = Σ tiles (B'dB)' (A dy A')`, then `G' dU G`.
///
/// A task is up to 64 input channels against up to 64 output channels, over a share of the tiles; how many shares depends
/// on the shape alone, and their sums are added in order.
struct WinogradWeightGradient: Sendable {
    let input: StripReader
    let gradient: StripReader
    let padding: Int

    /// Blocks of channels that a task takes, either way.
    private static let side = 4
    /// About as many tasks as there should be at least.
    private static let tasks = 8
    /// Tiles that a share has at least, lest adding up the shares costs more than it brings.
    private static let leastTiles = 96

    func run() -> Storage {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = input.geometry
        let dy = gradient.geometry
        let side = Self.side
        let inputTiles = (x.blocks + side - 1) / side
        let outputTiles = (dy.blocks + side - 1) / side
        let pairs = inputTiles * outputTiles
        let inputs = min(side, x.blocks) * 16
        let outputs = min(side, dy.blocks) * 16
        let plan = WinogradConvolution.Plan(
            height: dy.height,
            width: dy.width,
            batch: x.batch,
            tiles: WinogradConvolution.tiles(inputs: inputs, outputs: outputs)
        )
        let steps = plan.tasks(batch: x.batch)
        let shares = min(steps, max(1, Self.tasks / pairs), max(1, steps * plan.tiles / Self.leastTiles))
        let inputPlane = plan.tiles * inputs + 16
        let outputPlane = plan.tiles * outputs + 16
        let stripCount = plan.stripRows * plan.stripWidth * 16
        // Planes are an odd number of cache lines apart here too.
        let sumPlane = inputs * outputs + 16
        let sumCount = 36 * sumPlane
        // A task that has all tiles turns its sums into weights while they are in the cache; shares meet in memory.
        let sums = shares > 1 ? Storage(count: pairs * shares * sumCount) : nil
        let scratchCount = 36 * (inputPlane + outputPlane) + stripCount + (sums == nil ? sumCount : 0)
        let scratch = Storage(count: scratchCount * pool.threadCount)
        let result = Storage(count: dy.channels * x.channels * 9)

        /// Sums of one pair, from all shares, to the weights of one of its blocks.
        func finish(_ pair: Int, _ cell: Int, _ du: UnsafePointer<Float>) {
            let inputBlocks = blocks(pair / outputTiles, of: x.blocks)
            let outputBlocks = blocks(pair % outputTiles, of: dy.blocks)
            guard cell / side < inputBlocks.count, cell % side < outputBlocks.count else { return }
            let inputBlock = inputBlocks.lowerBound + cell / side
            let outputBlock = outputBlocks.lowerBound + cell % side
            let width = outputBlocks.count * 16
            kernels.winograd_kernel_gradients(
                du + cell / side * 16 * width + cell % side * 16,
                sumPlane,
                width,
                Int32(shares),
                sumCount,
                result.pointer + (outputBlock * 16 * x.channels + inputBlock * 16) * 9,
                x.channels * 9,
                Int32(min(16, dy.channels - outputBlock * 16)),
                Int32(min(16, x.channels - inputBlock * 16))
            )
        }

        pool.run(pairs * shares) { task, worker in
            let (pair, share) = task.quotientAndRemainder(dividingBy: shares)
            let inputBlocks = blocks(pair / outputTiles, of: x.blocks)
            let outputBlocks = blocks(pair % outputTiles, of: dy.blocks)
            let v = scratch.pointer + worker * scratchCount
            let z = v + 36 * inputPlane
            let strip = z + 36 * outputPlane
            let du = sums.map { $0.pointer + task * sumCount } ?? strip + stripCount
            let range = share * steps / shares..<(share + 1) * steps / shares
            for step in range {
                let images = plan.images(of: step, batch: x.batch)
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
                        step == range.lowerBound ? 0 : 1,
                        du + plane * sumPlane
                    )
                }
            }
            if sums == nil {
                for cell in 0..<side * side { finish(pair, cell, du) }
            }
        }
        if let sums {
            pool.run(pairs * side * side) { task, _ in
                let (pair, cell) = task.quotientAndRemainder(dividingBy: side * side)
                finish(pair, cell, sums.pointer + pair * shares * sumCount)
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
