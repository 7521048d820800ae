internal import CSegKernels

/// Winograd's convolution where the maps are small and the channels many, as at a U-Net's bottom.
///
/// There the transformed weights, four times as large as the weights, outgrow all else: written and read back they would
/// cost more than the products. So the tiles of the whole batch are transformed first, and a task, one group of output
/// channels against all of them, transforms its weights chunk by chunk and uses each up while it is in the cache.
struct WinogradDeepConvolution: Sendable {
    let reader: StripReader
    let padding: Int
    let output: BlockedShape

    /// Most tiles of a batch: their products with a group of channels stay in the second-level cache.
    private static let limit = 64

    /// Whether that pays: few tiles against the channels that they meet.
    static func pays(_ output: BlockedShape) -> Bool {
        let tiles = output.batch * ((output.height + 3) / 4) * ((output.width + 3) / 4)
        return tiles <= limit && output.blocks >= 4
    }

    func run(
        _ weights: PackedWeights.Source,
        bias: UnsafePointer<Float>? = nil,
        takesForwardSums: Bool = false,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let input = reader.geometry
        // One step an image: its rows of tiles lie one after the other in the planes.
        let plan = WinogradPlan(imageByImage: output)
        let tiles = plan.steps * plan.tiles
        let v = Storage(scratch: WinogradPlanes.count(tiles: tiles, channels: input.paddedChannels))
        let planes = WinogradPlanes(v.pointer, tiles: tiles, channels: input.paddedChannels)
        let strips = Storage(scratch: plan.stripCount * pool.threadCount)
        pool.run(plan.steps * input.blocks) { task, worker in
            let (step, block) = task.quotientAndRemainder(dividingBy: input.blocks)
            reader.transformInput(
                kernels,
                plan.step(step),
                blocks: block..<block + 1,
                padding: padding,
                strip: strips.pointer + worker * plan.stripCount,
                into: planes.from(tile: step * plan.tiles, block: block)
            )
        }

        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: takesForwardSums,
            strips: plan.bands,
            stripRows: plan.bandRows * 4,
            output: output
        )
        let group = Int(kernels.conv_group)
        // Blocks of input channels whose transformed weights are made at a time: what the products leave of the cache.
        let chunk = 4
        let productCount = WinogradPlanes.count(tiles: tiles, channels: group * 16)
        let weightPlane = chunk * 16 * group * 16 + 16
        let scratchCount = productCount + 36 * weightPlane
        let scratch = Storage(scratch: scratchCount * pool.threadCount)
        pool.run((output.blocks + group - 1) / group) { task, worker in
            let blocks = task * group..<min(output.blocks, (task + 1) * group)
            let width = blocks.count * 16
            let m = WinogradPlanes(scratch.pointer + worker * scratchCount, tiles: tiles, channels: width)
            let u = scratch.pointer + worker * scratchCount + productCount
            for first in stride(from: 0, to: input.blocks, by: chunk) {
                let inputs = first..<min(input.blocks, first + chunk)
                for (member, block) in blocks.enumerated() {
                    for inputBlock in inputs {
                        weights.transform(
                            kernels,
                            outputBlock: block,
                            inputBlock: inputBlock,
                            into: u + (inputBlock - first) * 16 * width + member * 16,
                            plane: weightPlane,
                            channel: width
                        )
                    }
                }
                for plane in 0..<36 {
                    kernels.winograd_multiply(
                        Int32(tiles),
                        Int32(inputs.count * 16),
                        planes.plane(plane) + first * 16,
                        planes.channels,
                        u + plane * weightPlane,
                        Int32(blocks.count),
                        first == 0 ? 0 : 1,
                        m.plane(plane),
                        width
                    )
                }
            }
            for step in 0..<plan.steps {
                epilogue.write(
                    kernels,
                    m.from(tile: step * plan.tiles, block: 0),
                    plan.step(step),
                    blocks: blocks,
                    firstBlock: blocks.lowerBound,
                    bias: bias,
                    worker: worker
                )
            }
        }
        return epilogue.sums()
    }
}
