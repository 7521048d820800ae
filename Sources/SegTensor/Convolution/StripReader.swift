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

    /// Reads planes directly where blocks of 16 would be mostly empty.
    init(_ tensor: Tensor) {
        geometry = BlockedShape(tensor.shape)
        if case .dense(let storage) = tensor.body, geometry.channels < 8 {
            origin = .planes(storage)
        } else {
            origin = .blocks(BlockSource(tensor))
        }
    }

    /// Reads blocks in any case.
    init(blocksOf tensor: Tensor) {
        geometry = BlockedShape(tensor.shape)
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
    }

    /// Rows of one image's units: where they lie, if nothing is pending on them and nothing goes around them, else
    /// gathered into `scratch`.
    func strip(
        _ kernels: seg_kernels,
        image: Int,
        units: Range<Int>,
        rows: Range<Int>,
        padding: Int,
        stripWidth: Int,
        scratch: UnsafeMutablePointer<Float>
    ) -> Strip {
        if padding == 0, dilation == 1, stripWidth == geometry.width, rows.lowerBound >= 0,
            rows.upperBound <= geometry.height,
            case .blocks(let source) = origin, let plain = source.plain
        {
            let start = (image * geometry.blocks + units.lowerBound) * geometry.blockCount
            return Strip(
                pointer: UnsafePointer(plain.pointer + start + rows.lowerBound * geometry.width * 16),
                unitStride: geometry.blockCount
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
        return Strip(pointer: UnsafePointer(scratch), unitStride: rows.count * stripWidth * (isPlanar ? 1 : 16))
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
