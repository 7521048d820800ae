/// The sizes of a two-dimensional convolution.
struct ConvolutionGeometry: Hashable, Sendable {
    var kernelHeight: Int
    var kernelWidth: Int
    var stride: Int
    var padding: Int

    /// 0 if the kernel does not fit: the quotient alone would round −1 up.
    func outputLength(_ length: Int, kernel: Int) -> Int {
        let room = length + 2 * padding - kernel
        return room < 0 ? 0 : room / stride + 1
    }

    func output(of input: BlockedShape, channels: Int) -> BlockedShape {
        BlockedShape([
            input.batch, channels, outputLength(input.height, kernel: kernelHeight),
            outputLength(input.width, kernel: kernelWidth),
        ])
    }

    /// The geometry of the adjoint of a convolution of stride 1: from the gradient of its output to that of its input.
    var adjoint: ConvolutionGeometry {
        var adjoint = self
        adjoint.padding = kernelHeight - 1 - padding
        return adjoint
    }

    /// Rows of the input that rows of the output are computed from; some may lie beyond the input.
    func inputRows(for rows: Range<Int>) -> Range<Int> { inputRows(for: rows, stride: stride, padding: padding) }

    /// The same with another stride and padding above, as an adjoint has.
    func inputRows(for rows: Range<Int>, stride: Int, padding: Int) -> Range<Int> {
        rows.lowerBound * stride - padding..<(rows.upperBound - 1) * stride - padding + kernelHeight
    }

    /// Multiplications and additions of the plain definition, counted as two.
    func operations(inputs: Int, output: BlockedShape) -> Double {
        2 * Double(output.batch * output.channels * output.pixels) * Double(inputs * kernelHeight * kernelWidth)
    }

    /// Windows that lie side by side without overlap, and so partition their input: a patch embedding, or the
    /// adjoint of a 2×2 transposed convolution.
    var isTiling: Bool { padding == 0 && kernelHeight == stride && kernelWidth == stride }
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
