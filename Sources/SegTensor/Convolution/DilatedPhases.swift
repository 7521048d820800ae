internal import CSegKernels

/// Images looked at as if taken apart for a dilated convolution: every `dilation`-th pixel of each row and column as an image of
/// its own.
///
/// The taps of a dilated kernel meet pixels of one of them only, side by side there. So a dilated convolution is an ordinary
/// one of more and smaller images, for which Winograd's algorithm can be used. Nothing is copied: strips are gathered from every
/// so many pixels, and results go to as many.
struct DilatedPhases: Sendable {
    let dilation: Int
    /// Rows and columns of a phase; where they do not divide the image's, the last ones of some phases lie beyond it.
    private let height: Int
    private let width: Int
    /// What the phases are of.
    let image: BlockedShape

    /// `nil` where it does not apply, or does not pay: 3×3 kernels that keep the size of maps, with phases of which tiles of 4×4
    /// pixels do not miss much.
    init?(_ x: BlockedShape, _ geometry: ConvolutionGeometry, outputs: Int) {
        let dilation = geometry.dilation
        guard dilation > 1, geometry.stride == 1, geometry.kernelHeight == 3, geometry.kernelWidth == 3,
            geometry.rowPadding == dilation, geometry.columnPadding == dilation, x.channels >= 12, outputs >= 12,
            ConvolutionChoice.takesWinograd
        else { return nil }
        self.dilation = dilation
        image = x
        height = (x.height + dilation - 1) / dilation
        width = (x.width + dilation - 1) / dilation
        let tiles = dilation * dilation * ((height + 3) / 4) * ((width + 3) / 4)
        // Products of each algorithm, those of Winograd's with its transforms. The direct one leaves out taps that lie outside of the
        // image: a third of each kernel's rows and columns, in as many of the image's as they are apart.
        let direct = (3 * x.height - 2 * min(dilation, x.height)) * (3 * x.width - 2 * min(dilation, x.width))
        guard height >= 4, width >= 4, direct * 2 > 36 * tiles * 3 else { return nil }
    }

    /// The convolution of a phase.
    var geometry: ConvolutionGeometry {
        ConvolutionGeometry(kernelHeight: 3, kernelWidth: 3, rowPadding: 1, columnPadding: 1)
    }

    /// Phases of an image.
    var count: Int { dilation * dilation }

    /// Of all phases of a batch of images.
    func shape(channels: Int) -> BlockedShape { BlockedShape([image.batch * count, channels, height, width]) }

    /// One of all images' phases.
    func phase(_ index: Int) -> Phase {
        let (image, rest) = index.quotientAndRemainder(dividingBy: count)
        let (row, column) = rest.quotientAndRemainder(dividingBy: dilation)
        func places(_ length: Int, from first: Int) -> Int { max(0, (length - first + dilation - 1) / dilation) }
        return Phase(
            image: image,
            first: row * self.image.width + column,
            rows: places(self.image.height, from: row),
            columns: places(self.image.width, from: column)
        )
    }

    struct Phase {
        let image: Int
        /// Its first pixel in the image.
        let first: Int
        /// Rows and columns of it that lie in the image.
        let rows: Int
        let columns: Int
    }

    /// A pixel of a phase in its image.
    func pixel(_ phase: Phase, row: Int) -> Int { phase.first + row * dilation * image.width }

    /// Copies rows of a phase from a block of its image, with zeros around.
    func gather(
        _ kernels: seg_kernels,
        _ block: inout seg_block,
        _ phase: Phase,
        rows: Range<Int>,
        padding: Int = 0,
        stripWidth: Int,
        into strip: UnsafeMutablePointer<Float>
    ) {
        let columns = min(phase.columns, stripWidth - padding)
        block.advance(pixels: phase.first)
        kernels.gather_every(
            &block,
            dilation,
            image.width,
            Int32(phase.rows),
            Int32(columns),
            Int32(rows.lowerBound),
            Int32(rows.count),
            Int32(padding),
            Int32(stripWidth - padding - columns),
            strip,
            stripWidth * 16
        )
    }
}
