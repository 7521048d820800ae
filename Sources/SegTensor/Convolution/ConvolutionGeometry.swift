/// The sizes of a two-dimensional convolution.
struct ConvolutionGeometry: Hashable, Sendable {
    var kernelHeight: Int
    var kernelWidth: Int
    var stride: Int
    /// Zeros above and below.
    var rowPadding: Int
    /// Zeros to the left and to the right.
    var columnPadding: Int
    /// Pixels between neighboring taps.
    var dilation: Int

    init(
        kernelHeight: Int,
        kernelWidth: Int,
        stride: Int = 1,
        rowPadding: Int = 0,
        columnPadding: Int = 0,
        dilation: Int = 1
    ) {
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.rowPadding = rowPadding
        self.columnPadding = columnPadding
        self.dilation = dilation
    }

    /// Rows that the kernel reaches over.
    var reachHeight: Int { (kernelHeight - 1) * dilation + 1 }
    /// Columns that the kernel reaches over.
    var reachWidth: Int { (kernelWidth - 1) * dilation + 1 }

    /// 0 if the kernel does not fit: the quotient alone would round −1 up.
    private func outputLength(_ length: Int, _ padding: Int, _ reach: Int) -> Int {
        let room = length + 2 * padding - reach
        return room < 0 ? 0 : room / stride + 1
    }

    func output(of input: BlockedShape, channels: Int) -> BlockedShape {
        BlockedShape([
            input.batch, channels, outputLength(input.height, rowPadding, reachHeight),
            outputLength(input.width, columnPadding, reachWidth),
        ])
    }

    /// The geometry of the adjoint of a convolution of stride 1: from the gradient of its output to that of its input.
    var adjoint: ConvolutionGeometry {
        var adjoint = self
        adjoint.rowPadding = reachHeight - 1 - rowPadding
        adjoint.columnPadding = reachWidth - 1 - columnPadding
        return adjoint
    }

    /// The padding of a kernel as high as wide and not dilated, which Winograd's algorithm takes; `nil` for others.
    var squarePadding: Int? {
        kernelHeight == kernelWidth && rowPadding == columnPadding && dilation == 1 ? rowPadding : nil
    }

    /// Whether each output pixel comes of the input pixel in its place alone.
    var isPointwise: Bool { kernelHeight == 1 && kernelWidth == 1 && stride == 1 && squarePadding == 0 }

    /// Whether the padding is wider than what the kernel reaches over.
    var isWidelyPadded: Bool { rowPadding >= reachHeight || columnPadding >= reachWidth }

    /// Rows of the input that rows of the output are computed from; some may lie beyond the input.
    func inputRows(for rows: Range<Int>) -> Range<Int> { inputRows(for: rows, stride: stride, padding: rowPadding) }

    /// The same with another stride and padding above, as an adjoint has.
    func inputRows(for rows: Range<Int>, stride: Int, padding: Int) -> Range<Int> {
        rows.lowerBound * stride - padding..<(rows.upperBound - 1) * stride - padding + reachHeight
    }

    /// Whether strips of an output would each gather so much that it pays to read the input once before.
    func overlaps(_ plan: StripPlan, height: Int) -> Bool {
        plan.strips * ((plan.rows - 1) * stride + reachHeight) > 3 * height
    }

    /// Multiplications and additions of the plain definition, counted as two.
    ///
    /// - Parameter channels: of the output, those that are counted; all if `nil`.
    func operations(inputs: Int, output: BlockedShape, channels: Int? = nil) -> Double {
        2 * Double(output.batch * (channels ?? output.channels) * output.pixels)
            * Double(inputs * kernelHeight * kernelWidth)
    }
}

/// How the rows of the images are cut into strips: one strip of one image is one task.
struct StripPlan: Sendable {
    let rows: Int
    let strips: Int

    /// Strips of about 256 KiB of input, so that a strip and its output stay in a core's second-level cache. The cut
    /// depends on the shape alone, and so do the partial sums taken over a strip.
    init(outputHeight: Int, stripWidth: Int, blocks: Int, stride: Int) {
        let rowBytes = max(1, stripWidth * blocks * 64 * stride)
        let wanted = min(max((256 << 10) / rowBytes, 2), 16)
        rows = min(wanted, outputHeight)
        strips = (outputHeight + rows - 1) / rows
    }

    func range(_ strip: Int, of height: Int) -> Range<Int> { strip * rows..<min(height, (strip + 1) * rows) }
}
