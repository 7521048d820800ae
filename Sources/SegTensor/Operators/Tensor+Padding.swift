internal import CSegKernels

extension Tensor {
    /// Rows and columns of a constant around the last two axes.
    ///
    /// - Shape: `[…, height, width]` to `[…, top + height + bottom, left + width + right]`.
    /// - Gradient: that of the part within; the constant has none.
    public func padded(
        top: Int = 0,
        bottom: Int = 0,
        left: Int = 0,
        right: Int = 0,
        with value: Float = 0
    ) -> Tensor {
        requireOperands(
            shape.rank >= 2,
            "a tensor of shape \(shape) has no rows and columns",
            cure: "pad tensors of two or more axes"
        )
        requireOperands(
            min(top, bottom, left, right) >= 0,
            "a padding of \(min(top, bottom, left, right)) is negative",
            cure: "use sliced(_:_:) to cut"
        )
        if top + bottom + left + right == 0 { return self }
        if isBlocked, value == 0 { return blocksPadded(top, bottom, left, right) }
        let (height, width) = (shape[-2], shape[-1])
        let (newHeight, newWidth) = (top + height + bottom, left + width + right)
        let result = Shape(shape.axes.dropLast(2) + [newHeight, newWidth])
        let planes = shape.axes.dropLast(2).reduce(1, *)
        let x = denseStorage
        let y = Storage(count: result.count)
        WorkerPool.current.run(planes) { plane, _ in
            let target = y.pointer + plane * newHeight * newWidth
            target.update(repeating: value, count: newHeight * newWidth)
            for row in 0..<height {
                (target + (top + row) * newWidth + left).update(
                    from: x.pointer + (plane * height + row) * width,
                    count: width
                )
            }
        }
        let traced = TracedOperation.padding(top: top, bottom: bottom, left: left, right: right, value: value)
        return Tensor(shape: result, storage: y).recorded(from: [self], as: traced) { gradient in
            [gradient.sliced(-2, top..<top + height).sliced(-1, left..<left + width)]
        }
    }

    /// Zeros around maps that are kept in blocks, which stay so; what is pending on them is applied on the way.
    private func blocksPadded(_ top: Int, _ bottom: Int, _ left: Int, _ right: Int) -> Tensor {
        let x = BlockedShape(shape)
        let y = BlockedShape([x.batch, x.channels, top + x.height + bottom, left + x.width + right])
        let storage = BlockSource(self).framed(top: top, left: left, y)
        let traced = TracedOperation.padding(top: top, bottom: bottom, left: left, right: right, value: 0)
        return Tensor.blocked(y, storage).recorded(from: [self], as: traced) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: x.count)
            WorkerPool.current.run(x.batch * x.blocks) { plane, _ in
                for row in 0..<x.height {
                    (dx.pointer + plane * x.blockCount + row * x.width * 16).update(
                        from: dy.pointer + plane * y.blockCount + ((top + row) * y.width + left) * 16,
                        count: x.width * 16
                    )
                }
            }
            return [.blocked(x, dx)]
        }
    }
}

extension BlockSource {
    /// The blocks within zeros.
    fileprivate func framed(top: Int, left: Int, _ y: BlockedShape) -> Storage {
        let x = geometry
        let kernels = Kernels.current
        let result = Storage(count: y.count)
        WorkerPool.current.run(y.batch * y.blocks) { plane, _ in
            let (image, index) = plane.quotientAndRemainder(dividingBy: y.blocks)
            var block = block(image, index)
            kernels.gather_rows(
                &block,
                Int32(x.height),
                Int32(x.width),
                Int32(-top),
                Int32(y.height),
                Int32(left),
                Int32(y.width - left - x.width),
                1,
                result.pointer + plane * y.blockCount,
                y.width * 16
            )
        }
        return result
    }
}
