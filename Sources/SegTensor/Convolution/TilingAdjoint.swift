internal import CSegKernels

/// The adjoint of a convolution whose windows lie side by side: each input pixel makes a patch of the output of its
/// own. With a 2×2 kernel this is the transposed convolution of a U-Net's decoder.
///
/// Each tap of the kernel is a 1×1 convolution that writes every `stride`-th pixel.
struct TilingAdjoint: Sendable {
    let reader: StripReader
    let geometry: ConvolutionGeometry
    /// The shape that is written.
    let output: BlockedShape

    func run(_ weights: UnsafePointer<Float>, _ weightShape: Shape, bias: UnsafePointer<Float>?, into target: Storage) {
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let input = reader.geometry
        let stride = geometry.stride
        let taps = (0..<stride * stride).map { tap in
            PackedWeights(
                .adjointTap(weights, weightShape, row: tap / stride, column: tap % stride),
                ConvolutionGeometry(kernelHeight: 1, kernelWidth: 1)
            )
        }
        let plan = StripPlan(outputHeight: input.height, stripWidth: input.width, blocks: input.blocks, stride: 1)
        let stripCount = plan.rows * input.width * input.paddedChannels
        let scratch = Storage(scratch: (stripCount + 16) * pool.threadCount)
        let output = output
        // Rows and columns that no window covers, if the size is not a multiple of the stride.
        let hasRest = output.height != input.height * stride || output.width != input.width * stride

        pool.run(input.batch * plan.strips) { task, worker in
            let (image, strip) = task.quotientAndRemainder(dividingBy: plan.strips)
            let range = plan.range(strip, of: input.height)
            let source = reader.strip(
                kernels,
                image: image,
                units: 0..<reader.units,
                rows: range,
                padding: 0,
                stripWidth: input.width,
                scratch: scratch.pointer + worker * (stripCount + 16)
            )
            var window = seg_window()
            window.row_stride = input.width * 16
            window.block_stride = source.unitStride
            window.blocks = Int32(reader.units)
            window.kernel_height = 1
            window.kernel_width = 1
            window.stride_height = 1
            window.stride_width = 1
            window.dilation = 1
            window.y_pixel_stride = stride * 16
            window.y_row_stride = stride * output.width * 16
            var ahead = ReadAhead()
            if task + 1 < input.batch * plan.strips {
                let (image, strip) = (task + 1).quotientAndRemainder(dividingBy: plan.strips)
                ahead.add(reader, image: image, units: 0..<reader.units, rows: plan.range(strip, of: input.height))
            }
            for (tap, packed) in taps.enumerated() {
                ahead.bring(tap, of: taps.count)
                let corner =
                    ((range.lowerBound * stride + tap / stride) * output.width + tap % stride) * 16
                for group in 0..<packed.groups {
                    window.bias = bias.map { $0 + group * packed.group * 16 }
                    let members = min(packed.group, packed.outputBlocks - group * packed.group)
                    let pointers = (0..<2).map { member -> UnsafeMutablePointer<Float>? in
                        guard member < members else { return nil }
                        let block = group * packed.group + member
                        return target.pointer + (image * output.blocks + block) * output.blockCount + corner
                    }
                    pointers.withUnsafeBufferPointer {
                        kernels.conv_rows(
                            &window,
                            source.pointer,
                            packed.pointer(group: group),
                            $0.baseAddress,
                            Int32(members),
                            Int32(range.count),
                            Int32(input.width)
                        )
                    }
                }
            }
            guard hasRest else { return }
            for block in 0..<output.blocks {
                let base = target.pointer + (image * output.blocks + block) * output.blockCount
                clearColumns(base, rows: range.lowerBound * stride..<range.upperBound * stride)
                if strip == plan.strips - 1 {
                    let covered = input.height * stride
                    (base + covered * output.width * 16).update(
                        repeating: 0,
                        count: (output.height - covered) * output.width * 16
                    )
                }
            }
        }
    }

    /// Zeros in the columns beyond the last window.
    private func clearColumns(_ base: UnsafeMutablePointer<Float>, rows: Range<Int>) {
        let covered = reader.geometry.width * geometry.stride
        for row in rows {
            (base + (row * output.width + covered) * 16).update(repeating: 0, count: (output.width - covered) * 16)
        }
    }
}
