internal import CSegKernels

/// The adjoint of a convolution with a stride, from the gradient of its output to that of its input: with a 2×2 kernel and
/// stride 2, the transposed convolution of a U-Net's decoder.
///
/// Every `stride`-th pixel of what is written meets the same taps of the kernel. So each of these phases is a convolution of
/// stride 1 with some of the taps, and no zeros between the gradient's pixels are multiplied.
struct StridedAdjoint: Sendable {
    private let reader: StripReader
    private let geometry: ConvolutionGeometry
    private let output: BlockedShape
    private let rows: [Phase]
    private let columns: [Phase]

    /// What one in `stride` rows (or columns) is computed from.
    private struct Phase {
        /// The first of them.
        let first: Int
        /// Taps that they meet, every `stride`-th of the kernel.
        let taps: Int
        /// The last of these in the kernel, which comes first in the adjoint.
        let lastTap: Int
        /// Where the first of the gradient's rows lies that the first one is computed from.
        let start: Int

        init(_ first: Int, kernel: Int, stride: Int, padding: Int) {
            self.first = first
            let firstTap = (first + padding) % stride
            taps = firstTap < kernel ? (kernel - 1 - firstTap) / stride + 1 : 0
            lastTap = firstTap + stride * (taps - 1)
            start = (first + padding - firstTap) / stride - (taps - 1)
        }

        /// How many of them there are in so many rows.
        func count(in length: Int, stride: Int) -> Int { max(0, (length - first + stride - 1) / stride) }
    }

    static func fits(_ geometry: ConvolutionGeometry) -> Bool { geometry.stride > 1 && geometry.dilation == 1 }

    /// - Parameters:
    ///   - reader: of the gradient, in blocks.
    ///   - output: the shape that is written.
    init(_ geometry: ConvolutionGeometry, reader: StripReader, output: BlockedShape) {
        self.reader = reader
        self.geometry = geometry
        self.output = output
        let stride = geometry.stride
        rows = (0..<stride).map {
            Phase($0, kernel: geometry.kernelHeight, stride: stride, padding: geometry.rowPadding)
        }
        columns = (0..<stride).map {
            Phase($0, kernel: geometry.kernelWidth, stride: stride, padding: geometry.columnPadding)
        }
    }

