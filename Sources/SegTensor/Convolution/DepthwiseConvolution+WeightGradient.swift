internal import CSegKernels

extension DepthwiseConvolution {
    /// The gradient of the weights, `[channels, 1, kernel height, kernel width]`. A task is one block of one image; the
    /// images' sums are added in order.
    static func weightGradient(_ x: StripReader, _ dy: StripReader, _ geometry: ConvolutionGeometry) -> Storage {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let output = dy.geometry
        let taps = geometry.kernelHeight * geometry.kernelWidth
        let strip = DepthwiseStrip(
            geometry,
            width: max(
                (output.width - 1) * geometry.stride + geometry.reachWidth,
                geometry.columnPadding + x.geometry.width
            ),
            outputHeight: output.height,
            stride: geometry.stride
        )
        let gradientCount = strip.plan.rows * output.width * 16
        let scratch = Storage(scratch: (strip.count + gradientCount) * pool.threadCount)
        let sums = Storage(zeros: output.batch * output.blocks * taps * 16)
        pool.run(output.batch * output.blocks) { task, worker in
            let (image, block) = task.quotientAndRemainder(dividingBy: output.blocks)
            let memory = scratch.pointer + worker * (strip.count + gradientCount)
            let gradient = memory + strip.count
            var window = strip.window
            for index in 0..<strip.plan.strips {
                let rows = strip.plan.range(index, of: output.height)
                let inputRows = geometry.inputRows(for: rows)
                x.gather(
                    kernels,
                    image: image,
                    units: block..<block + 1,
                    rows: inputRows,
                    padding: geometry.columnPadding,
                    stripWidth: strip.width,
                    into: memory
                )
                dy.gather(
                    kernels,
                    image: image,
                    units: block..<block + 1,
                    rows: rows,
                    padding: 0,
                    stripWidth: output.width,
                    into: gradient
                )
                var ahead = ReadAhead()
                if index + 1 < strip.plan.strips {
                    let next = strip.plan.range(index + 1, of: output.height)
                    ahead.add(x, image: image, units: block..<block + 1, rows: geometry.inputRows(for: next))
                    ahead.add(dy, image: image, units: block..<block + 1, rows: next)
                }
                for row in 0..<rows.count {
                    ahead.bring(row, of: rows.count)
                    kernels.depthwise_weight_gradient(
                        &window,
                        memory + row * geometry.stride * strip.width * 16,
                        gradient + row * output.width * 16,
                        1,
                        Int32(output.width),
                        sums.pointer + task * taps * 16
                    )
                }
            }
        }
        let result = Storage(count: output.channels * taps)
        for channel in 0..<output.channels {
            let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
            for tap in 0..<taps {
                var sum = 0.0
                for image in 0..<output.batch {
                    sum += Double(sums.pointer[((image * output.blocks + block) * taps + tap) * 16 + lane])
                }
                result.pointer[channel * taps + tap] = Float(sum)
            }
        }
        return result
    }
}
