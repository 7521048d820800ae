extension Tensor {
    /// Tensors one after the other along an axis.
    ///
    /// Images joined along their channels are not copied: a convolution reads each part where it lies. Only neighbors of few
    /// channels, which fit into one block of 16, are brought together.
    ///
    /// - Shape: equal but for `axis`, along which the lengths add up.
    public static func concatenated(_ tensors: [Tensor], along axis: Int = 1) -> Tensor {
        requireOperands(!tensors.isEmpty, "there is no tensor to join", cure: "give at least one")
        guard tensors.count > 1 else { return tensors[0] }
        let first = tensors[0].shape
        let axis = first.resolved(axis)
        var lengths = first.axes
        lengths[axis] = 0
        for tensor in tensors {
            var expected = first.axes
            if axis < tensor.shape.rank { expected[axis] = tensor.shape[axis] }
            requireOperands(
                tensor.shape.rank == first.rank && tensor.shape.axes == expected,
                "shapes \(first) and \(tensor.shape) cannot be joined along axis \(axis)",
                cure: "all axes but that one must be equal"
            )
            lengths[axis] += tensor.shape[axis]
        }
        let shape = Shape(lengths)
        let shapes = tensors.map(\.shape)
        if shape.rank == 4, axis == 1, tensors.contains(where: \.isBlocked), let join = BlockJoin(tensors) {
            return join.joined(tensors).recorded(from: tensors, as: .concatenation(axis: axis)) { gradient in
                join.gradients(gradient) ?? pieces(of: gradient, shapes, axis)
            }
        }
        return copied(tensors, shape, axis).recorded(from: tensors, as: .concatenation(axis: axis)) { gradient in
            pieces(of: gradient, shapes, axis)
        }
    }

    private static func pieces(of gradient: Tensor, _ shapes: [Shape], _ axis: Int) -> [Tensor] {
        var start = 0
        return shapes.map { shape in
            defer { start += shape[axis] }
            return gradient.sliced(axis, start..<start + shape[axis])
        }
    }

    /// Tensors of one shape as the slices of a new axis.
    ///
    /// - Shape: `axis` of the result is new and as long as there are tensors.
    public static func stacked(_ tensors: [Tensor], along axis: Int = 0) -> Tensor {
        guard let shape = tensors.first?.shape else {
            OperandFailure.end("there is no tensor to stack", cure: "give at least one")
        }
        for tensor in tensors {
            requireOperands(
                tensor.shape == shape,
                "shapes \(shape) and \(tensor.shape) cannot be stacked",
                cure: "all must be equal"
            )
        }
        requireOperands(
            (-shape.rank - 1...shape.rank).contains(axis),
            "there is no place \(axis) for a new axis in shape \(shape)",
            cure: "use an axis from 0 to \(shape.rank)"
        )
        let axis = axis < 0 ? axis + shape.rank + 1 : axis
        var axes = shape.axes
        axes.insert(1, at: axis)
        return concatenated(tensors.map { $0.reshaped(to: Shape(axes)) }, along: axis)
    }

    static func copied(_ tensors: [Tensor], _ shape: Shape, _ axis: Int) -> Tensor {
        let outer = shape.axes[..<axis].reduce(1, *)
        let inner = shape.axes[(axis + 1)...].reduce(1, *)
        return Tensor(shape: shape) { buffer in
            guard DryRun.current == nil else { return }
            var start = 0
            for tensor in tensors {
                let run = tensor.shape[axis] * inner
                tensor.withValues { values in
                    guard let source = values.baseAddress, let target = buffer.baseAddress else { return }
                    for row in 0..<outer {
                        (target + row * shape[axis] * inner + start).update(from: source + row * run, count: run)
                    }
                }
                start += run
            }
        }
    }

    /// The part of a tensor within a range along one axis.
    ///
    /// - Gradient: zero outside of the range.
    public func sliced(_ axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = shape.resolved(axis)
        let length = shape[axis]
        requireOperands(
            range.lowerBound >= 0 && range.upperBound <= length,
            "there is no range \(range) in axis \(axis) of shape \(shape)",
            cure: "stay within 0..<\(length)"
        )
        var axes = shape.axes
        axes[axis] = range.count
        let outer = shape.axes[..<axis].reduce(1, *)
        let inner = shape.axes[(axis + 1)...].reduce(1, *)
        let result = Tensor(shape: Shape(axes)) { buffer in
            guard DryRun.current == nil else { return }
            withValues { values in
                guard let source = values.baseAddress, let target = buffer.baseAddress else { return }
                let run = range.count * inner
                for row in 0..<outer {
                    (target + row * run).update(
                        from: source + (row * length + range.lowerBound) * inner,
                        count: run
                    )
                }
            }
        }
        let whole = shape
        return result.recorded(from: [self], as: .slice(axis: axis, range: range)) { gradient in
            [
                Tensor(shape: whole) { buffer in
                    guard DryRun.current == nil else { return }
                    buffer.update(repeating: 0)
                    gradient.withValues { values in
                        guard let source = values.baseAddress, let target = buffer.baseAddress else { return }
                        let run = range.count * inner
                        for row in 0..<outer {
                            (target + (row * length + range.lowerBound) * inner).update(
                                from: source + row * run,
                                count: run
                            )
                        }
                    }
                }
            ]
        }
    }
}