    /// - Parameters:
    ///   - weights: of the convolution, of shape `[its outputs, its inputs, rows, columns]`.
    ///   - bias: one value for each channel that is written, in whole blocks.
    func run(
        _ weights: UnsafePointer<Float>,
        _ weightShape: Shape,
        bias: UnsafePointer<Float>? = nil,
        takesForwardSums: Bool = false,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let stride = geometry.stride
        let input = reader.geometry
        let parts = rows.flatMap { row in
            columns.map { column -> (row: Phase, column: Phase, weights: PackedWeights?) in
                guard row.taps > 0, column.taps > 0 else { return (row, column, nil) }
                let source = PackedWeights.Source.adjoint(
                    weights,
                    weightShape,
                    row: row.lastTap,
                    column: column.lastTap,
                    every: stride
                )
                let geometry = ConvolutionGeometry(kernelHeight: row.taps, kernelWidth: column.taps)
                return (row, column, PackedWeights(source, geometry))
            }
        }
        let (above, below) = Self.reach(rows)
        let (before, after) = Self.reach(columns)
        let left = max(0, -before)
        let across = (output.width + stride - 1) / stride
        let stripWidth = left + max(input.width, across + after)
        let down = (output.height + stride - 1) / stride
        let plan = StripPlan(outputHeight: down, stripWidth: stripWidth, blocks: max(1, reader.units), stride: 1)
        let stripCount = reader.isPlain ? 0 : (plan.rows + below - above) * stripWidth * input.paddedChannels
        let scratch = Storage(scratch: (stripCount + 16) * pool.threadCount)
        let group = Int(kernels.conv_group)
        let groups = (output.blocks + group - 1) / group
        // Few strips (small maps, a single image): the output channels are shared out as well.
        let stripTasks = output.batch * plan.strips
        let shares = min(groups, max(1, 8 / max(1, stripTasks)))
        let output = output
        let epilogue = OutputEpilogue(
            target,
            kernels: kernels,
            takesForwardSums: takesForwardSums,
            strips: plan.strips,
            stripRows: plan.rows * stride,
            output: output
        )
        func gathered(_ range: Range<Int>) -> Range<Int> { range.lowerBound + above..<range.upperBound + below }

        pool.run(stripTasks * shares) { task, worker in
            let (stripTask, share) = task.quotientAndRemainder(dividingBy: shares)
            let (image, strip) = stripTask.quotientAndRemainder(dividingBy: plan.strips)
            let range = plan.range(strip, of: down)
            let source = reader.strip(
                kernels,
                image: image,
                units: 0..<reader.units,
                rows: gathered(range),
                padding: left,
                stripWidth: stripWidth,
                needsBorder: false,
                scratch: scratch.pointer + worker * (stripCount + 16)
            )
            var ahead = ReadAhead()
            if shares == 1, task + 1 < stripTasks {
                let (image, strip) = (task + 1).quotientAndRemainder(dividingBy: plan.strips)
                ahead.add(
                    reader,
                    image: image,
                    units: 0..<reader.units,
                    rows: gathered(plan.range(strip, of: down))
                )
            }
            let written = range.lowerBound * stride..<min(output.height, range.upperBound * stride)
            for index in (share * groups / shares)..<((share + 1) * groups / shares) {
                if shares == 1 { ahead.bring(index, of: groups) }
                let firstBlock = index * group
                let blocks = (0..<min(group, output.blocks - firstBlock)).map {
                    epilogue.rows(image, firstBlock + $0, written, worker: worker, member: $0)
                }
                for part in parts {
                    let count = part.row.count(in: written.count, stride: stride)
                    let width = part.column.count(in: output.width, stride: stride)
                    let first = (part.row.first * output.width + part.column.first) * 16
                    guard count > 0, width > 0 else { continue }
                    let (lines, columns) = (part.row.start - above, part.column.start + left)
                    var window = source.window(down: lines, right: columns)
                    window.stride_height = 1
                    window.stride_width = 1
                    window.dilation = 1
                    window.y_pixel_stride = stride * 16
                    window.y_row_stride = stride * output.width * 16
                    window.bias = bias.map { $0 + firstBlock * 16 }
                    guard let packed = part.weights else {
                        Self.fill(blocks.map { $0.pointer + first }, window, count, width)
                        continue
                    }
                    window.kernel_height = Int32(part.row.taps)
                    window.kernel_width = Int32(part.column.taps)
                    blocks.map { Optional($0.pointer + first) }.withUnsafeBufferPointer {
                        kernels.conv_rows(
                            &window,
                            source.pointer + lines * source.rowStride + columns * 16,
                            packed.pointer(group: index),
                            $0.baseAddress,
                            Int32(blocks.count),
                            Int32(count),
                            Int32(width)
                        )
                    }
                }
                for rows in blocks { epilogue.finish(rows, strip: strip) }
            }
        }
        return epilogue.sums()
    }

    /// How far before and behind its own place the gradient is read.
    private static func reach(_ phases: [Phase]) -> (before: Int, behind: Int) {
        let some = phases.filter { $0.taps > 0 }
        return (some.map(\.start).min() ?? 0, some.map { $0.start + $0.taps - 1 }.max() ?? 0)
    }

    /// The bias, or zeros, where no tap reaches.
    private static func fill(
        _ blocks: [UnsafeMutablePointer<Float>],
        _ window: seg_window,
        _ rows: Int,
        _ width: Int
    ) {
        for (index, block) in blocks.enumerated() {
            for row in 0..<rows {
                for column in 0..<width {
                    let pixel = block + row * window.y_row_stride + column * window.y_pixel_stride
                    if let bias = window.bias {
                        pixel.update(from: bias + index * 16, count: 16)
                    } else {
                        pixel.update(repeating: 0, count: 16)
                    }
                }
            }
        }
    }
}
