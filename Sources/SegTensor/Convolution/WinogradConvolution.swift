internal import CSegKernels

/// A 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3), or its adjoint.
///
/// A task takes a band of tile rows (of several images, where the maps are small), gathers one block of input channels
/// after the other, transforms its tiles, multiplies all 36 planes by the transformed weights, and transforms back.
/// Tiles, products and strips of a task stay in the second-level cache.
struct WinogradConvolution: Sendable {
    let reader: StripReader
    let padding: Int
    let output: BlockedShape

    /// Whether the method applies and pays: blocks of channels, and maps of at least a tile.
    static func fits(_ reader: StripReader, _ geometry: ConvolutionGeometry, _ output: BlockedShape) -> Bool {
        !reader.isPlanar && reader.dilation == 1 && geometry.kernelHeight == 3 && geometry.kernelWidth == 3
            && geometry.stride == 1 && geometry.padding <= 2 && output.height >= 4 && output.width >= 4
            && reader.geometry.channels >= 12 && output.channels >= 12
    }

    /// How a batch of maps is cut into tasks; by shape alone.
    struct Plan: Sendable {
        let tileRows: Int
        let tileColumns: Int
        /// Tile rows of a band; bands of an image; images of a task (1 unless one band is a whole image).
        let bandRows: Int
        let bands: Int
        let images: Int

        init(height: Int, width: Int, batch: Int, tiles target: Int) {
            tileRows = (height + 3) / 4
            tileColumns = (width + 3) / 4
            bandRows = min(tileRows, max(1, target / tileColumns))
            bands = (tileRows + bandRows - 1) / bandRows
            images = bands > 1 ? 1 : min(batch, max(1, target / (tileRows * tileColumns)))
        }

        func tasks(batch: Int) -> Int { (batch + images - 1) / images * bands }
        /// Most tiles of a task.
        var tiles: Int { images * bandRows * tileColumns }
        var stripWidth: Int { tileColumns * 4 + 2 }
        var stripRows: Int { bandRows * 4 + 2 }

        func images(of task: Int, batch: Int) -> Range<Int> {
            let first = task / bands * images
            return first..<min(batch, first + images)
        }

        func band(of task: Int) -> Range<Int> {
            let first = task % bands * bandRows
            return first..<min(tileRows, first + bandRows)
        }
    }

    /// Tiles of a task so that inputs and products of all 36 planes fill about two thirds of a megabyte.
    static func tiles(inputs: Int, outputs: Int) -> Int { min(64, max(16, (640 << 10) / (144 * (inputs + outputs)))) }

