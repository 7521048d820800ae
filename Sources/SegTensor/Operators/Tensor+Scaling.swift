internal import CSegKernels

extension Tensor {
    /// Each channel of each image times a factor of its own: what a squeeze-and-excitation does.
    ///
    /// - Shape: self `[batch, channels, height, width]`, factors `[batch, channels]`.
    /// - Gradient: with respect to both.
    public func scaledChannels(by factors: Tensor) -> Tensor {
        let geometry = BlockedShape(shape, operation: #function)
        requireOperands(
            factors.shape == [geometry.batch, geometry.channels],
            "factors of shape \(factors.shape) do not fit images of shape \(shape)",
            cure: "their shape is [\(geometry.batch), \(geometry.channels)]"
        )
        let x = rawBlocks
        let scales = Storage(zeros: geometry.batch * geometry.paddedChannels)
        let values = factors.values()
        for image in 0..<geometry.batch {
            for channel in 0..<geometry.channels {
                scales.pointer[image * geometry.paddedChannels + channel] = values[image * geometry.channels + channel]
            }
        }
        let y = Self.scaledBlocks(x, geometry, scales)
        return Tensor.blocked(geometry, y).recorded(from: [self, factors], as: .scaledChannels) { gradient in
            let dy = gradient.rawBlocks
            let sums = Self.products(of: dy, x, geometry)
            let factorGradient = (0..<geometry.batch).flatMap { image in
                (0..<geometry.channels).map { Float(sums.second(image, $0)) }
            }
            return [
                .blocked(geometry, Self.scaledBlocks(dy, geometry, scales)),
                Tensor(factorGradient, shape: [geometry.batch, geometry.channels]),
            ]
        }
    }

    /// Each pixel of each image, all its channels, times a factor of its own: what a spatial attention does.
    ///
    /// - Shape: self `[batch, channels, height, width]`, factors `[batch, 1, height, width]`.
    /// - Gradient: with respect to both.
    public func scaledPixels(by factors: Tensor) -> Tensor {
        let geometry = BlockedShape(shape, operation: #function)
        requireOperands(
            factors.shape == [geometry.batch, 1, geometry.height, geometry.width],
            "factors of shape \(factors.shape) do not fit images of shape \(shape)",
            cure: "their shape is [\(geometry.batch), 1, \(geometry.height), \(geometry.width)]"
        )
        let x = rawBlocks
        let scales = factors.denseStorage
        let y = Self.scaledBlocks(x, geometry, pixels: scales)
        return Tensor.blocked(geometry, y).recorded(from: [self, factors], as: .scaledPixels) { gradient in
            let dy = gradient.rawBlocks
            let kernels = Kernels.current
            let products = Storage(count: geometry.batch * geometry.pixels)
            WorkerPool.current.run(geometry.batch) { image, _ in
                for block in 0..<geometry.blocks {
                    let first = (image * geometry.blocks + block) * geometry.blockCount
                    kernels.dot_pixels(
                        dy.pointer + first,
                        x.pointer + first,
                        geometry.pixels,
                        block == 0 ? 0 : 1,
                        products.pointer + image * geometry.pixels
                    )
                }
            }
            return [
                .blocked(geometry, Self.scaledBlocks(dy, geometry, pixels: scales)),
                Tensor(shape: [geometry.batch, 1, geometry.height, geometry.width], storage: products),
            ]
        }
    }

    private static func scaledBlocks(_ x: Storage, _ geometry: BlockedShape, pixels scales: Storage) -> Storage {
        let kernels = Kernels.current
        let y = Storage(count: geometry.count)
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let image = task / geometry.blocks
            kernels.scale_pixels(
                x.pointer + task * geometry.blockCount,
                scales.pointer + image * geometry.pixels,
                geometry.pixels,
                y.pointer + task * geometry.blockCount
            )
        }
        return y
    }

    /// - Parameter scales: `[batch][padded channels]`.
    private static func scaledBlocks(_ x: Storage, _ geometry: BlockedShape, _ scales: Storage) -> Storage {
        let kernels = Kernels.current
        let y = Storage(count: geometry.count)
        let zeros = Storage(zeros: 16)
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            var block = seg_block()
            block.x = UnsafePointer(x.pointer + task * geometry.blockCount)
            block.mode = seg_read_affine
            block.scale = UnsafePointer(scales.pointer + task * 16)
            block.shift = UnsafePointer(zeros.pointer)
            kernels.read_block(&block, geometry.pixels, y.pointer + task * geometry.blockCount)
        }
        return y
    }

    /// Over each image and channel: the sum of a gradient, and of its products with the values.
    private static func products(of gradient: Storage, _ x: Storage, _ geometry: BlockedShape) -> ChannelSums {
        let kernels = Kernels.current
        let grain = 4096
        let strips = (geometry.pixels + grain - 1) / grain
        let partials = Storage(zeros: geometry.batch * strips * geometry.blocks * 32)
        WorkerPool.current.run(geometry.batch * strips * geometry.blocks) { task, _ in
            let (rest, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            let (image, strip) = rest.quotientAndRemainder(dividingBy: strips)
            let first = (image * geometry.blocks + index) * geometry.blockCount + strip * grain * 16
            var block = seg_block()
            block.x = UnsafePointer(x.pointer + first)
            block.mode = seg_read_raw
            let pixels = min(grain, geometry.pixels - strip * grain)
            kernels.backward_sums(gradient.pointer + first, &block, pixels, partials.pointer + task * 32)
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
