internal import CSegKernels

extension Tensor {
    /// The sum of two maps of one shape, followed by a ReLU if asked: where a residual block ends.
    ///
    /// What is pending on either, such as a normalization, is applied as it is read: one pass over memory where there would
    /// be four.
    ///
    /// - Shape: both `[batch, channels, height, width]`, kept.
    /// - Gradient: to both alike; with a ReLU, where the sum is above 0.
    public func residualSum(_ other: Tensor, relu: Bool) -> Tensor {
        requireOperands(
            shape == other.shape,
            "shapes \(shape) and \(other.shape) do not fit",
            cure: "project one of them: a sum takes two maps of one shape"
        )
        let geometry = BlockedShape(shape, operation: #function)
        let kernels = Kernels.current
        let (left, right) = (BlockSource(self), BlockSource(other))
        let y = Storage(count: geometry.count)
        // Pixels of a piece: both parts stay in the first-level cache.
        let grain = 256
        let pool = WorkerPool.current
        let scratch = Storage(scratch: pool.threadCount * grain * 16)
        pool.run(geometry.batch * geometry.blocks) { task, worker in
            let (image, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            var (a, b) = (left.block(image, index), right.block(image, index))
            let part = scratch.pointer + worker * grain * 16
            for first in stride(from: 0, to: geometry.pixels, by: grain) {
                let pixels = min(grain, geometry.pixels - first)
                let target = y.pointer + task * geometry.blockCount + first * 16
                kernels.read_block(&a, pixels, target)
                kernels.read_block(&b, pixels, part)
                kernels.binary(seg_binary_add, target, part, seg_scalar_none, target, pixels * 16)
                if relu { kernels.unary(seg_unary_relu, target, target, pixels * 16) }
                a.advance(pixels: pixels)
                b.advance(pixels: pixels)
            }
        }
        let sum = Tensor.blocked(geometry, y)
        // Without a ReLU the sum is not needed again.
        guard relu else {
            return sum.recorded(from: [self, other], as: .residualSum(relu: false)) { [$0, $0] }
        }
        return sum.recorded(from: [self, other], as: .residualSum(relu: true)) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: geometry.count)
            parallel(geometry.count) { range in
                let start = range.lowerBound
                // The ReLU's result is above 0 where its operand was.
                kernels.unary_backward(
                    seg_unary_relu,
                    y.pointer + start,
                    y.pointer + start,
                    dy.pointer + start,
                    dx.pointer + start,
                    range.count
                )
            }
            let both = Tensor.blocked(geometry, dx)
            return [both, both]
        }
    }
}
