internal import CSegKernels

/// Both gradients of a 3×3 convolution that keeps the size of its maps, in one pass over the gradient of its output.
///
/// That gradient is read with its pending arithmetic, which takes two maps from memory; done twice, once for the input
/// and once for the weights, it would be the largest share of a training step's memory traffic. Here it is gathered and
/// transformed once: the 6×6 tiles that make the 4×4 tiles of the input's gradient, correlated with the input's own 4×4
/// tiles, are the gradient of the weights, turned by 180°. In one dimension, with zeros outside the maps,
///
///     dw[k] = Σ x[i + k − 1] dy[i] = Σ dy[i + (2 − k) − 1] x[i]
///
/// so input and gradient may exchange their parts in Winograd's algorithm, and which of them has a halo is free.
struct WinogradBackward: Sendable {
    let input: StripReader
    let gradient: StripReader

    /// Whether the sums of all channels fit into the second-level cache beside a step's tiles.
    static func fits(_ input: StripReader, _ geometry: ConvolutionGeometry, _ gradient: StripReader) -> Bool {
        geometry.squarePadding == 1 && WinogradConvolution.fits(input, geometry, gradient.geometry)
            && input.geometry.blocks * gradient.geometry.blocks <= 8
    }

    func run(_ weights: WinogradWeights, into target: OutputTarget) -> (input: [ChannelSums?], weights: Storage) {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = input.geometry
        let dy = gradient.geometry
        let plan = WinogradPlan(dy, blocks: x.blocks + dy.blocks)
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: false,
            strips: plan.bands,
            stripRows: plan.bandRows * 4,
            output: x
        )
        let sums = WinogradSums(
            inputs: x,
            outputs: dy,
            side: max(x.blocks, dy.blocks),
            plan: plan,
            turned: true
        )
        let inputCount = WinogradPlanes.count(tiles: plan.tiles, channels: x.paddedChannels)
        let outputCount = WinogradPlanes.count(tiles: plan.tiles, channels: dy.paddedChannels)
        let scratchCount = inputCount + outputCount + plan.stripCount + sums.scratchCount
        let scratch = Storage(scratch: scratchCount * pool.threadCount)

        pool.run(sums.shares) { share, worker in
            let memory = scratch.pointer + worker * scratchCount
            // First the products, which become the gradient of the input, then the input itself.
            let v = WinogradPlanes(memory, tiles: plan.tiles, channels: x.paddedChannels)
            let d = WinogradPlanes(memory + inputCount, tiles: plan.tiles, channels: dy.paddedChannels)
            let strip = memory + inputCount + outputCount
            let place = sums.place(0, share: share, scratch: strip + plan.stripCount)
            let steps = share * plan.steps / sums.shares..<(share + 1) * plan.steps / sums.shares
            for index in steps {
                let step = plan.step(index)
                gradient.transformInput(kernels, step, blocks: 0..<dy.blocks, padding: 1, strip: strip, into: d)
                var ahead = ReadAhead()
                ahead.add(input, step, blocks: 0..<x.blocks, halo: 0)
                ahead.add(epilogue, step, blocks: 0..<x.blocks)
                ahead.removeRepetitions()
                weights.multiply(kernels, tiles: step.tiles, d, groups: weights.groups, into: v, ahead: ahead)
                epilogue.write(kernels, v, step, blocks: 0..<x.blocks, worker: worker)
                input.transformGradient(kernels, step, blocks: 0..<x.blocks, strip: strip, into: v)
                ahead = ReadAhead()
                if index + 1 < steps.upperBound {
                    ahead.add(gradient, plan.step(index + 1), blocks: 0..<dy.blocks, halo: 1)
                }
                sums.add(
                    kernels,
                    tiles: step.tiles,
                    v,
                    d,
                    isFirst: index == steps.lowerBound,
                    to: place,
                    ahead: ahead
                )
            }
            sums.finish(kernels, 0, place)
        }
        return (epilogue.sums(), sums.gradient(kernels))
    }
}
