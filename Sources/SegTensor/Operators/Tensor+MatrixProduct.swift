internal import CSegKernels

extension Tensor {
    /// The matrix product, of matrices or of as many pairs of them.
    ///
    /// - Shape: `[…, rows, inner]` times `[…, inner, columns]` is `[…, rows, columns]`; all other axes are equal.
    /// - Gradient: with respect to both.
    public func matrixProduct(_ other: Tensor) -> Tensor {
        requireOperands(
            shape.rank >= 2 && other.shape.rank == shape.rank && shape[-1] == other.shape[-2]
                && shape.axes.dropLast(2) == other.shape.axes.dropLast(2),
            "matrices of shapes \(shape) and \(other.shape) cannot be multiplied",
            cure: "the columns of the first must be as many as the rows of the second, and all other axes equal"
        )
        let left = self
        let operations = 2 * Double(shape.count) * Double(other.shape[-1])
        return Profiler.span("matrix product", weight: other, operations: operations) {
            Self.product(self, other)
        }.recorded(from: [self, other], as: .matrixProduct) { gradient in
            [
                left.isRecorded ? Self.product(gradient, other.detached.matricesTransposed) : nil,
                other.isRecorded ? Self.product(left.detached.matricesTransposed, gradient) : nil,
            ]
        }
    }

    private static func product(_ left: Tensor, _ right: Tensor) -> Tensor {
        let kernels = Kernels.current
        let (rows, inner, columns) = (left.shape[-2], left.shape[-1], right.shape[-1])
        let shape = Shape(left.shape.axes.dropLast(1) + [columns])
        let matrices = left.shape.axes.dropLast(2).reduce(1, *)
        let a = left.denseStorage
        let b = right.denseStorage
        let result = Storage(count: shape.count)
        let grain = 24
        let pieces = (rows + grain - 1) / grain
        WorkerPool.current.run(matrices * pieces) { task, _ in
            let (matrix, piece) = task.quotientAndRemainder(dividingBy: pieces)
            let first = piece * grain
            kernels.gemm(
                Int32(min(grain, rows - first)),
                Int32(columns),
                Int32(inner),
                a.pointer + (matrix * rows + first) * inner,
                inner,
                1,
                b.pointer + matrix * inner * columns,
                columns,
                result.pointer + (matrix * rows + first) * columns,
                columns,
                0
            )
        }
        return Tensor(shape: shape, storage: result)
    }

    /// Every matrix with rows and columns exchanged; not recorded.
    private var matricesTransposed: Tensor {
        let (rows, columns) = (shape[-2], shape[-1])
        let x = denseStorage
        let y = Storage(count: shape.count)
        WorkerPool.current.run(shape.axes.dropLast(2).reduce(1, *)) { matrix, _ in
            let source = x.pointer + matrix * rows * columns
            let target = y.pointer + matrix * rows * columns
            for row in 0..<rows {
                for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
            }
        }
        return Tensor(shape: Shape(shape.axes.dropLast(2) + [columns, rows]), storage: y)
    }
}
