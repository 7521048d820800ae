internal import CSegKernels

extension Tensor {
    /// The maximum of each 2×2 window, stride 2.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`, rounded down; an odd
    ///   last row or column is not looked at.
    /// - Gradient: to the first maximum of each window in row-major order.
    public func maxPooled2x2() -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        let source = BlockSource(stored: self)
        let y = BlockedShape([x.batch, x.channels, x.height / 2, x.width / 2])
        requireOperands(
            y.height > 0 && y.width > 0,
            "images of shape \(shape) are too small to be halved",
            cure: "use larger images, or a network of less depth"
        )
        let kernels = Kernels.current
        let result = Storage(count: y.count)
        Profiler.span("max pooling", detail: "\(shape)") {
            WorkerPool.current.run(x.batch * x.blocks) { task, _ in
                let (image, index) = task.quotientAndRemainder(dividingBy: x.blocks)
                var block = source.block(image, index)
                kernels.max_pool(
                    &block,
                    Int32(x.width),
                    Int32(y.height),
                    Int32(y.width),
                    result.pointer + task * y.blockCount
                )
            }
        }
        let input = self
        return Tensor.blocked(y, result).recorded(
            from: [self],
            as: .maximumPooling(window: 2, stride: 2, padding: 0),
            adding: { gradient, known in
                // In a U-Net the decoder's gradient of the skip is there already. Added and summed up on the way, it makes
                // one pass over memory where there would be three.
                var others = known?.rawBlocks
                known = nil
                let isOwned = isKnownUniquelyReferenced(&others)
                let target = OutputTarget(gradientOf: input, in: isOwned ? others : nil)
                known = Self.unpooled(gradient.rawBlocks, y, source, adding: others, into: target)
                return []
            }
        )
    }

    /// Each gradient of a 2×2 maximum to the pixel that it came from, zero to the others, added to `others`.
    private static func unpooled(
        _ dy: Storage,
        _ y: BlockedShape,
        _ source: BlockSource,
        adding others: Storage?,
        into target: OutputTarget
    ) -> Tensor {
        let kernels = Kernels.current
        let x = source.geometry
        // Strips of about 64 KiB, still in the cache when their sums are taken.
        let rows = max(1, min(y.height, (32 << 10) / (x.width * 64)))
        let strips = (y.height + rows - 1) / rows
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: false,
            strips: strips,
            stripRows: 2 * rows + 1,
            output: x
        )
        WorkerPool.current.run(x.batch * strips * x.blocks) { task, worker in
            let (rest, index) = task.quotientAndRemainder(dividingBy: x.blocks)
            let (image, strip) = rest.quotientAndRemainder(dividingBy: strips)
            let first = strip * rows
            let count = min(rows, y.height - first)
            // An odd last row belongs to no window, but to the last strip.
            let inputRows = 2 * first..<(strip == strips - 1 ? x.height : 2 * (first + count))
            var block = source.block(image, index)
            block.advance(pixels: inputRows.lowerBound * x.width)
            let place = (image * x.blocks + index) * x.blockCount + inputRows.lowerBound * x.width * 16
            let written = epilogue.rows(image, index, inputRows, worker: worker)
            kernels.max_pool_backward(
                &block,
                Int32(inputRows.count),
                Int32(x.width),
                Int32(count),
                Int32(y.width),
                dy.pointer + (image * x.blocks + index) * y.blockCount + first * y.width * 16,
                others.map { UnsafePointer($0.pointer + place) },
                written.pointer
            )
            epilogue.finish(written, strip: strip)
        }
        return target.tensor(sums: epilogue.sums())
    }

    /// The mean over all pixels of each channel (global average pooling).
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels]`.
    public func globalAveragePooled() -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        let sums = Self.channelSums(BlockSource(self))
        let scale = 1 / Double(x.pixels)
        let result = Tensor(shape: [x.batch, x.channels]) { buffer in
            for image in 0..<x.batch {
                for channel in 0..<x.channels {
                    buffer[image * x.channels + channel] = Float(sums.first(image, channel) * scale)
                }
            }
        }
        return result.recorded(from: [self], as: .globalAveragePooling) { gradient in
            let g = gradient.values()
            let dx = Storage(count: x.count)
            WorkerPool.current.run(x.batch * x.blocks) { task, _ in
                let (image, block) = task.quotientAndRemainder(dividingBy: x.blocks)
                let target = dx.pointer + task * x.blockCount
                for lane in 0..<16 {
                    let channel = block * 16 + lane
                    target[lane] = channel < x.channels ? g[image * x.channels + channel] * Float(scale) : 0
                }
                for pixel in 1..<max(x.pixels, 1) where x.pixels > 1 {
                    (target + pixel * 16).update(from: target, count: 16)
                }
            }
            return [.blocked(x, dx)]
        }
    }
}
