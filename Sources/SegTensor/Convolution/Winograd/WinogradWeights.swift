internal import CSegKernels

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

    /// A step's products of all planes: `m[tile][outputs] = v[tile][inputs] u[inputs][outputs]`.
    func multiply(
        _ kernels: seg_kernels,
        tiles: Int,
        _ v: WinogradPlanes,
        groups range: Range<Int>,
        into m: WinogradPlanes
    ) {
        for plane in 0..<36 {
            for index in range {
                kernels.winograd_multiply(
                    Int32(tiles),
                    Int32(v.channels),
                    v.plane(plane),
                    pointer(plane: plane, group: index),
                    Int32(min(group, outputBlocks - index * group)),
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
