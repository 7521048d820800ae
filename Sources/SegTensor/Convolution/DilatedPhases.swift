internal import CSegKernels

/// Images taken apart for a dilated convolution: every `dilation`-th pixel of each row and column as an image of its own.
///
/// The taps of a dilated kernel meet pixels of one of them only, side by side there. So a dilated convolution is an ordinary
/// one of more and smaller images, for which Winograd's algorithm can be used.
struct DilatedPhases: Sendable {
    private let dilation: Int
    /// Rows and columns of a phase; where they do not divide the image's, zeros follow its end.
    private let height: Int
    private let width: Int
    private let image: BlockedShape

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
        // Products of each algorithm, those of Winograd's with its transforms and the copies. Of a kernel that reaches beyond the
        // image, the direct one leaves rows out.
        guard height >= 4, width >= 4, 9 * x.pixels * 2 > 36 * tiles * 3 else { return nil }
    }

    /// The convolution of a phase.
    var geometry: ConvolutionGeometry {
        ConvolutionGeometry(kernelHeight: 3, kernelWidth: 3, rowPadding: 1, columnPadding: 1)
    }

    /// Of all phases of a batch of images.
    func shape(channels: Int) -> BlockedShape {
        BlockedShape([image.batch * dilation * dilation, channels, height, width])
    }

    private var fills: Bool { image.height == height * dilation && image.width == width * dilation }

    /// The phases of images, with nothing pending on them.
    func taken(from tensor: Tensor) -> Tensor {
        let source = BlockSource(tensor)
        let x = source.geometry
        let y = shape(channels: x.channels)
        let result = fills ? Storage(count: y.count) : Storage(zeros: y.count)
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let rows = Storage(scratch: pool.threadCount * x.width * 16)
        pool.run(x.batch * x.blocks) { plane, worker in
            let (image, index) = plane.quotientAndRemainder(dividingBy: x.blocks)
            var block = source.block(image, index)
            let row = rows.pointer + worker * x.width * 16
            for line in 0..<x.height {
                kernels.read_block(&block, x.width, row)
                block.advance(pixels: x.width)
                forEachRun(image, index, x.blocks, line) { place, column in
                    (result.pointer + place).update(from: row + column * 16, count: 16)
                }
            }
        }
        return .blocked(y, result)
    }

    /// Images from their phases.
    func put(together phases: Tensor) -> Tensor {
        let source = phases.rawBlocks
        let shape = BlockedShape([image.batch, phases.shape[1], image.height, image.width])
        let result = Storage(count: shape.count)
        WorkerPool.current.run(shape.batch * shape.blocks) { plane, _ in
            let (image, index) = plane.quotientAndRemainder(dividingBy: shape.blocks)
            for line in 0..<shape.height {
                let row = result.pointer + plane * shape.blockCount + line * shape.width * 16
                forEachRun(image, index, shape.blocks, line) { place, column in
                    (row + column * 16).update(from: source.pointer + place, count: 16)
                }
            }
        }
        return .blocked(shape, result, sums: sums(of: phases))
    }

    /// The sums of the images' channels from those of their phases; `nil` if not known, or if the phases hold more than the images.
    private func sums(of phases: Tensor) -> ChannelSums? {
        guard fills, case .blocked(let body) = phases.body, let known = body.sums else { return nil }
        let count = known.paddedChannels * 2
        var values = Array(repeating: 0.0, count: image.batch * count)
        for phase in 0..<image.batch * dilation * dilation {
            let start = phase / (dilation * dilation) * count
            for place in 0..<count { values[start + place] += known.values[phase * count + place] }
        }
        return ChannelSums(values: values, paddedChannels: known.paddedChannels)
    }

    /// Where the pixels of a row lie among the phases.
    private func forEachRun(
        _ image: Int,
        _ block: Int,
        _ blocks: Int,
        _ line: Int,
        _ body: (_ place: Int, _ column: Int) -> Void
    ) {
        let (down, rowPhase) = line.quotientAndRemainder(dividingBy: dilation)
        for phase in 0..<min(dilation, self.image.width) {
            let part = (image * dilation + rowPhase) * dilation + phase
            var place = (((part * blocks + block) * height + down) * width) * 16
            for column in stride(from: phase, to: self.image.width, by: dilation) {
                body(place, column)
                place += 16
            }
        }
    }
}
