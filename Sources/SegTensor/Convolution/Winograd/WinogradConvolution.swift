internal import CSegKernels

/// A 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3), or its adjoint.
///
/// A task takes a step of a ``WinogradPlan``, gathers one block of input channels
/// after the other, transforms its tiles, multiplies all 36 planes by the transformed weights, and transforms back.
/// Tiles, products and strips of a step stay in the second-level cache.
struct WinogradConvolution: Sendable {
    let reader: StripReader
    let padding: Int
    let output: BlockedShape

    /// Whether the method applies and pays: maps of at least a tile, and blocks that are not all but empty.
    static func fits(_ reader: StripReader, _ geometry: ConvolutionGeometry, _ output: BlockedShape) -> Bool {
        !reader.isPlanar && reader.dilation == 1 && geometry.kernelHeight == 3 && geometry.kernelWidth == 3
            && geometry.stride == 1 && (geometry.squarePadding.map { $0 <= 2 } ?? false) && output.height >= 4
            && output.width >= 4 && min(reader.geometry.channels, output.channels) >= leastChannels(output)
    }

    /// A quarter of the products pays for layers of few channels too, whose blocks are computed whole in either way. On small maps,
    /// where time is short anyway, the direct algorithm's better rounding is worth more.
    private static func leastChannels(_ output: BlockedShape) -> Int { output.pixels >= 32 * 32 ? 4 : 12 }

    /// - Parameter kept: the transformed weights, if they are there already.
    func run(
        _ source: PackedWeights.Source,
        kept: WinogradWeights? = nil,
        bias: UnsafePointer<Float>? = nil,
        takesForwardSums: Bool = false,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let plan = WinogradPlan(output, blocks: reader.geometry.blocks + output.blocks)
        let epilogue = OutputEpilogue(
            target,
            kernels: Kernels.current,
            takesForwardSums: takesForwardSums,
            strips: plan.bands,
            stripRows: plan.bandRows * 4,
            output: output
        )
        if let kept {
            run(kept, plan, bias, epilogue)
        } else {
            WinogradWeights.forEachPart(of: source) { run($0, plan, bias, epilogue) }
        }
        return epilogue.sums()
    }

    private func run(
        _ weights: WinogradWeights,
        _ plan: WinogradPlan,
        _ bias: UnsafePointer<Float>?,
        _ epilogue: OutputEpilogue
    ) {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let input = reader.geometry
        let inputCount = WinogradPlanes.count(tiles: plan.tiles, channels: input.paddedChannels)
        let outputCount = WinogradPlanes.count(tiles: plan.tiles, channels: output.paddedChannels)
        let scratchCount = inputCount + outputCount + plan.stripCount
        let scratch = Storage(scratch: scratchCount * pool.threadCount)
        // Few steps (small maps, a single image): the output channels are shared out as well.
        let shares = min(weights.groups.count, max(1, 6 / plan.steps))

        pool.run(plan.steps * shares) { task, worker in
            let (index, share) = task.quotientAndRemainder(dividingBy: shares)
            let step = plan.step(index)
            let memory = scratch.pointer + worker * scratchCount
            let v = WinogradPlanes(memory, tiles: plan.tiles, channels: input.paddedChannels)
            let m = WinogradPlanes(memory + inputCount, tiles: plan.tiles, channels: output.paddedChannels)
            reader.transformInput(
                kernels,
                step,
                blocks: 0..<input.blocks,
                padding: padding,
                strip: memory + inputCount + outputCount,
                into: v
            )
            let first = weights.groups.lowerBound
            let count = weights.groups.count
            let groups = first + share * count / shares..<first + (share + 1) * count / shares
            let blocks = weights.blocks(of: groups)
            var ahead = ReadAhead()
            ahead.add(epilogue, step, blocks: blocks)
            if shares == 1, index + 1 < plan.steps {
                ahead.add(reader, plan.step(index + 1), blocks: 0..<input.blocks, halo: 1)
            }
            weights.multiply(kernels, tiles: step.tiles, v, groups: groups, into: m, ahead: ahead)
            epilogue.write(kernels, m, step, blocks: blocks, bias: bias, worker: worker)
        }
    }
}

extension OutputEpilogue {
    /// `A' m A` of a step's products into the rows of some blocks, plus a bias for each channel.
    ///
    /// - Parameter firstBlock: the block that the products begin with.
    func write(
        _ kernels: seg_kernels,
        _ m: WinogradPlanes,
        _ step: WinogradPlan.Step,
        blocks: Range<Int>,
        firstBlock: Int = 0,
        bias: UnsafePointer<Float>? = nil,
        worker: Int
    ) {
        let range = step.rows.clamped(to: 0..<output.height)
        for block in blocks {
            var tile = 0
            for image in step.images {
                let rows = rows(image, block, range, worker: worker)
                for tileRow in step.tileRows {
                    kernels.winograd_output(
                        m.pointer + tile * m.channels + (block - firstBlock) * 16,
                        m.stride,
                        m.channels,
                        Int32(step.tileColumns),
                        bias.map { $0 + block * 16 },
                        rows.pointer + (tileRow * 4 - range.lowerBound) * output.width * 16,
                        output.width * 16,
                        Int32(min(4, output.height - tileRow * 4)),
                        Int32(output.width)
                    )
                    tile += step.tileColumns
                }
                finish(rows, strip: step.band)
            }
        }
    }
}
