extension Tensor {
    /// Images made larger by a whole factor, each pixel repeated.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, factor · height, factor · width]`.
    /// - Gradient: the sum over each pixel's copies.
    public func resizedNearest(factor: Int) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(factor >= 1, "a factor of \(factor) cannot be", cure: "use 1 or more")
        if factor == 1 { return self }
        let y = BlockedShape([x.batch, x.channels, x.height * factor, x.width * factor])
        let source = rawBlocks
        let result = Storage(count: y.count)
        WorkerPool.current.run(x.batch * x.blocks) { task, _ in
            let from = Self.pixels(source.pointer + task * x.blockCount)
            let to = Self.pixels(result.pointer + task * y.blockCount)
            for row in 0..<x.height {
                let first = to + row * factor * y.width
                for column in 0..<x.width {
                    let value = from[row * x.width + column]
                    for copy in 0..<factor { first[column * factor + copy] = value }
                }
                for copy in 1..<factor { (first + copy * y.width).update(from: first, count: y.width) }
            }
        }
        return Tensor.blocked(y, result).recorded(from: [self], as: .nearestResize(factor: factor)) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: x.count)
            WorkerPool.current.run(x.batch * x.blocks) { task, _ in
                let from = Self.pixels(dy.pointer + task * y.blockCount)
                let to = Self.pixels(dx.pointer + task * x.blockCount)
                for row in 0..<x.height {
                    for column in 0..<x.width {
                        var sum = SIMD16<Float>.zero
                        for i in row * factor..<(row + 1) * factor {
                            for j in column * factor..<(column + 1) * factor { sum += from[i * y.width + j] }
                        }
                        to[row * x.width + column] = sum
                    }
                }
            }
            return [.blocked(x, dx)]
        }
    }

    /// Storage is 64-byte aligned, and so is every pixel of a block.
    private static func pixels(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<SIMD16<Float>> {
        UnsafeMutableRawPointer(floats).assumingMemoryBound(to: SIMD16<Float>.self)
    }
}
