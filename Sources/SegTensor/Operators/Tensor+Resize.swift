internal import CSegKernels

extension Tensor {
    /// Bilinear interpolation to another size, pixel centres at half positions (`align_corners = false`).
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, new height, new width]`.
    /// - Formula: output row `i` reads input row `(i + ½) · height / new height − ½`, clamped to the image; columns alike.
    /// - Gradient: the adjoint: each output's gradient goes to its four inputs by their weights.
    /// - Edge cases: shrinking does not anti-alias.
    public func resizedBilinear(height: Int, width: Int) -> Tensor {
        precondition(shape.rank == 4 && height > 0 && width > 0, "resizing takes [batch, channels, height, width]")
        let rows = InterpolationAxis(from: shape[2], to: height)
        let columns = InterpolationAxis(from: shape[3], to: width)
        let planes = shape[0] * shape[1]
        let inputHeight = shape[2]
        let inputWidth = shape[3]
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = denseStorage
        let y = Storage(count: planes * height * width)
        let scratch = Storage(count: (inputWidth + 16) * pool.threadCount)
        pool.run(planes) { plane, worker in
            let source = x.pointer + plane * inputHeight * inputWidth
            let line = scratch.pointer + worker * (inputWidth + 16)
            for row in 0..<height {
                line.update(repeating: 0, count: inputWidth)
                kernels.axpy(1 - rows.fraction[row], source + rows.lower[row] * inputWidth, 1, line, inputWidth)
                kernels.axpy(rows.fraction[row], source + rows.upper[row] * inputWidth, 1, line, inputWidth)
                let target = y.pointer + (plane * height + row) * width
                for column in 0..<width {
                    let fraction = columns.fraction[column]
                    target[column] =
                        line[columns.lower[column]] * (1 - fraction) + line[columns.upper[column]] * fraction
                }
            }
        }
        let original = shape
        return Tensor(shape: [shape[0], shape[1], height, width], storage: y).recorded(from: [self]) { gradient in
            let dy = gradient.denseStorage
            let dx = Storage(zeros: planes * inputHeight * inputWidth)
            let pool = WorkerPool.current
            let scratch = Storage(count: (inputWidth + 16) * pool.threadCount)
            pool.run(planes) { plane, worker in
                let target = dx.pointer + plane * inputHeight * inputWidth
                let line = scratch.pointer + worker * (inputWidth + 16)
                for row in 0..<height {
                    line.update(repeating: 0, count: inputWidth)
                    let source = dy.pointer + (plane * height + row) * width
                    for column in 0..<width {
                        let fraction = columns.fraction[column]
                        line[columns.lower[column]] += source[column] * (1 - fraction)
                        line[columns.upper[column]] += source[column] * fraction
                    }
                    kernels.axpy(1 - rows.fraction[row], line, 1, target + rows.lower[row] * inputWidth, inputWidth)
                    kernels.axpy(rows.fraction[row], line, 1, target + rows.upper[row] * inputWidth, inputWidth)
                }
            }
            return [Tensor(shape: original, storage: dx)]
        }
    }
}

/// Which two inputs each output along one axis lies between, and how far from the lower one.
private struct InterpolationAxis: Sendable {
    var lower: [Int] = []
    var upper: [Int] = []
    var fraction: [Float] = []

    init(from input: Int, to output: Int) {
        let scale = Double(input) / Double(output)
        for index in 0..<output {
            let position = max(0, (Double(index) + 0.5) * scale - 0.5)
            let low = min(Int(position), input - 1)
            lower.append(low)
            upper.append(min(low + 1, input - 1))
            fraction.append(Float(position - Double(low)))
        }
    }
}
