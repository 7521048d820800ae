internal import CSegKernels

/// The gradient of a 3×3 convolution's weights in Winograd's domain.
///
/// A task is a cell of up to 64 input channels against up to 64 output channels, over a share of the tiles.
struct WinogradWeightGradient: Sendable {
    let input: StripReader
    let gradient: StripReader
    let padding: Int

    func run() -> Storage {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = input.geometry
        let dy = gradient.geometry
        let side = 4
        let plan = WinogradPlan(dy, blocks: min(side, x.blocks) + min(side, dy.blocks))
        let sums = WinogradSums(inputs: x, outputs: dy, side: side, plan: plan)
        let inputCount = WinogradPlanes.count(tiles: plan.tiles, channels: min(side, x.blocks) * 16)
        let outputCount = WinogradPlanes.count(tiles: plan.tiles, channels: min(side, dy.blocks) * 16)
        let scratchCount = inputCount + outputCount + plan.stripCount + sums.scratchCount
        let scratch = Storage(scratch: scratchCount * pool.threadCount)

        pool.run(sums.cells * sums.shares) { task, worker in
            let (cell, share) = task.quotientAndRemainder(dividingBy: sums.shares)
            let inputBlocks = sums.inputBlocks(cell)
            let outputBlocks = sums.outputBlocks(cell)
            let memory = scratch.pointer + worker * scratchCount
            let v = WinogradPlanes(memory, tiles: plan.tiles, channels: inputBlocks.count * 16)
            let z = WinogradPlanes(memory + inputCount, tiles: plan.tiles, channels: outputBlocks.count * 16)
            let strip = memory + inputCount + outputCount
            let place = sums.place(cell, share: share, scratch: strip + plan.stripCount)
            let steps = share * plan.steps / sums.shares..<(share + 1) * plan.steps / sums.shares
            for index in steps {
                let step = plan.step(index)
                input.transformInput(kernels, step, blocks: inputBlocks, padding: padding, strip: strip, into: v)
                gradient.transformGradient(kernels, step, blocks: outputBlocks, strip: strip, into: z)
                var ahead = ReadAhead()
                if index + 1 < steps.upperBound {
                    let next = plan.step(index + 1)
                    ahead.add(input, next, blocks: inputBlocks, halo: 1)
                    ahead.add(gradient, next, blocks: outputBlocks, halo: 0)
                }
                sums.add(
                    kernels,
                    tiles: step.tiles,
                    v,
                    z,
                    isFirst: index == steps.lowerBound,
                    to: place,
                    ahead: ahead
                )
            }
            sums.finish(kernels, cell, place)
        }
        return sums.gradient(kernels)
    }
}
