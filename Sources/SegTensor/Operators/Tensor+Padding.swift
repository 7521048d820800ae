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
}
