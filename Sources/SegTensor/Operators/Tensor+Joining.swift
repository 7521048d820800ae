extension Tensor {
    /// Tensors one after the other along an axis.
    ///
    /// Images joined along their channels are not copied: a convolution reads each part where it lies, as long as all
    /// parts but the last have a multiple of 16 channels.
    ///
    /// - Shape: equal but for `axis`, along which the lengths add up.
    public static func concatenated(_ tensors: [Tensor], along axis: Int = 1) -> Tensor {
        precondition(!tensors.isEmpty, "nothing to concatenate")
        guard tensors.count > 1 else { return tensors[0] }
        let first = tensors[0].shape
        let axis = first.resolved(axis)
        var lengths = first.axes
        lengths[axis] = 0
        for tensor in tensors {
            var expected = first.axes
            expected[axis] = tensor.shape[axis]
            precondition(tensor.shape.axes == expected, "\(tensor.shape) does not continue \(first) along axis \(axis)")
            lengths[axis] += tensor.shape[axis]
        }
        let shape = Shape(lengths)
        let canJoin =
            shape.rank == 4 && axis == 1 && tensors.contains(where: \.isBlocked)
            && tensors.dropLast().allSatisfy { $0.shape[1] % 16 == 0 }
        let result: Tensor
        if canJoin {
            let parts = tensors.flatMap { tensor -> [Tensor] in
                if case .joined(let parts) = tensor.body { return parts }
                return [Tensor(shape: tensor.shape, body: .blocked(tensor.blockedBody))]
            }
            result = Tensor(shape: shape, body: .joined(parts))
        } else {
            result = copied(tensors, shape, axis)
        }
        return result.recorded(from: tensors) { gradient in
            if case .joined(let parts) = gradient.body, parts.map(\.shape) == tensors.map(\.shape) { return parts }
            var start = 0
            return tensors.map { tensor in
                defer { start += tensor.shape[axis] }
                return gradient.sliced(axis, start..<start + tensor.shape[axis])
            }
        }
    }

    private static func copied(_ tensors: [Tensor], _ shape: Shape, _ axis: Int) -> Tensor {
        let outer = shape.axes[..<axis].reduce(1, *)
        let inner = shape.axes[(axis + 1)...].reduce(1, *)
        return Tensor(shape: shape) { buffer in
            var start = 0
            for tensor in tensors {
                let run = tensor.shape[axis] * inner
                tensor.withValues { values in
                    for row in 0..<outer {
                        for index in 0..<run {
                            buffer[row * shape[axis] * inner + start + index] = values[row * run + index]
                        }
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
        precondition(
            range.lowerBound >= 0 && range.upperBound <= length,
            "no range \(range) in axis \(axis) of \(shape)"
        )
        var axes = shape.axes
        axes[axis] = range.count
        let outer = shape.axes[..<axis].reduce(1, *)
        let inner = shape.axes[(axis + 1)...].reduce(1, *)
        let result = Tensor(shape: Shape(axes)) { buffer in
            withValues { values in
                for row in 0..<outer {
                    let from = (row * length + range.lowerBound) * inner
                    let to = row * range.count * inner
                    for index in 0..<range.count * inner { buffer[to + index] = values[from + index] }
                }
            }
        }
        let whole = shape
        return result.recorded(from: [self]) { gradient in
            [
                Tensor(shape: whole) { buffer in
                    buffer.update(repeating: 0)
                    gradient.withValues { values in
                        for row in 0..<outer {
                            let to = (row * length + range.lowerBound) * inner
                            let from = row * range.count * inner
                            for index in 0..<range.count * inner { buffer[to + index] = values[from + index] }
                        }
                    }
                }
            ]
        }
    }
}
