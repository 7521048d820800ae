internal import CSegKernels

/// Weights in the order in which the convolution kernel reads them.
///
/// `[output block group][input block][kernel row][channel of the block][kernel column][group * 16]`, padded with zeros.
/// A group is the number of output blocks that the kernel takes at once; the last group may have a single block.
struct PackedWeights: Sendable {
    let storage: Storage
    /// Floats for one block of 16 output channels.
    let blockCount: Int
    let outputBlocks: Int
    let group: Int

    /// How a weight tensor `[output, input, height, width]` is looked up.
    ///
    /// `@unchecked Sendable`: the weights are read only, and outlive the packing that looks them up.
    struct Source: @unchecked Sendable {
        let pointer: UnsafePointer<Float>
        let outputChannels: Int
        let inputChannels: Int
        let outputStride: Int
        let inputStride: Int
        /// Distance between kernel rows and columns; negative for the flipped kernel of the adjoint.
        let rowStride: Int
        let columnStride: Int

        /// The weights as they stand.
        static func forward(_ pointer: UnsafePointer<Float>, _ shape: Shape) -> Source {
            let area = shape[2] * shape[3]
            return Source(
                pointer: pointer,
                outputChannels: shape[0],
                inputChannels: shape[1],
                outputStride: shape[1] * area,
                inputStride: area,
                rowStride: shape[3],
                columnStride: 1
            )
        }

        /// Input and output exchanged, the kernel turned by 180°: what the gradient of the input is convolved with.
        static func adjoint(_ pointer: UnsafePointer<Float>, _ shape: Shape) -> Source {
            let area = shape[2] * shape[3]
            return Source(
                pointer: pointer + area - 1,
                outputChannels: shape[1],
                inputChannels: shape[0],
                outputStride: area,
                inputStride: shape[1] * area,
                rowStride: -shape[3],
                columnStride: -1
            )
        }

        /// The same of every `stride`-th tap before and up to one, which comes first.
        static func adjoint(
            _ pointer: UnsafePointer<Float>,
            _ shape: Shape,
            row: Int,
            column: Int,
            every stride: Int
        ) -> Source {
            let area = shape[2] * shape[3]
            return Source(
                pointer: pointer + row * shape[3] + column,
                outputChannels: shape[1],
                inputChannels: shape[0],
                outputStride: area,
                inputStride: shape[1] * area,
                rowStride: -stride * shape[3],
                columnStride: -stride
            )
        }
    }

    /// - Parameter planar: the input is planes of single channels, not blocks of 16.
    init(_ source: Source, _ geometry: ConvolutionGeometry, planar: Bool = false) {
        let kernelHeight = geometry.kernelHeight
        let kernelWidth = geometry.kernelWidth
        let group = Int(Kernels.current.conv_group)
        let outputBlocks = (source.outputChannels + 15) / 16
        let inputBlocks = planar ? source.inputChannels : (source.inputChannels + 15) / 16
        let lanes = planar ? 1 : 16
        let blockCount = inputBlocks * lanes * kernelHeight * kernelWidth * 16
        let storage = Storage(count: blockCount * outputBlocks)
        let groups = (outputBlocks + group - 1) / group
        WorkerPool.current.run(groups * inputBlocks) { task, _ in
            let (index, inputBlock) = task.quotientAndRemainder(dividingBy: inputBlocks)
            let members = min(group, outputBlocks - index * group)
            let width = members * 16
            var target =
                storage.pointer + index * group * blockCount + inputBlock * lanes * kernelHeight * kernelWidth * width
            let firstOutput = index * group * 16
            let outputs = max(0, min(width, source.outputChannels - firstOutput))
            for row in 0..<kernelHeight {
                for lane in 0..<lanes {
                    let channel = inputBlock * lanes + lane
                    for column in 0..<kernelWidth {
                        if channel < source.inputChannels {
                            let base =
                                source.pointer + firstOutput * source.outputStride + channel * source.inputStride
                                + row * source.rowStride + column * source.columnStride
                            for output in 0..<outputs { target[output] = base[output * source.outputStride] }
                            for output in outputs..<width { target[output] = 0 }
                        } else {
                            for output in 0..<width { target[output] = 0 }
                        }
                        target += width
                    }
                }
            }
        }
        self.storage = storage
        self.blockCount = blockCount
        self.outputBlocks = outputBlocks
        self.group = group
    }

    var groups: Int { (outputBlocks + group - 1) / group }

    func pointer(group index: Int) -> UnsafePointer<Float> {
        UnsafePointer(storage.pointer + index * group * blockCount)
    }
}
