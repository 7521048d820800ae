internal import CSegKernels

/// Weights in Winograd's domain: `[36 planes][output block group][input channel][group * 16]`, padded with zeros.
struct WinogradWeights: Sendable {
    let storage: Storage
    let outputBlocks: Int
    let group: Int
    private let inputs: Int
    private let planeCount: Int

    init(_ source: PackedWeights.Source) {
        let kernels = Kernels.current
        let group = Int(kernels.conv_group)
        let outputBlocks = (source.outputChannels + 15) / 16
        let inputs = (source.inputChannels + 15) / 16 * 16
        // An odd number of cache lines: at a power of two all 36 stores of a kernel would meet in one set of the cache.
        let planeCount = outputBlocks * 16 * inputs + 16
        let storage = Storage(count: 36 * planeCount)
        WorkerPool.current.run(outputBlocks * (inputs / 16)) { task, _ in
            let (block, inputBlock) = task.quotientAndRemainder(dividingBy: inputs / 16)
            let index = block / group
            let members = min(group, outputBlocks - index * group)
            source.transform(
                kernels,
                outputBlock: block,
                inputBlock: inputBlock,
                into: storage.pointer + index * group * 16 * inputs + block % group * 16
                    + inputBlock * 16 * members * 16,
                plane: planeCount,
                channel: members * 16
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
