internal import CSegKernels

/// Convolution over row-major planes for every case that the blocked kernels do not take: grouped convolutions
/// that are not depthwise, and padding wider than the kernel. Each tap adds a scaled row to a row.
struct GroupedConvolution: Sendable {
    let geometry: ConvolutionGeometry
    let groups: Int
    let input: BlockedShape
    let output: BlockedShape

    private var groupInputs: Int { input.channels / groups }
    private var groupOutputs: Int { output.channels / groups }

    /// Calls `body(output row, input row, first output column, first input column, columns)` for a tap.
    private func rows(
        _ tapRow: Int,
        _ tapColumn: Int,
        _ body: (_ y: Int, _ x: Int, _ count: Int) -> Void
    ) {
        let stride = geometry.stride
        // Where the tap of the first window lies.
        let row0 = tapRow * geometry.dilation - geometry.rowPadding
        let column0 = tapColumn * geometry.dilation - geometry.columnPadding
        let first = max(0, (stride - 1 - column0) / stride)
        let last = min(output.width - 1, (input.width - 1 - column0) / stride)
        guard input.width - 1 - column0 >= 0, first <= last else { return }
        for row in 0..<output.height {
            let source = row * stride + row0
            guard source >= 0 && source < input.height else { continue }
            body(
                row * output.width + first,
                source * input.width + first * stride + column0,
                last - first + 1
            )
        }
    }

    func forward(_ x: Storage, _ weights: Storage, bias: Storage?) -> Storage {
        let kernels = Kernels.current
        let result = Storage(count: output.shape.count)
        let kernelHeight = geometry.kernelHeight
        let kernelWidth = geometry.kernelWidth
        let stride = geometry.stride
        WorkerPool.current.run(output.batch * output.channels) { task, _ in
            let (image, channel) = task.quotientAndRemainder(dividingBy: output.channels)
            let y = result.pointer + task * output.pixels
            y.update(repeating: bias.map { $0.pointer[channel] } ?? 0, count: output.pixels)
            let group = channel / groupOutputs
            for member in 0..<groupInputs {
                let plane = x.pointer + (image * input.channels + group * groupInputs + member) * input.pixels
                for tap in 0..<kernelHeight * kernelWidth {
                    let weight = weights.pointer[(channel * groupInputs + member) * kernelHeight * kernelWidth + tap]
                    rows(tap / kernelWidth, tap % kernelWidth) { to, from, count in
                        kernels.axpy(weight, plane + from, stride, y + to, count)
                    }
                }
            }
        }
        return result
    }

    func inputGradient(_ dy: Storage, _ weights: Storage) -> Storage {
        let kernels = Kernels.current
        let result = Storage(zeros: input.shape.count)
        let kernelHeight = geometry.kernelHeight
        let kernelWidth = geometry.kernelWidth
        let stride = geometry.stride
        WorkerPool.current.run(input.batch * input.channels) { task, _ in
            let (image, channel) = task.quotientAndRemainder(dividingBy: input.channels)
            let dx = result.pointer + task * input.pixels
            let (group, member) = channel.quotientAndRemainder(dividingBy: groupInputs)
            for index in 0..<groupOutputs {
                let outputChannel = group * groupOutputs + index
                let plane = dy.pointer + (image * output.channels + outputChannel) * output.pixels
                for tap in 0..<kernelHeight * kernelWidth {
                    let weight =
                        weights.pointer[(outputChannel * groupInputs + member) * kernelHeight * kernelWidth + tap]
                    rows(tap / kernelWidth, tap % kernelWidth) { from, to, count in
                        if stride == 1 {
                            kernels.axpy(weight, plane + from, 1, dx + to, count)
                        } else {
                            for step in 0..<count { dx[to + step * stride] += weight * plane[from + step] }
                        }
                    }
                }
            }
        }
        return result
    }

    func weightGradient(_ x: Storage, _ dy: Storage) -> Storage {
        let kernels = Kernels.current
        let kernelHeight = geometry.kernelHeight
        let kernelWidth = geometry.kernelWidth
        let stride = geometry.stride
        let area = kernelHeight * kernelWidth
        let result = Storage(count: output.channels * groupInputs * area)
        WorkerPool.current.run(output.channels * groupInputs) { task, _ in
            let (channel, member) = task.quotientAndRemainder(dividingBy: groupInputs)
            let inputChannel = channel / groupOutputs * groupInputs + member
            for tap in 0..<area {
                var total = 0.0
                for image in 0..<input.batch {
                    let g = dy.pointer + (image * output.channels + channel) * output.pixels
                    let plane = x.pointer + (image * input.channels + inputChannel) * input.pixels
                    rows(tap / kernelWidth, tap % kernelWidth) { to, from, count in
                        if stride == 1 {
                            total += Double(kernels.dot(g + to, plane + from, count))
                        } else {
                            for step in 0..<count { total += Double(g[to + step] * plane[from + step * stride]) }
                        }
                    }
                }
                result.pointer[task * area + tap] = Float(total)
            }
        }
        return result
    }
}
