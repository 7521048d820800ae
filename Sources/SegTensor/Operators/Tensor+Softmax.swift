internal import CSegKernels

extension Tensor {
    /// Probabilities that add up to 1 along an axis: of the classes of each pixel, if it is the channels'.
    ///
    /// - Shape: kept.
    /// - Formula: `exp(xᵢ) / Σ exp(xₖ)`, the largest x taken away first.
    /// - Gradient: `y (g − Σ g y)`.
    /// - Edge cases: NaN where a value is NaN or +∞.
    public func softmax(over axis: Int = 1) -> Tensor { softmax(axis, isLogarithm: false) }

    /// The logarithm of ``softmax(over:)``, exact where that rounds to 0.
    ///
    /// - Formula: `xᵢ − log Σ exp(xₖ)`.
    /// - Gradient: `g − exp(y) Σ g`.
    public func logSoftmax(over axis: Int = 1) -> Tensor { softmax(axis, isLogarithm: true) }

    /// The place along an axis of the largest value, the first of equal ones: the class of each pixel.
    ///
    /// - Shape: `axis` has length 1 in the result, as in ``maximum(over:keepingAxes:)`` that keeps its axes.
    /// - Gradient: none; the places are constants.
    /// - Edge cases: NaN counts as largest, so that it is noticed.
    public func argmax(over axis: Int = 1) -> Tensor {
        let lines = ChannelLines(shape, axis, operation: #function)
        let kernels = Kernels.current
        let x = denseStorage
        var axes = shape.axes
        axes[shape.resolved(axis)] = 1
        let y = Storage(count: lines.outer * lines.inner)
        lines.forEachPiece { image, range in
            kernels.argmax(
                x.pointer + image * lines.length * lines.inner + range.lowerBound,
                Int32(lines.length),
                lines.inner,
                range.count,
                y.pointer + image * lines.inner + range.lowerBound
            )
        }
        return Tensor(shape: Shape(axes), storage: y)
    }

    private func softmax(_ axis: Int, isLogarithm: Bool, operation: StaticString = #function) -> Tensor {
        let shape = shape
        let lines = ChannelLines(shape, axis, operation: operation)
        let kernels = Kernels.current
        let kind: Int32 = isLogarithm ? 1 : 0
        let x = denseStorage
        let y = Storage(count: shape.count)
        lines.forEachPart { start, count, isRow in
            if isRow {
                kernels.softmax_rows(kind, x.pointer + start, count, Int32(lines.length), y.pointer + start)
            } else {
                kernels.softmax(kind, x.pointer + start, Int32(lines.length), lines.inner, count, y.pointer + start)
            }
        }
        return Tensor(shape: shape, storage: y).recorded(
            from: [self],
            as: .softmax(axis: shape.resolved(axis), isLogarithm: isLogarithm),
            operation: operation
        ) { gradient in
            let dy = gradient.denseStorage
            let dx = Storage(count: shape.count)
            lines.forEachPart { start, count, isRow in
                let (py, pdy, pdx) = (y.pointer + start, dy.pointer + start, dx.pointer + start)
                if isRow {
                    kernels.softmax_rows_backward(kind, py, pdy, count, Int32(lines.length), pdx)
                } else {
                    kernels.softmax_backward(kind, py, pdy, Int32(lines.length), lines.inner, count, pdx)
                }
            }
            return [Tensor(shape: shape, storage: dx)]
        }
    }
}

/// A row-major tensor as lines of values along one axis.
struct ChannelLines: Sendable {
    /// Lines begin at `outer` places, `inner` of them side by side.
    let outer: Int
    /// Values of a line, `inner` apart.
    let length: Int
    let inner: Int

    init(_ shape: Shape, _ axis: Int, operation: StaticString) {
        let axis = shape.resolved(axis)
        outer = shape.axes[..<axis].reduce(1, *)
        length = shape[axis]
        inner = shape.axes[(axis + 1)...].reduce(1, *)
        requireOperands(
            length > 0,
            "shape \(shape) has no value along axis \(axis)",
            cure: "leave such tensors out",
            operation: operation
        )
    }

    /// Lines of a piece, those side by side, and pieces of each outer place.
    var grain: Int { max(16, (1 << 15) / length / 16 * 16) }
    var pieces: Int { (inner + grain - 1) / grain }

    /// Calls `body(outer place, inner range)` on the workers, in pieces cut by the shape alone.
    func forEachPiece(_ body: (Int, Range<Int>) -> Void) {
        guard outer * inner > 0 else { return }
        let (grain, pieces) = (grain, pieces)
        WorkerPool.current.run(outer * pieces) { task, _ in
            let (place, piece) = task.quotientAndRemainder(dividingBy: pieces)
            body(place, piece * grain..<min(inner, (piece + 1) * grain))
        }
    }

    /// Calls `body(first value, lines, isRow)`: lines side by side, or one after the other if each is contiguous.
    func forEachPart(_ body: (_ start: Int, _ count: Int, _ isRow: Bool) -> Void) {
        guard inner == 1 else {
            forEachPiece { body($0 * length * inner + $1.lowerBound, $1.count, false) }
            return
        }
        parallel(outer, grain: max(1, (1 << 14) / length)) { body($0.lowerBound * length, $0.count, true) }
    }
}
