internal import CSegKernels

extension Tensor {
    /// The matrix product.
    ///
    /// - Shape: `[rows, inner]` times `[inner, columns]` is `[rows, columns]`.
    /// - Gradient: with respect to both.
    public func matrixProduct(_ other: Tensor) -> Tensor {
        requireOperands(
            shape.rank == 2 && other.shape.rank == 2 && shape[1] == other.shape[0],
            "matrices of shapes \(shape) and \(other.shape) cannot be multiplied",
            cure: "the columns of the first must be as many as the rows of the second"
        )
        let left = self
        return Self.product(self, other).recorded(from: [self, other]) { gradient in
            [
                left.isRecorded ? Self.product(gradient, other.detached.transposed()) : nil,
                other.isRecorded ? Self.product(left.detached.transposed(), gradient) : nil,
            ]
        }
    }

    private static func product(_ left: Tensor, _ right: Tensor) -> Tensor {
        let kernels = Kernels.current
        let rows = left.shape[0]
        let inner = left.shape[1]
        let columns = right.shape[1]
        let a = left.denseStorage
        let b = right.denseStorage
        let result = Storage(count: rows * columns)
        let grain = 24
        WorkerPool.current.run((rows + grain - 1) / grain) { task, _ in
            let first = task * grain
            kernels.gemm(
                Int32(min(grain, rows - first)),
                Int32(columns),
                Int32(inner),
                a.pointer + first * inner,
                inner,
                1,
                b.pointer,
                columns,
                result.pointer + first * columns,
                columns,
                0
            )
        }
        return Tensor(shape: [rows, columns], storage: result)
    }
}
