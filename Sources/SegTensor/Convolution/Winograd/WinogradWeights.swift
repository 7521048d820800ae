internal import CSegKernels

/// Weights in Winograd's domain: `[36 planes][output block group][input channel][group * 16]`, padded with zeros; of all groups of
/// output blocks, or of some.
struct WinogradWeights: Sendable {
    let outputBlocks: Int
    let group: Int
    /// The groups that are there.
    let groups: Range<Int>
    private let storage: Storage
    private let inputs: Int
    private let planeCount: Int

    /// Floats of transformed weights that are made at a time at most. They are four times as large as the weights: those of
    /// wide layers would take more memory than all else, and go there and back for each step.
    private static let most = 20 << 20

    init(_ source: PackedWeights.Source) { self.init(source, groups: nil, in: nil) }

    /// - Parameters:
    ///   - part: groups of output blocks; all if `nil`.
    ///   - memory: where to; memory of its own if `nil`.
    private init(_ source: PackedWeights.Source, groups part: Range<Int>?, in memory: Storage?) {
        let kernels = Kernels.current
        let group = Int(kernels.conv_group)
        let outputBlocks = (source.outputChannels + 15) / 16
        let inputs = (source.inputChannels + 15) / 16 * 16
        let groups = part ?? 0..<(outputBlocks + group - 1) / group
        let blocks = groups.lowerBound * group..<min(outputBlocks, groups.upperBound * group)
        let planeCount = Self.planeCount(blocks: blocks.count, inputs: inputs)
        let storage = memory ?? Storage(count: 36 * planeCount)
        WorkerPool.current.run(blocks.count * (inputs / 16)) { task, _ in
            let (place, inputBlock) = task.quotientAndRemainder(dividingBy: inputs / 16)
            let block = blocks.lowerBound + place
            let index = block / group
            let members = min(group, outputBlocks - index * group)
            source.transform(
                kernels,
                outputBlock: block,
                inputBlock: inputBlock,
                into: storage.pointer + (index - groups.lowerBound) * group * 16 * inputs + block % group * 16
                    + inputBlock * 16 * members * 16,
                plane: planeCount,
                channel: members * 16
            )
        }
        self.storage = storage
        self.outputBlocks = outputBlocks
        self.group = group
        self.groups = groups
        self.inputs = inputs
        self.planeCount = planeCount
    }

    /// An odd number of cache lines: at a power of two all 36 stores of a kernel would meet in one set of the cache.
    private static func planeCount(blocks: Int, inputs: Int) -> Int { blocks * 16 * inputs + 16 }

    /// Calls `body` with the weights of some groups after the other, each in the memory of the last.
    static func forEachPart(of source: PackedWeights.Source, _ body: (WinogradWeights) -> Void) {
        let group = Int(Kernels.current.conv_group)
        let outputBlocks = (source.outputChannels + 15) / 16
        let inputs = (source.inputChannels + 15) / 16 * 16
        let groups = (outputBlocks + group - 1) / group
        let parts = min(groups, max(1, (36 * inputs * outputBlocks * 16 + most - 1) / most))
        let largest = (groups + parts - 1) / parts * group
        let memory = Storage(count: 36 * planeCount(blocks: min(outputBlocks, largest), inputs: inputs))
        for part in 0..<parts {
            let groups = part * groups / parts..<(part + 1) * groups / parts
            body(WinogradWeights(source, groups: groups, in: memory))
        }
    }

    private func pointer(plane: Int, group index: Int) -> UnsafePointer<Float> {
        UnsafePointer(storage.pointer + plane * planeCount + (index - groups.lowerBound) * group * 16 * inputs)
    }

    /// A step's products of all planes: `m[tile][outputs] = v[tile][inputs] u[inputs][outputs]`.
    ///
    /// - Parameter ahead: what is wanted afterwards.
    func multiply(
        _ kernels: seg_kernels,
        tiles: Int,
        _ v: WinogradPlanes,
        groups range: Range<Int>,
        into m: WinogradPlanes,
        ahead: ReadAhead
    ) {
        for plane in 0..<36 {
            ahead.bring(plane, of: 36)
            for index in range {
                kernels.winograd_multiply(
                    Int32(tiles),
                    Int32(v.channels),
                    v.plane(plane),
                    v.channels,
                    pointer(plane: plane, group: index),
                    Int32(min(group, outputBlocks - index * group)),
                    0,
                    m.plane(plane) + index * group * 16,
                    m.channels
                )
            }
        }
    }

    /// The output blocks of some groups.
    func blocks(of groups: Range<Int>) -> Range<Int> {
        groups.lowerBound * group..<min(groups.upperBound * group, outputBlocks)
    }
}

extension PackedWeights.Source {
    /// `G g G'` of the 3×3 kernels from a block of 16 input channels to one of output channels: plane after plane, in
    /// each channel after channel.
    func transform(
        _ kernels: seg_kernels,
        outputBlock: Int,
        inputBlock: Int,
        into u: UnsafeMutablePointer<Float>,
        plane: Int,
        channel: Int
    ) {
        let outputs = Int32(min(16, outputChannels - outputBlock * 16))
        let inputs = Int32(min(16, inputChannels - inputBlock * 16))
        // The adjoint's source points at the last tap, and its rows are the input's channels.
        let isAdjoint = columnStride < 0
        kernels.winograd_kernels(
            pointer + outputBlock * 16 * outputStride + inputBlock * 16 * inputStride - (isAdjoint ? 8 : 0),
            isAdjoint ? inputStride : outputStride,
            isAdjoint ? inputs : outputs,
            isAdjoint ? outputs : inputs,
            isAdjoint ? 1 : 0,
            u,
            plane,
            channel
        )
    }
}
