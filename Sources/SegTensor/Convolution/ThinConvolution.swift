internal import CSegKernels

/// A pointwise convolution to a few channels, such as the mask's head. Its output is planes: a block of 16 channels for
/// each pixel would be mostly zeros, and writing, reading and converting it would cost more than the arithmetic.
struct ThinConvolution: Sendable {
    let source: BlockSource
    let outputs: Int

    /// Most output channels.
    private static let limit = 4
    /// Pixels of a task: their inputs are read once, and their sums taken while they are in the cache.
    private static let grain = 2048

    /// Whether a convolution is of this kind.
    static func fits(_ x: BlockedShape, _ geometry: ConvolutionGeometry, outputs: Int) -> Bool {
        geometry.isPointwise
            && outputs <= limit && x.channels >= 8
    }

    private var geometry: BlockedShape { source.geometry }
    /// A task is some rows of an image: whole rows, since sums are taken by rows.
    private var rows: Int { max(1, Self.grain / geometry.width) }
    private var strips: Int { (geometry.height + rows - 1) / rows }

    /// Calls `body` for each strip of each image, on the workers.
    private func forEachStrip(_ body: (_ image: Int, _ strip: Int, _ rows: Range<Int>, _ worker: Int) -> Void) {
        WorkerPool.current.run(geometry.batch * strips) { task, worker in
            let (image, strip) = task.quotientAndRemainder(dividingBy: strips)
            body(image, strip, strip * rows..<min(geometry.height, (strip + 1) * rows), worker)
        }
    }

    /// `[block][output][16]`, zeros in the lanes beyond the last channel.
    private func packed(_ weights: Storage) -> Storage {
        let result = Storage(zeros: geometry.blocks * outputs * 16)
        for output in 0..<outputs {
            for channel in 0..<geometry.channels {
                let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
                result.pointer[(block * outputs + output) * 16 + lane] =
                    weights.pointer[output * geometry.channels + channel]
            }
        }
        return result
    }

    /// `[batch, outputs, height, width]`, row-major.
    func forward(_ weights: Storage, bias: Storage?) -> Storage {
        let kernels = Kernels.current
        let packed = packed(weights)
        let result = Storage(count: geometry.batch * outputs * geometry.pixels)
        forEachStrip { image, _, rows, _ in
            let first = rows.lowerBound * geometry.width
            let count = rows.count * geometry.width
            let y = result.pointer + image * outputs * geometry.pixels + first
            for output in 0..<outputs {
                (y + output * geometry.pixels).update(repeating: bias?.pointer[output] ?? 0, count: count)
            }
            for index in 0..<geometry.blocks {
                var block = source.block(image, index)
                block.advance(pixels: first)
                let weights = packed.pointer + index * outputs * 16
                kernels.thin_forward(&block, count, weights, Int32(outputs), y, geometry.pixels)
            }
        }
        return result
    }

    /// The gradient of the input from row-major planes, into the rows of `target`.
    func inputGradient(_ dy: Storage, _ weights: Storage, into target: OutputTarget) -> [ChannelSums?] {
        let kernels = Kernels.current
        let packed = packed(weights)
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: false,
            strips: strips,
            stripRows: rows,
            output: geometry
        )
        forEachStrip { image, strip, rows, worker in
            let gradient = dy.pointer + image * outputs * geometry.pixels + rows.lowerBound * geometry.width
            for block in 0..<geometry.blocks {
                let written = epilogue.rows(image, block, rows, worker: worker)
                kernels.thin_input_gradient(
                    packed.pointer + block * outputs * 16,
                    Int32(outputs),
                    gradient,
                    geometry.pixels,
                    rows.count * geometry.width,
                    written.pointer
                )
                epilogue.finish(written, strip: strip)
            }
        }
        return epilogue.sums()
    }

    /// `[outputs, channels]`, row-major; the strips' sums are added in order.
    func weightGradient(_ dy: Storage) -> Storage {
        let kernels = Kernels.current
        let padded = geometry.paddedChannels
        let partials = Storage(zeros: geometry.batch * strips * outputs * padded)
        forEachStrip { image, strip, rows, _ in
            let first = rows.lowerBound * geometry.width
            let sums = partials.pointer + (image * strips + strip) * outputs * padded
            for index in 0..<geometry.blocks {
                var block = source.block(image, index)
                block.advance(pixels: first)
                for output in 0..<outputs {
                    kernels.thin_weight_gradient(
                        &block,
                        rows.count * geometry.width,
                        dy.pointer + (image * outputs + output) * geometry.pixels + first,
                        sums + output * padded + index * 16
                    )
                }
            }
        }
        let result = Storage(count: outputs * geometry.channels)
        for output in 0..<outputs {
            for channel in 0..<geometry.channels {
                var sum = 0.0
                for task in 0..<geometry.batch * strips {
                    sum += Double(partials.pointer[(task * outputs + output) * padded + channel])
                }
                result.pointer[output * geometry.channels + channel] = Float(sum)
            }
        }
        return result
    }
}
