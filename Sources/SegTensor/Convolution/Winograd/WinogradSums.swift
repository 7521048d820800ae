internal import CSegKernels

/// Sums `dU = Σ tiles (B'dB)' (A dy A')` of a weight gradient, or the same with input and gradient exchanged, taken in
/// several shares of the tiles, on their way to `dW = G' dU G`.
///
/// The channels are cut into cells of up to ``side`` blocks of inputs by as many of outputs. How many shares there are
/// depends on the shape alone, and they are added in order.
///
/// `@unchecked Sendable`: every task adds to a share and a cell of its own; the members stay.
struct WinogradSums: @unchecked Sendable {
    /// Shares of the steps.
    let shares: Int
    /// Cells of blocks.
    let cells: Int
    /// Floats of scratch memory that a task needs for its sums; 0 if they are kept in memory of their own.
    let scratchCount: Int

    private let inputs: BlockedShape
    private let outputs: BlockedShape
    private let outputCells: Int
    private let side: Int
    private let turned: Bool
    private let stride: Int
    private let shareCount: Int
    private let memory: Storage?
    private let result: Storage

    /// About as many tasks as there should be at least.
    private static let tasks = 8
    /// Tiles that a share has at least, lest adding up the shares costs more than it brings.
    private static let leastTiles = 96

    /// - Parameters:
    ///   - side: blocks of channels of a cell, either way.
    ///   - turned: whether the sums are those of the kernel turned by 180°.
    init(inputs: BlockedShape, outputs: BlockedShape, side: Int, plan: WinogradPlan, turned: Bool = false) {
        self.inputs = inputs
        self.outputs = outputs
        self.side = side
        self.turned = turned
        outputCells = (outputs.blocks + side - 1) / side
        cells = (inputs.blocks + side - 1) / side * outputCells
        shares = min(plan.steps, max(1, Self.tasks / cells), max(1, plan.steps * plan.tiles / Self.leastTiles))
        // Planes an odd number of cache lines apart.
        stride = min(side, inputs.blocks) * 16 * min(side, outputs.blocks) * 16 + 16
        shareCount = 36 * stride
        // A task that has all tiles turns its sums into weights while they are in the cache; shares meet in memory.
        memory = shares > 1 ? Storage(count: cells * shares * shareCount) : nil
        scratchCount = shares > 1 ? 0 : shareCount
        result = Storage(count: outputs.channels * inputs.channels * 9)
    }

    /// The blocks of input channels of a cell.
    func inputBlocks(_ cell: Int) -> Range<Int> { blocks(cell / outputCells, of: inputs.blocks) }

    /// The blocks of output channels of a cell.
    func outputBlocks(_ cell: Int) -> Range<Int> { blocks(cell % outputCells, of: outputs.blocks) }

    private func blocks(_ index: Int, of count: Int) -> Range<Int> { index * side..<min(count, (index + 1) * side) }

    /// Where a share of a cell is summed up.
    func place(_ cell: Int, share: Int, scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        memory.map { $0.pointer + (cell * shares + share) * shareCount } ?? scratch
    }

    /// Adds a step's tiles; the first step of a share starts the sums.
    ///
    /// - Parameter ahead: what is wanted afterwards.
    func add(
        _ kernels: seg_kernels,
        tiles: Int,
        _ v: WinogradPlanes,
        _ z: WinogradPlanes,
        isFirst: Bool,
        to place: UnsafeMutablePointer<Float>,
        ahead: ReadAhead
    ) {
        for plane in 0..<36 {
            ahead.bring(plane, of: 36)
            kernels.winograd_accumulate(
                Int32(tiles),
                Int32(v.channels),
                Int32(z.channels),
                v.plane(plane),
                z.plane(plane),
                isFirst ? 0 : 1,
                place + plane * stride
            )
        }
    }

    /// Called at the end of a task: weights from its sums, if it had all tiles.
    func finish(_ kernels: seg_kernels, _ cell: Int, _ place: UnsafeMutablePointer<Float>) {
        guard memory == nil else { return }
        for part in 0..<side * side { transform(kernels, cell, part, place) }
    }

    /// The gradient `[output channels, input channels, 3, 3]`, once all tasks are done.
    func gradient(_ kernels: seg_kernels) -> Storage {
        if let memory {
            WorkerPool.current.run(cells * side * side) { task, _ in
                let (cell, part) = task.quotientAndRemainder(dividingBy: side * side)
                transform(kernels, cell, part, memory.pointer + cell * shares * shareCount)
            }
        }
        return result
    }

    /// One block of inputs by one of outputs, the shares added.
    private func transform(_ kernels: seg_kernels, _ cell: Int, _ part: Int, _ du: UnsafePointer<Float>) {
        let inputBlocks = inputBlocks(cell)
        let outputBlocks = outputBlocks(cell)
        let (row, column) = part.quotientAndRemainder(dividingBy: side)
        guard row < inputBlocks.count, column < outputBlocks.count else { return }
        let firstInput = (inputBlocks.lowerBound + row) * 16
        let firstOutput = (outputBlocks.lowerBound + column) * 16
        let width = outputBlocks.count * 16
        kernels.winograd_kernel_gradients(
            du + row * 16 * width + column * 16,
            stride,
            width,
            Int32(shares),
            shareCount,
            turned ? 1 : 0,
            result.pointer + (firstOutput * inputs.channels + firstInput) * 9,
            inputs.channels * 9,
            Int32(min(16, outputs.channels - firstOutput)),
            Int32(min(16, inputs.channels - firstInput))
        )
    }
}
