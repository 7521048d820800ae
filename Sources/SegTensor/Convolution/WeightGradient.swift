internal import CSegKernels

/// The gradient of a convolution's weights: the correlation of its input with the gradient of its output.
///
/// A task is one block of input channels against one group of blocks of output channels, over some of the images; how
/// many images depends on the shape alone, and their partial sums are added in order.
struct WeightGradient: Sendable {
    let input: StripReader
    let gradient: StripReader
    let geometry: ConvolutionGeometry

    /// `[output channels, input channels, kernel height, kernel width]`, row-major.
    func run() -> Storage {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let x = input.geometry
        let dy = gradient.geometry
        let lanes = input.isPlanar ? 1 : 16
        let channels = input.isPlanar ? x.channels : 16
        let inputUnits = input.isPlanar ? 1 : x.blocks
        let kernelHeight = geometry.kernelHeight
        let kernelWidth = geometry.kernelWidth
        let stride = geometry.stride
        let area = kernelHeight * kernelWidth
        let group = Int(kernels.conv_group)
        let groups = (dy.blocks + group - 1) / group
        let pairs = groups * inputUnits
        let imageShares = min(x.batch, max(1, (16 + pairs - 1) / pairs))
        let stripWidth = max((dy.width - 1) * stride + kernelWidth, geometry.padding + x.width)
        let plan = StripPlan(
            outputHeight: dy.height,
            stripWidth: stripWidth,
            blocks: 1 + group,
            stride: stride
        )
        let stripRows = (plan.rows - 1) * stride + kernelHeight
        let inputCount = stripRows * stripWidth * lanes * (input.isPlanar ? channels : 1)
        let gradientCount = plan.rows * dy.width * 16
        let scratchCount = inputCount + gradientCount * group + 32
        let scratch = Storage(count: scratchCount * pool.threadCount)
        let tileCount = area * channels * group * 16
        let partials = Storage(zeros: pairs * imageShares * tileCount)

        pool.run(pairs * imageShares) { task, worker in
            let (pair, share) = task.quotientAndRemainder(dividingBy: imageShares)
            let (outputGroup, unit) = pair.quotientAndRemainder(dividingBy: inputUnits)
            let members = min(group, dy.blocks - outputGroup * group)
            let xs = scratch.pointer + worker * scratchCount
            let gs = xs + inputCount
            let sums = partials.pointer + task * tileCount
            var window = seg_window()
            window.blocks = 1
            window.kernel_height = Int32(kernelHeight)
            window.kernel_width = Int32(kernelWidth)
            window.stride_height = Int32(stride)
            window.stride_width = Int32(stride)
            window.planar = input.isPlanar ? 1 : 0
            window.row_stride = stripWidth * lanes
            let pointers: [UnsafePointer<Float>?] = (0..<2).map {
                UnsafePointer(gs + min($0, group - 1) * gradientCount)
            }
            for image in (share * x.batch / imageShares)..<((share + 1) * x.batch / imageShares) {
                for strip in 0..<plan.strips {
                    let range = plan.range(strip, of: dy.height)
                    let rows = (range.count - 1) * stride + kernelHeight
                    window.block_stride = rows * stripWidth * lanes
                    input.gather(
                        kernels,
                        image: image,
                        units: input.isPlanar ? 0..<channels : unit..<unit + 1,
                        firstRow: range.lowerBound * stride - geometry.padding,
                        rows: rows,
                        padding: geometry.padding,
                        stripWidth: stripWidth,
                        into: xs
                    )
                    for member in 0..<members {
                        let block = outputGroup * group + member
                        gradient.gather(
                            kernels,
                            image: image,
                            units: block..<block + 1,
                            firstRow: range.lowerBound,
                            rows: range.count,
                            padding: 0,
                            stripWidth: dy.width,
                            into: gs + member * gradientCount
                        )
                    }
                    pointers.withUnsafeBufferPointer {
                        kernels.conv_weight_gradient(
                            &window,
                            xs,
                            Int32(channels),
                            $0.baseAddress,
                            Int32(members),
                            Int32(range.count),
                            Int32(dy.width),
                            sums
                        )
                    }
                }
            }
        }

        let result = Storage(count: dy.channels * x.channels * area)
        pool.run(pairs) { pair, _ in
            let (outputGroup, unit) = pair.quotientAndRemainder(dividingBy: inputUnits)
            let members = min(group, dy.blocks - outputGroup * group)
            let sums = partials.pointer + pair * imageShares * tileCount
            for share in 1..<max(imageShares, 1) where imageShares > 1 {
                kernels.accumulate(sums + share * tileCount, sums, tileCount)
            }
            let width = members * 16
            for tap in 0..<area {
                for lane in 0..<channels where unit * 16 + lane < x.channels {
                    let row = sums + (tap * channels + lane) * width
                    for output in 0..<min(width, dy.channels - outputGroup * group * 16) {
                        let target = (outputGroup * group * 16 + output) * x.channels + unit * 16 + lane
                        result.pointer[target * area + tap] = row[output]
                    }
                }
            }
        }
        return result
    }
}
