internal import CSegKernels

/// The gradient of a convolution's weights: the correlation of its input with the gradient of its output.
///
/// A task is a share of the strips of all images, for some blocks of input channels against some groups of blocks of output
/// channels: for all of them, where their sums fit into the cache, and else for as many as leave enough tasks, so that a strip is
/// gathered a few times only. How many shares there are depends on the shape alone, and their sums are added in order.
struct WeightGradient: Sendable {
    let input: StripReader
    let gradient: StripReader
    let geometry: ConvolutionGeometry

    /// About as many tasks as there should be at least.
    private static let tasks = 8
    /// Bytes of sums that may stay in the second-level cache beside a strip.
    private static let cacheShare = 256 << 10

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
        let tileCount = area * channels * group * 16
        // Blocks of inputs, and groups of outputs, that a task takes.
        let (taskUnits, taskGroups) = cell(inputUnits: inputUnits, groups: groups, sums: tileCount * 4)
        let unitCells = (inputUnits + taskUnits - 1) / taskUnits
        let cells = unitCells * ((groups + taskGroups - 1) / taskGroups)
        let stripWidth = max((dy.width - 1) * stride + geometry.reachWidth, geometry.columnPadding + x.width)
        let plan = StripPlan(
            outputHeight: dy.height,
            stripWidth: stripWidth,
            blocks: taskUnits + taskGroups * group,
            stride: stride
        )
        let input = geometry.overlaps(plan, height: x.height) ? input.stored() : input
        let steps = x.batch * plan.strips
        let shares = min(steps, max(1, (Self.tasks + cells - 1) / cells))
        let unitCount =
            input.isPlain ? 0 : ((plan.rows - 1) * stride + geometry.reachHeight) * stripWidth * lanes
        let inputCount = unitCount * (input.isPlanar ? channels : taskUnits)
        let gradientCount = plan.rows * dy.width * 16
        let scratchCount = inputCount + gradientCount * taskGroups * group + 32
        let scratch = Storage(scratch: scratchCount * pool.threadCount)
        let partials = Storage(zeros: pairs * shares * tileCount)

        pool.run(cells * shares) { task, worker in
            let (cell, share) = task.quotientAndRemainder(dividingBy: shares)
            let firstGroup = cell / unitCells * taskGroups
            let firstUnit = cell % unitCells * taskUnits
            let blocks = firstGroup * group..<min(dy.blocks, (firstGroup + taskGroups) * group)
            let cellGroups = firstGroup..<min(groups, firstGroup + taskGroups)
            let cellUnits = firstUnit..<min(inputUnits, firstUnit + taskUnits)
            let units = input.isPlanar ? 0..<channels : cellUnits
            let xs = scratch.pointer + worker * scratchCount
            let gs = xs + inputCount
            for step in share * steps / shares..<(share + 1) * steps / shares {
                let (image, strip) = step.quotientAndRemainder(dividingBy: plan.strips)
                let range = plan.range(strip, of: dy.height)
                let rows = geometry.inputRows(for: range)
                let x = input.strip(
                    kernels,
                    image: image,
                    units: units,
                    rows: rows,
                    padding: geometry.columnPadding,
                    stripWidth: stripWidth,
                    needsBorder: false,
                    scratch: xs
                )
                var window = x.window()
                window.blocks = 1
                window.kernel_height = Int32(kernelHeight)
                window.kernel_width = Int32(kernelWidth)
                window.stride_height = Int32(stride)
                window.stride_width = Int32(stride)
                window.dilation = Int32(geometry.dilation)
                let g = gradient.strip(
                    kernels,
                    image: image,
                    units: blocks,
                    rows: range,
                    padding: 0,
                    stripWidth: dy.width,
                    scratch: gs
                )
                var ahead = ReadAhead()
                if step + 1 < (share + 1) * steps / shares {
                    let (image, strip) = (step + 1).quotientAndRemainder(dividingBy: plan.strips)
                    let range = plan.range(strip, of: dy.height)
                    ahead.add(input, image: image, units: units, rows: geometry.inputRows(for: range))
                    ahead.add(gradient, image: image, units: blocks, rows: range)
                }
                for outputGroup in cellGroups {
                    let first = outputGroup * group
                    let members = min(group, dy.blocks - first)
                    let pointers: [UnsafePointer<Float>?] = (0..<2).map {
                        g.pointer + (first - blocks.lowerBound + min($0, members - 1)) * g.unitStride
                    }
                    for unit in cellUnits {
                        let pair = outputGroup * inputUnits + unit
                        let done = (outputGroup - firstGroup) * cellUnits.count + unit - firstUnit
                        ahead.bring(done, of: cellGroups.count * cellUnits.count)
                        pointers.withUnsafeBufferPointer {
                            kernels.conv_weight_gradient(
                                &window,
                                x.pointer + (unit - firstUnit) * x.unitStride,
                                Int32(channels),
                                $0.baseAddress,
                                Int32(members),
                                Int32(range.count),
                                Int32(dy.width),
                                partials.pointer + (pair * shares + share) * tileCount
                            )
                        }
                    }
                }
            }
        }

        let result = Storage(count: dy.channels * x.channels * area)
        pool.run(pairs) { pair, _ in
            let (outputGroup, unit) = pair.quotientAndRemainder(dividingBy: inputUnits)
            let members = min(group, dy.blocks - outputGroup * group)
            let sums = partials.pointer + pair * shares * tileCount
            for share in 1..<max(shares, 1) where shares > 1 {
                kernels.accumulate(sums + share * tileCount, sums, tileCount)
            }
            let width = members * 16
            let lanes = min(channels, x.channels - unit * 16)
            for output in 0..<min(width, dy.channels - outputGroup * group * 16) {
                let first = ((outputGroup * group * 16 + output) * x.channels + unit * 16) * area
                for lane in 0..<lanes {
                    for tap in 0..<area {
                        result.pointer[first + lane * area + tap] = sums[(tap * channels + lane) * width + output]
                    }
                }
            }
        }
        return result
    }

    /// How many blocks of inputs and groups of outputs a task takes.
    ///
    /// - Parameter sums: bytes of those of one block against one group.
    private func cell(inputUnits: Int, groups: Int, sums: Int) -> (units: Int, groups: Int) {
        if input.isPlanar { return (1, 1) }
        if groups * inputUnits * sums <= Self.cacheShare { return (inputUnits, groups) }
        let units = max(1, min(4, inputUnits, Self.cacheShare / sums))
        return (units, max(1, min(12, groups, Self.cacheShare / (sums * units))))
    }
}
