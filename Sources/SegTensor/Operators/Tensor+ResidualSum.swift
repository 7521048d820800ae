internal import CSegKernels

extension Tensor {
    /// The sum of two maps of one shape, followed by a ReLU if asked: where a residual block ends.
    ///
    /// What is pending on either, such as a normalization, is applied as it is read: one pass over memory where there would
    /// be four.
    ///
    /// - Shape: both `[batch, channels, height, width]`, kept.
    /// - Gradient: to both alike; with a ReLU, where the sum is above 0.
    public func residualSum(_ other: Tensor, relu: Bool) -> Tensor { Self.residualSum(of: [self, other], relu: relu) }

    /// The same of any number of maps, in one pass over memory.
    ///
    /// What is resized, such as coarser levels of a pyramid, is interpolated on the way and takes no memory.
    public static func residualSum(of maps: [Tensor], relu: Bool = false) -> Tensor {
        requireOperands(!maps.isEmpty, "there is no map to add", cure: "give at least one")
        let shape = maps[0].shape
        for other in maps.dropFirst() {
            requireOperands(
                other.shape == shape,
                "shapes \(shape) and \(other.shape) do not fit",
                cure: "project one of them: a sum takes maps of one shape"
            )
        }
        guard maps.count > 1 else { return relu ? maps[0].relu() : maps[0] }
        let geometry = BlockedShape(shape, operation: #function)
        let kernels = Kernels.current
        let sources = maps.map { BlockSource($0) }
        let y = Storage(count: geometry.count)
        // Pixels of a piece: what is added up so far stays in the first-level cache.
        let grain = 256
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let (image, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            var blocks = sources.map { $0.block(image, index) }
            for first in stride(from: 0, to: geometry.pixels, by: grain) {
                let pixels = min(grain, geometry.pixels - first)
                let target = y.pointer + task * geometry.blockCount + first * 16
                var own = blocks[0]
                for number in 1..<blocks.count {
                    let isLast = number == blocks.count - 1
                    kernels.add_blocks(&own, &blocks[number], pixels, relu && isLast ? 1 : 0, target)
                    own = seg_block(stored: target)
                }
                for number in blocks.indices { blocks[number].advance(pixels: pixels) }
            }
        }
        let sum = Tensor.blocked(geometry, y)
        let count = maps.count
        // Without a ReLU the sum is not needed again.
        guard relu else {
            return sum.recorded(from: maps, as: .residualSum(relu: false)) { Array(repeating: $0, count: count) }
        }
        return sum.recorded(from: maps, as: .residualSum(relu: true)) { gradient in
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
            let part = Tensor.blocked(geometry, dx)
            return Array(repeating: part, count: count)
        }
    }
}
