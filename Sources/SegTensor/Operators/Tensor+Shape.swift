extension Tensor {
    /// The same values, row-major, under another shape of the same count.
    public func reshaped(to target: Shape) -> Tensor {
        requireOperands(
            target.count == shape.count,
            "shapes \(shape) and \(target) hold \(shape.count) and \(target.count) values",
            cure: "both must have the same number of values"
        )
        if target == shape { return self }
        let original = shape
        return Tensor(shape: target, storage: denseStorage).recorded(from: [self], as: .reshape) {
            [$0.reshaped(to: original)]
        }
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
    public func permuted(_ order: [Int]) -> Tensor {
        let order = order.map(shape.resolved)
        requireOperands(
            order.sorted() == Array(0..<shape.rank),
            "\(order) is not an order of the axes of shape \(shape)",
            cure: "name each axis from 0 to \(shape.rank - 1) once"
        )
        let result = Shape(order.map { shape[$0] })
        let strides = shape.strides
        let steps = order.map { strides[$0] }
        let tensor = Tensor(shape: result) { buffer in
            guard DryRun.current == nil else { return }
            withValues { values in
                var index = Array(repeating: 0, count: result.rank)
                var offset = 0
                for position in 0..<result.count {
                    buffer[position] = values[offset]
                    for axis in stride(from: result.rank - 1, through: 0, by: -1) {
                        index[axis] += 1
                        offset += steps[axis]
                        if index[axis] < result[axis] { break }
                        offset -= index[axis] * steps[axis]
                        index[axis] = 0
                    }
                }
            }
        }
        var inverse = Array(repeating: 0, count: order.count)
        for (position, axis) in order.enumerated() { inverse[axis] = position }
        return tensor.recorded(from: [self], as: .permutation(order)) { [$0.permuted(inverse)] }
    }

    /// A matrix with rows and columns exchanged.
    public func transposed() -> Tensor {
        requireOperands(
            shape.rank == 2,
            "a tensor of shape \(shape) is not a matrix",
            cure: "use permuted(_:) for other tensors"
        )
        return permuted([1, 0])
    }
}
