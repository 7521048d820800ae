internal import CSegKernels

/// What lies beyond the border of an image.
public enum BorderRule: Sendable {
    /// Zeros.
    case zero
    /// The nearest value within.
    case replicate
}

extension Tensor {
    /// The last two axes moved by whole pixels: `y[…, i, j] = x[…, i − dy, j − dx]`.
    ///
    /// - Shape: `[…, height, width]`, kept.
    /// - Units: px; positive `dx` moves to the right, positive `dy` down.
    /// - Gradient: moved back; with ``BorderRule/replicate`` the border gets the gradients of all its copies.
    public func shifted(dx: Int, dy: Int, border: BorderRule = .zero) -> Tensor {
        requireOperands(
            shape.rank >= 2,
            "a tensor of shape \(shape) has no rows and columns",
            cure: "shift tensors of two or more axes"
        )
        var result = self
        if dx != 0 { result = result.combined(Stencil(shape, axis: -1, taps: [(-dx, 1)], border: border)) }
        if dy != 0 { result = result.combined(Stencil(shape, axis: -2, taps: [(-dy, 1)], border: border)) }
        return result
    }

    /// `y[i] = x[i + 1] − x[i]` along an axis, zero at its end.
    ///
    /// - Shape: kept.
    public func forwardDifference(_ axis: Int) -> Tensor {
        combined(Stencil(shape, axis: axis, taps: [(1, 1), (0, -1)], border: .replicate))
    }

    /// `y[i] = (x[i + 1] − x[i − 1]) / 2` along an axis; at both ends half the difference to the only neighbor.
    ///
    /// - Shape: kept.
    public func centralDifference(_ axis: Int) -> Tensor {
        combined(Stencil(shape, axis: axis, taps: [(1, 0.5), (-1, -0.5)], border: .replicate))
    }

    private func combined(_ stencil: Stencil) -> Tensor {
        let shape = shape
        return Tensor(shape: shape, storage: stencil.applied(to: denseStorage)).recorded(from: [self]) { gradient in
            [Tensor(shape: shape, storage: stencil.applied(to: gradient.denseStorage, isAdjoint: true))]
        }
    }
}

/// A sum of shifted copies along one axis: `y[i] = Σ coefficient · x[i + offset]`.
private struct Stencil: Sendable {
    private let outer: Int
    private let length: Int
    private let inner: Int
    private let taps: [(offset: Int, coefficient: Float)]
    private let border: BorderRule

    init(_ shape: Shape, axis: Int, taps: [(Int, Float)], border: BorderRule) {
        let axis = shape.resolved(axis)
        outer = shape.axes[..<axis].reduce(1, *)
        length = shape[axis]
        inner = shape.axes[(axis + 1)...].reduce(1, *)
        self.taps = taps
        self.border = border
    }

    /// The sum, or its adjoint: from the gradient of the result to that of the source.
    func applied(to source: Storage, isAdjoint: Bool = false) -> Storage {
        let kernels = Kernels.current
        let run = length * inner
        let result = Storage(zeros: outer * run)
        guard run > 0 else { return result }
        let runsPerTask = max(1, (1 << 14) / run)
        WorkerPool.current.run((outer + runsPerTask - 1) / runsPerTask) { task, _ in
            for index in task * runsPerTask..<min(outer, (task + 1) * runsPerTask) {
                let from = UnsafePointer(source.pointer + index * run)
                let to = result.pointer + index * run
                for tap in taps {
                    func step(_ output: Int, _ input: Int, _ count: Int) {
                        let (a, b) = isAdjoint ? (output, input) : (input, output)
                        kernels.axpy(tap.coefficient, from + a * inner, 1, to + b * inner, count * inner)
                    }
                    // Outputs whose input lies within.
                    let inside = max(0, min(length, -tap.offset))..<max(0, min(length, length - tap.offset))
                    if inside.count > 0 { step(inside.lowerBound, inside.lowerBound + tap.offset, inside.count) }
                    guard border == .replicate else { continue }
                    for output in 0..<inside.lowerBound { step(output, 0, 1) }
                    for output in inside.upperBound..<length { step(output, length - 1, 1) }
                }
            }
        }
        return result
    }
}