    func run(
        _ weights: WinogradWeights,
        bias: UnsafePointer<Float>?,
        takesForwardSums: Bool,
        into target: ConvolutionTarget
    ) -> [ChannelSums?] {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let input = reader.geometry
        let inputs = input.paddedChannels
        let outputs = output.paddedChannels
        let plan = Plan(
            height: output.height,
            width: output.width,
            batch: output.batch,
            tiles: Self.tiles(inputs: inputs, outputs: outputs)
        )
        let epilogue = ConvolutionEpilogue(
            target,
            kernels: kernels,
            bias: bias,
            takesForwardSums: takesForwardSums,
            strips: plan.bands,
            output: output
        )
        // An odd number of cache lines between planes, so that a tile's 36 values do not meet in one set.
        let inputPlane = plan.tiles * inputs + 16
        let outputPlane = plan.tiles * outputs + 16
        let stripCount = plan.stripRows * plan.stripWidth * 16
        let scratchCount = 36 * (inputPlane + outputPlane) + stripCount
        let scratch = Storage(count: scratchCount * pool.threadCount)
        let tasks = plan.tasks(batch: output.batch)
        let shares = min(weights.groups, max(1, 6 / tasks))

        pool.run(tasks * shares) { index, worker in
            let (task, share) = index.quotientAndRemainder(dividingBy: shares)
            let images = plan.images(of: task, batch: output.batch)
            let band = plan.band(of: task)
            let v = scratch.pointer + worker * scratchCount
            let m = v + 36 * inputPlane
            let strip = m + 36 * outputPlane
            let rowTiles = plan.tileColumns
            for unit in 0..<input.blocks {
                var tile = 0
                for image in images {
                    reader.gather(
                        kernels,
                        image: image,
                        units: unit..<unit + 1,
                        firstRow: band.lowerBound * 4 - padding,
                        rows: band.count * 4 + 2,
                        padding: padding,
                        stripWidth: plan.stripWidth,
                        into: strip
                    )
                    for row in 0..<band.count {
                        kernels.winograd_input(
                            strip + row * 4 * plan.stripWidth * 16,
                            plan.stripWidth * 16,
                            Int32(rowTiles),
                            v + tile * inputs + unit * 16,
                            inputPlane,
                            inputs
                        )
                        tile += rowTiles
                    }
                }
            }
            let tiles = images.count * band.count * rowTiles
            let groups = (share * weights.groups / shares)..<((share + 1) * weights.groups / shares)
            for plane in 0..<36 {
                for group in groups {
                    let members = min(weights.group, weights.outputBlocks - group * weights.group)
                    kernels.winograd_multiply(
                        Int32(tiles),
                        Int32(inputs),
                        v + plane * inputPlane,
                        weights.pointer(plane: plane, group: group),
                        Int32(members),
                        m + plane * outputPlane + group * weights.group * 16,
                        outputs
                    )
                }
            }
            let blocks =
                groups.lowerBound * weights.group..<min(groups.upperBound * weights.group, weights.outputBlocks)
            let rows = band.lowerBound * 4..<min(output.height, band.upperBound * 4)
            for block in blocks {
                var tile = 0
                for image in images {
                    for row in band {
                        kernels.winograd_output(
                            m + tile * outputs + block * 16,
                            outputPlane,
                            outputs,
                            Int32(rowTiles),
                            epilogue.row(image, block, row * 4),
                            output.width * 16,
                            Int32(min(4, output.height - row * 4)),
                            Int32(output.width)
                        )
                        tile += rowTiles
                    }
                    epilogue.finish(image, strip: task % plan.bands, block, rows: rows)
                }
            }
        }
        return epilogue.sums()
    }
}

/// Weights in Winograd's domain: `[36 planes][output block group][input channel][group * 16]`, padded with zeros.
struct WinogradWeights: Sendable {
    let storage: Storage
    let outputBlocks: Int
    let group: Int
    private let inputs: Int
    private let planeCount: Int

    init(_ source: PackedWeights.Source, group: Int) {
        let kernels = Kernels.current
        let outputBlocks = (source.outputChannels + 15) / 16
        let inputs = (source.inputChannels + 15) / 16 * 16
        // An odd number of cache lines: at a power of two all 36 stores of a kernel would meet in one set of the cache.
        let planeCount = outputBlocks * 16 * inputs + 16
        let storage = Storage(count: 36 * planeCount)
        // The adjoint's source points at the last tap, and its rows are the input's channels.
        let isAdjoint = source.columnStride < 0
        let base = isAdjoint ? source.pointer - 8 : source.pointer
        WorkerPool.current.run(outputBlocks * (inputs / 16)) { task, _ in
            let (block, inputBlock) = task.quotientAndRemainder(dividingBy: inputs / 16)
            let index = block / group
            let members = min(group, outputBlocks - index * group)
            let outputs = Int32(min(16, source.outputChannels - block * 16))
            let channels = Int32(min(16, source.inputChannels - inputBlock * 16))
            kernels.winograd_kernels(
                base + block * 16 * source.outputStride + inputBlock * 16 * source.inputStride,
                isAdjoint ? source.inputStride : source.outputStride,
                isAdjoint ? channels : outputs,
                isAdjoint ? outputs : channels,
                isAdjoint ? 1 : 0,
                storage.pointer + index * group * 16 * inputs + block % group * 16 + inputBlock * 16 * members * 16,
                planeCount,
                members * 16
            )
        }
        self.storage = storage
        self.outputBlocks = outputBlocks
        self.group = group
        self.inputs = inputs
        self.planeCount = planeCount
    }

    var groups: Int { (outputBlocks + group - 1) / group }

    func pointer(plane: Int, group index: Int) -> UnsafePointer<Float> {
        UnsafePointer(storage.pointer + plane * planeCount + index * group * 16 * inputs)
    }
}
