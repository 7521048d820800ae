internal import CSegKernels

extension Tensor {
    /// The maximum of each 2×2 window, stride 2.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`, rounded down; an odd
    ///   last row or column is not looked at.
    /// - Gradient: to the first maximum of each window in row-major order.
    public func maxPooled2x2() -> Tensor {
        let source = BlockSource(self)
        let x = source.geometry
        let y = BlockedShape([x.batch, x.channels, x.height / 2, x.width / 2])
        precondition(y.height > 0 && y.width > 0, "an image of \(x.height)×\(x.width) px is too small to pool")
        let kernels = Kernels.current
        let result = Storage(count: y.count)
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
        return Tensor.blocked(y, result).recorded(from: [self]) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: x.count)
            WorkerPool.current.run(x.batch * x.blocks) { task, _ in
                let (image, index) = task.quotientAndRemainder(dividingBy: x.blocks)
                var block = source.block(image, index)
                kernels.max_pool_backward(
                    &block,
                    Int32(x.height),
                    Int32(x.width),
                    Int32(y.height),
                    Int32(y.width),
                    dy.pointer + task * y.blockCount,
                    dx.pointer + task * x.blockCount
                )
            }
            return [.blocked(x, dx)]
        }
    }

    /// The mean over all pixels of each channel (global average pooling).
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels]`.
    public func globalAveragePooled() -> Tensor {
        let source = BlockSource(self)
        let x = source.geometry
        let sums = Self.channelSums(source)
        let scale = 1 / Double(x.pixels)
        let result = Tensor(shape: [x.batch, x.channels]) { buffer in
            for image in 0..<x.batch {
                for channel in 0..<x.channels {
                    buffer[image * x.channels + channel] = Float(sums.first(image, channel) * scale)
                }
            }
        }
        return result.recorded(from: [self]) { gradient in
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
