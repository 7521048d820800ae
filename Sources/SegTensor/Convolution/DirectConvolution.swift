internal import CSegKernels

/// The convolution itself: strips of rows as tasks, every output channel from one gathered strip.
struct DirectConvolution: Sendable {
    let reader: StripReader
    let geometry: ConvolutionGeometry
    /// Zeros above and to the left; may differ from the geometry's for an adjoint.
    let rowPadding: Int
    let columnPadding: Int
    let stride: Int
    let output: BlockedShape

    /// Forward.
    init(reader: StripReader, geometry: ConvolutionGeometry, outputChannels: Int) {
        self.reader = reader
        self.geometry = geometry
        rowPadding = geometry.rowPadding
        columnPadding = geometry.columnPadding
        stride = geometry.stride
        output = geometry.output(of: reader.geometry, channels: outputChannels)
    }

    /// The adjoint: from the gradient of the output to that of the input.
    init(adjointOf geometry: ConvolutionGeometry, reader: StripReader, input: BlockedShape) {
        self.reader = reader.dilated(by: geometry.stride)
        self.geometry = geometry
        rowPadding = geometry.adjoint.rowPadding
        columnPadding = geometry.adjoint.columnPadding
        stride = 1
        output = input
    }

    func run(
        _ weights: PackedWeights,
        bias: UnsafePointer<Float>? = nil,
        takesForwardSums: Bool = false,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let stripWidth = max(
            (output.width - 1) * stride + geometry.reachWidth,
            columnPadding + reader.dilatedWidth
        )
        let lanes = reader.isPlanar ? 1 : 16
        let plan = StripPlan(
            outputHeight: output.height,
            stripWidth: stripWidth,
            blocks: max(1, reader.units * lanes / 16),
            stride: stride
        )
        let needsBorder = stride > 2
        let isGatheredOnce = !needsBorder && geometry.overlaps(plan, height: reader.geometry.height)
        let reader = isGatheredOnce ? reader.stored() : reader
        let stripRows = (plan.rows - 1) * stride + geometry.reachHeight
        let stripCount = reader.isPlain && !needsBorder ? 0 : stripRows * stripWidth * lanes * reader.units
        let scratch = Storage(scratch: (stripCount + 16) * pool.threadCount)
        // Few strips (small maps, a single image): the output channels are shared out as well.
        let stripTasks = output.batch * plan.strips
        let shares = min(weights.groups, max(1, 8 / stripTasks))
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: takesForwardSums,
            strips: plan.strips,
            stripRows: plan.rows,
            output: output
        )

        pool.run(stripTasks * shares) { task, worker in
            let (stripTask, share) = task.quotientAndRemainder(dividingBy: shares)
            let (image, strip) = stripTask.quotientAndRemainder(dividingBy: plan.strips)
            let range = plan.range(strip, of: output.height)
            let rows = geometry.inputRows(for: range, stride: stride, padding: rowPadding)
            let source = reader.strip(
                kernels,
                image: image,
                units: 0..<reader.units,
                rows: rows,
                padding: columnPadding,
                stripWidth: stripWidth,
                needsBorder: needsBorder,
                scratch: scratch.pointer + worker * (stripCount + 16)
            )
            var window = source.window()
            window.kernel_height = Int32(geometry.kernelHeight)
            window.kernel_width = Int32(geometry.kernelWidth)
            window.stride_height = Int32(stride)
            window.stride_width = Int32(stride)
            window.dilation = Int32(geometry.dilation)
            window.y_pixel_stride = 16
            window.y_row_stride = output.width * 16
            var ahead = ReadAhead()
            if shares == 1, task + 1 < stripTasks {
                let (image, strip) = (task + 1).quotientAndRemainder(dividingBy: plan.strips)
                let rows = geometry.inputRows(
                    for: plan.range(strip, of: output.height),
                    stride: stride,
                    padding: rowPadding
                )
                ahead.add(reader, image: image, units: 0..<reader.units, rows: rows)
            }
            for group in (share * weights.groups / shares)..<((share + 1) * weights.groups / shares) {
                if shares == 1 { ahead.bring(group, of: weights.groups) }
                let firstBlock = group * weights.group
                let members = min(weights.group, weights.outputBlocks - firstBlock)
                window.bias = bias.map { $0 + firstBlock * 16 }
                let written = (0..<members).map {
                    epilogue.rows(image, firstBlock + $0, range, worker: worker, member: $0)
                }
                written.map { Optional($0.pointer) }.withUnsafeBufferPointer {
                    kernels.conv_rows(
                        &window,
                        source.pointer,
                        weights.pointer(group: group),
                        $0.baseAddress,
                        Int32(members),
                        Int32(range.count),
                        Int32(output.width)
                    )
                }
                for rows in written { epilogue.finish(rows, strip: strip) }
            }
        }
        return epilogue.sums()
    }
}

extension ChannelSums {
    /// Adds the partial sums of each strip, in their order.
    init(partials: Storage, strips: Int, blocks: Int, firstBlock: Int, geometry: BlockedShape) {
        var values = Array(repeating: 0.0, count: geometry.batch * geometry.paddedChannels * 2)
        for image in 0..<geometry.batch {
            for strip in 0..<strips {
                for block in 0..<geometry.blocks {
                    let place = partials.pointer + ((image * strips + strip) * blocks + firstBlock + block) * 32
                    let target = (image * geometry.blocks + block) * 32
                    for lane in 0..<16 {
                        values[target + 2 * lane] += Double(place[lane])
                        values[target + 2 * lane + 1] += Double(place[16 + lane])
                    }
                }
            }
        }
        self.init(values: values, paddedChannels: geometry.paddedChannels)
    }
}
