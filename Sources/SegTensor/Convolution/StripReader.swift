internal import CSegKernels

/// Where a convolution reads from: blocks with their pending arithmetic, or the planes of an image of few channels.
///
/// `@unchecked Sendable`: what it points to is read only, and kept alive by its members.
struct StripReader: @unchecked Sendable {
    enum Origin {
        case blocks(BlockSource)
        case planes(Storage)
    }

    let origin: Origin
    let geometry: BlockedShape
    /// Zeros put between neighboring values, plus one: for the adjoint of a strided convolution.
    private(set) var dilation = 1
    /// What the images are phases of, which are read where they lie; `nil` if they are images.
    let phases: DilatedPhases?

    /// Reads planes directly where blocks of 16 would be mostly empty.
    init(_ tensor: Tensor) {
        geometry = BlockedShape(tensor.shape)
        phases = nil
        if case .dense(let storage) = tensor.body, geometry.channels < 8 {
            origin = .planes(storage)
        } else {
            origin = .blocks(BlockSource(tensor))
        }
    }

    /// Reads blocks in any case: those of images, or of their phases.
    init(blocksOf tensor: Tensor, phases: DilatedPhases? = nil) {
        let shape = BlockedShape(tensor.shape)
        geometry = phases?.shape(channels: shape.channels) ?? shape
        self.phases = phases
        origin = .blocks(BlockSource(tensor))
    }

    /// The same with zeros between the values.
    func dilated(by dilation: Int) -> StripReader {
        var result = self
        result.dilation = dilation
        return result
    }

    var isPlanar: Bool {
        if case .planes = origin { return true }
        return false
    }

    /// Units that a strip is made of: blocks, or planes.
    var units: Int { isPlanar ? geometry.channels : geometry.blocks }

    var dilatedWidth: Int { (geometry.width - 1) * dilation + 1 }

    /// Rows of one image's units, as kernels read them.
    struct Strip {
        let pointer: UnsafePointer<Float>
        /// Floats from one unit to the next.
        let unitStride: Int
        /// Floats from one row to the next.
        let rowStride: Int
        /// Whether the image is read where it lies, without zeros beside it.
        let isBorderless: Bool
        let isPlanar: Bool
        /// Units of it.
        let units: Int
        /// Rows and columns that hold the image.
        let rows: Range<Int>
        let columns: Range<Int>

        /// A kernel's window over it.
        ///
        /// - Parameters:
        ///   - down: rows of the strip above the window's first.
        ///   - right: columns to the left of it.
        func window(down: Int = 0, right: Int = 0) -> seg_window {
            var window = seg_window()
            window.row_stride = rowStride
            window.block_stride = unitStride
            window.blocks = Int32(units)
            window.planar = isPlanar ? 1 : 0
            window.first_row = Int32(rows.lowerBound - down)
            window.end_row = Int32(rows.upperBound - down)
            window.first_column = Int32(columns.lowerBound - right)
            window.end_column = Int32(columns.upperBound - right)
            window.is_borderless = isBorderless ? 1 : 0
            return window
        }
    }

    /// Whether strips of it can be read where they lie.
    var isPlain: Bool {
        if case .blocks(let source) = origin { return dilation == 1 && phases == nil && source.plain != nil }
        return false
    }

    /// The same values with nothing pending on them.
    func stored() -> StripReader {
        guard !isPlain, dilation == 1, phases == nil, case .blocks(let source) = origin else { return self }
        return StripReader(blocksOf: .blocked(geometry, source.stored()))
    }

    /// Rows of one image's units: where they lie, if nothing is pending on them and a kernel needs no zeros around them, else
    /// gathered into `scratch`.
    ///
    /// - Parameters:
    ///   - needsBorder: whether a kernel reads zeros to the left and to the right of the image, and above and below.
    func strip(
        _ kernels: seg_kernels,
        image: Int,
        units: Range<Int>,
        rows: Range<Int>,
        padding: Int,
        stripWidth: Int,
        needsBorder: Bool = true,
        scratch: UnsafeMutablePointer<Float>
    ) -> Strip {
        let height = (geometry.height - 1) * dilation + 1
        let known = -rows.lowerBound..<height - rows.lowerBound
        let fits = padding == 0 && stripWidth == geometry.width && rows.lowerBound >= 0 && rows.upperBound <= height
        if fits || !needsBorder, isPlain, case .blocks(let source) = origin, let plain = source.plain {
            let start = (image * geometry.blocks + units.lowerBound) * geometry.blockCount
            return Strip(
                pointer: UnsafePointer(plain.pointer) + start + (rows.lowerBound * geometry.width - padding) * 16,
                unitStride: geometry.blockCount,
                rowStride: geometry.width * 16,
                isBorderless: !fits,
                isPlanar: false,
                units: units.count,
                rows: known,
                columns: padding..<padding + geometry.width
            )
        }
        gather(
            kernels,
            image: image,
            units: units,
            rows: rows,
            padding: padding,
            stripWidth: stripWidth,
            into: scratch
        )
        let rowStride = stripWidth * (isPlanar ? 1 : 16)
        return Strip(
            pointer: UnsafePointer(scratch),
            unitStride: rows.count * rowStride,
            rowStride: rowStride,
            isBorderless: false,
            isPlanar: isPlanar,
            units: units.count,
            rows: known,
            columns: padding..<padding + dilatedWidth
        )
    }

    /// Copies rows of one image's units into `strip`, with zeros around, one unit after the other.
    func gather(
        _ kernels: seg_kernels,
        image: Int,
        units: Range<Int>,
        rows: Range<Int>,
        padding: Int,
        stripWidth: Int,
        into strip: UnsafeMutablePointer<Float>
    ) {
        let right = max(0, stripWidth - padding - dilatedWidth)
        switch origin {
        case .blocks(let source):
            if let phases {
                let phase = phases.phase(image)
                for (index, unit) in units.enumerated() {
                    var block = source.block(phase.image, unit)
                    phases.gather(
                        kernels,
                        &block,
                        phase,
                        rows: rows,
                        padding: padding,
                        stripWidth: stripWidth,
                        into: strip + index * rows.count * stripWidth * 16
                    )
                }
                return
            }
            for (index, unit) in units.enumerated() {
                var block = source.block(image, unit)
                kernels.gather_rows(
                    &block,
                    Int32(geometry.height),
                    Int32(geometry.width),
                    Int32(rows.lowerBound),
                    Int32(rows.count),
                    Int32(padding),
                    Int32(right),
                    Int32(dilation),
                    strip + index * rows.count * stripWidth * 16,
                    stripWidth * 16
                )
            }
        case .planes(let storage):
            precondition(dilation == 1, "planes are only read as they are")
            for (index, unit) in units.enumerated() {
                let plane = storage.pointer + (image * geometry.channels + unit) * geometry.pixels
                for (row, from) in rows.enumerated() {
                    let target = strip + (index * rows.count + row) * stripWidth
                    guard from >= 0 && from < geometry.height else {
                        target.update(repeating: 0, count: stripWidth)
                        continue
                    }
                    target.update(repeating: 0, count: padding)
                    (target + padding).update(from: plane + from * geometry.width, count: geometry.width)
                    (target + padding + geometry.width).update(repeating: 0, count: right)
                }
            }
        }
    }
}
