internal import CSegKernels

/// A convolution in which each channel has a kernel of its own, or its adjoint, on blocks.
///
/// A task is a strip of rows of one block of channels. There is little arithmetic for each value: the strip, read with
/// its pending arithmetic, is used up while it is in the first-level cache.
struct DepthwiseConvolution: Sendable {
    private let reader: StripReader
    private let geometry: ConvolutionGeometry
    private let rowPadding: Int
    private let columnPadding: Int
    private let stride: Int
    private let output: BlockedShape
    private let isAdjoint: Bool

    /// Whether a grouped convolution is of this kind.
    static func fits(_ x: BlockedShape, _ y: BlockedShape, _ geometry: ConvolutionGeometry, groups: Int) -> Bool {
        groups == x.channels && y.channels == x.channels && !geometry.isWidelyPadded
    }

    /// Forward.
    init(_ reader: StripReader, _ geometry: ConvolutionGeometry) {
        self.reader = reader
        self.geometry = geometry
        rowPadding = geometry.rowPadding
        columnPadding = geometry.columnPadding
        stride = geometry.stride
        output = geometry.output(of: reader.geometry, channels: reader.geometry.channels)
        isAdjoint = false
    }

    /// From the gradient of the output to that of the input.
    init(adjointOf geometry: ConvolutionGeometry, _ reader: StripReader, input: BlockedShape) {
        self.reader = reader.dilated(by: geometry.stride)
        self.geometry = geometry
        rowPadding = geometry.adjoint.rowPadding
        columnPadding = geometry.adjoint.columnPadding
        stride = 1
        output = input
        isAdjoint = true
    }

    /// - Parameter weights: `[channels, 1, kernel height, kernel width]`, row-major.
    func run(
        _ weights: Storage,
        bias: Storage? = nil,
        takesForwardSums: Bool = false,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let packed = packed(weights)
        let taps = geometry.kernelHeight * geometry.kernelWidth
        let strip = DepthwiseStrip(
            geometry,
            width: max((output.width - 1) * stride + geometry.reachWidth, columnPadding + reader.dilatedWidth),
            outputHeight: output.height,
            stride: stride
        )
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: takesForwardSums,
            strips: strip.plan.strips,
            stripRows: strip.plan.rows,
            output: output
        )
        let scratch = Storage(scratch: strip.count * pool.threadCount)
        var window = strip.window
        window.y_row_stride = output.width * 16
        let shared = window
        let tasks = output.batch * strip.plan.strips * output.blocks
        func place(_ task: Int) -> (image: Int, block: Int, strip: Int, rows: Range<Int>, inputRows: Range<Int>) {
            let (rest, block) = task.quotientAndRemainder(dividingBy: output.blocks)
            let (image, index) = rest.quotientAndRemainder(dividingBy: strip.plan.strips)
            let rows = strip.plan.range(index, of: output.height)
            return (image, block, index, rows, geometry.inputRows(for: rows, stride: stride, padding: rowPadding))
        }
        pool.run(tasks) { task, worker in
            let (image, block, index, rows, inputRows) = place(task)
            let memory = scratch.pointer + worker * strip.count
            reader.gather(
                kernels,
                image: image,
                units: block..<block + 1,
                rows: inputRows,
                padding: columnPadding,
                stripWidth: strip.width,
                into: memory
            )
            var window = shared
            window.bias = bias.map { UnsafePointer($0.pointer + block * 16) }
            let written = epilogue.rows(image, block, rows, worker: worker)
            var ahead = ReadAhead()
            if task + 1 < tasks {
                let next = place(task + 1)
                ahead.add(reader, image: next.image, units: next.block..<next.block + 1, rows: next.inputRows)
                ahead.add(epilogue, image: next.image, block: next.block, rows: next.rows)
            }
            for row in 0..<rows.count {
                ahead.bring(row, of: rows.count)
                kernels.depthwise_rows(
                    &window,
                    memory + row * stride * strip.width * 16,
                    packed.pointer + block * taps * 16,
                    written.pointer + row * output.width * 16,
                    1,
                    Int32(output.width)
                )
            }
            epilogue.finish(written, strip: index)
        }
        return epilogue.sums()
    }

    /// `[block][tap][16]`, zeros beyond the last channel; the adjoint's taps run backwards.
    private func packed(_ weights: Storage) -> Storage {
        let taps = geometry.kernelHeight * geometry.kernelWidth
        let result = Storage(zeros: output.blocks * taps * 16)
        for channel in 0..<output.channels {
            let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
            for tap in 0..<taps {
                result.pointer[(block * taps + tap) * 16 + lane] =
                    weights.pointer[channel * taps + (isAdjoint ? taps - 1 - tap : tap)]
            }
        }
        return result
    }
}

/// The strip that a depthwise task gathers.
///
/// `@unchecked Sendable`: a plan of numbers; the pointers of its window are empty until a task sets them in a copy.
struct DepthwiseStrip: @unchecked Sendable {
    let plan: StripPlan
    /// Pixels of a row.
    let width: Int
    /// Floats.
    let count: Int
    let window: seg_window

    init(_ geometry: ConvolutionGeometry, width: Int, outputHeight: Int, stride: Int) {
        // An eighth of what a convolution over all channels takes: a first-level cache of 32 KiB.
        plan = StripPlan(outputHeight: outputHeight, stripWidth: width * 8, blocks: 1, stride: stride)
        self.width = width
        count = ((plan.rows - 1) * stride + geometry.reachHeight) * width * 16
        var window = seg_window()
        window.row_stride = width * 16
        window.blocks = 1
        window.kernel_height = Int32(geometry.kernelHeight)
        window.kernel_width = Int32(geometry.kernelWidth)
        window.stride_height = Int32(stride)
        window.stride_width = Int32(stride)
        window.dilation = Int32(geometry.dilation)
        self.window = window
    }
}
