internal import CSegKernels

extension Tensor {
    /// Sums over batch, rows and columns: `[channels]`.
    func channelTotals() -> Tensor { Profiler.span("channel totals") { channelTotalsNow() } }

    private func channelTotalsNow() -> Tensor {
        let maps = BlockedShape(shape)
        if case .dense(let storage) = body {
            // Where they lie: in blocks, few channels would be mostly zeros.
            let kernels = Kernels.current
            let partials = Storage(count: maps.batch * maps.channels)
            WorkerPool.current.run(maps.batch * maps.channels) { task, _ in
                let plane = storage.pointer + task * maps.pixels
                let sum = stride(from: 0, to: maps.pixels, by: 4096).reduce(0.0) {
                    $0 + Double(kernels.sum(plane + $1, min(4096, maps.pixels - $1)))
                }
                partials.pointer[task] = Float(sum)
            }
            let totals = (0..<maps.channels).map { channel in
                (0..<maps.batch).reduce(0.0) { $0 + Double(partials.pointer[$1 * maps.channels + channel]) }
            }
            return Tensor(totals.map { Float($0) }, shape: [maps.channels])
        }
        let source = BlockSource(self)
        let geometry = source.geometry
        let sums = Self.channelSums(source)
        return Tensor(
            (0..<geometry.channels).map { channel in
                Float((0..<geometry.batch).reduce(0.0) { $0 + sums.first($1, channel) })
            },
            shape: [geometry.channels]
        )
    }

    /// Sum and sum of squares over each image and channel, as the tensor reads.
    static func channelSums(_ source: BlockSource) -> ChannelSums {
        let geometry = source.geometry
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let grain = 4096
        let strips = (geometry.pixels + grain - 1) / grain
        let partials = Storage(zeros: geometry.batch * strips * geometry.blocks * 32)
        let scratch = Storage(count: pool.threadCount * grain * 16)
        pool.run(geometry.batch * strips * geometry.blocks) { task, worker in
            let (rest, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            let (image, strip) = rest.quotientAndRemainder(dividingBy: strips)
            let first = strip * grain
            let pixels = min(grain, geometry.pixels - first)
            var block = source.block(image, index)
            block.advance(pixels: first)
            let place = partials.pointer + task * 32
            if block.mode == seg_read_raw {
                kernels.channel_sums(block.x, pixels, place)
            } else {
                let memory = scratch.pointer + worker * grain * 16
                kernels.read_block(&block, pixels, memory)
                kernels.channel_sums(memory, pixels, place)
            }
        }
        return ChannelSums(
            partials: partials,
            strips: strips,
            blocks: geometry.blocks,
            firstBlock: 0,
            geometry: geometry
        )
    }
}
