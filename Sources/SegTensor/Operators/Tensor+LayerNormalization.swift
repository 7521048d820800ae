internal import CSegKernels

extension Tensor {
    /// Normalizes each pixel by the mean and variance over its channels (layer normalization).
    ///
    /// - Shape: self `[batch, channels, …]`, gain and offset `[channels]`.
    /// - Formula: `y = gain · (x − mean) / √(variance + ε) + offset`, the variance divided by the count.
    /// - Gradient: with respect to all three.
    /// - Source: Ba, Kiros & Hinton 2016, over channels as in ConvNeXt (Liu et al. 2022).
    public func layerNormalized(gain: Tensor, offset: Tensor, epsilon: Float = 1e-6) -> Tensor {
        requireOperands(
            shape.rank >= 2 && gain.shape == [shape[1]] && offset.shape == [shape[1]],
            "gain \(gain.shape) and offset \(offset.shape) do not fit a tensor of shape \(shape)",
            cure: "the tensor has shape [batch, channels, …], and both have one value for each channel"
        )
        if isBlocked { return blocksNormalized(gain, offset, epsilon) }
        let shape = shape
        let channels = shape[1]
        let lines = ChannelLines(shape, 1, operation: #function)
        let kernels = Kernels.current
        let (x, gains, offsets) = (denseStorage, gain.denseStorage, offset.denseStorage)
        let y = Storage(count: shape.count)
        lines.forEachPiece { image, range in
            let first = image * channels * lines.inner + range.lowerBound
            kernels.layer_norm(
                x.pointer + first,
                gains.pointer,
                offsets.pointer,
                Int32(channels),
                lines.inner,
                range.count,
                epsilon,
                y.pointer + first
            )
        }
        return Tensor(shape: shape, storage: y).recorded(
            from: [self, gain, offset],
            as: .layerNormalization(epsilon: epsilon)
        ) { gradient in
            let dy = gradient.denseStorage
            let dx = Storage(count: shape.count)
            let pieces = lines.pieces
            let partials = Storage(zeros: max(1, lines.outer * pieces * channels * 32))
            lines.forEachPiece { image, range in
                let first = image * channels * lines.inner + range.lowerBound
                let piece = image * pieces + range.lowerBound / lines.grain
                kernels.layer_norm_backward(
                    x.pointer + first,
                    gains.pointer,
                    dy.pointer + first,
                    Int32(channels),
                    lines.inner,
                    range.count,
                    epsilon,
                    dx.pointer + first,
                    partials.pointer + piece * channels * 32
                )
            }
            func total(_ kind: Int) -> Tensor {
                let sums = (0..<channels).map { channel in
                    var sum = 0.0
                    for piece in 0..<lines.outer * pieces {
                        let place = partials.pointer + (piece * 2 * channels + kind * channels + channel) * 16
                        for lane in 0..<16 { sum += Double(place[lane]) }
                    }
                    return Float(sum)
                }
                return Tensor(sums, shape: [channels])
            }
            return [Tensor(shape: shape, storage: dx), total(0), total(1)]
        }
    }

    /// The same of maps in blocks, which stay so.
    private func blocksNormalized(_ gain: Tensor, _ offset: Tensor, _ epsilon: Float) -> Tensor {
        let geometry = BlockedShape(shape)
        let kernels = Kernels.current
        let x = rawBlocks
        let gains = Self.padded(gain, geometry)
        let offsets = Self.padded(offset, geometry)
        let y = Storage(count: geometry.count)
        Self.forEachPiece(geometry) { first, pixels, _ in
            kernels.layer_norm_blocks(
                x.pointer + first,
                gains.pointer,
                offsets.pointer,
                Int32(geometry.channels),
                geometry.blockCount,
                pixels,
                epsilon,
                y.pointer + first
            )
        }
        return Tensor.blocked(geometry, y).recorded(
            from: [self, gain, offset],
            as: .layerNormalization(epsilon: epsilon),
            operation: "layerNormalized(gain:offset:epsilon:)"
        ) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: geometry.count)
            let sumCount = 2 * geometry.paddedChannels
            let partials = Storage(zeros: max(1, Self.pieceCount(geometry) * sumCount))
            Self.forEachPiece(geometry) { first, pixels, piece in
                kernels.layer_norm_blocks_backward(
                    x.pointer + first,
                    gains.pointer,
                    dy.pointer + first,
                    Int32(geometry.channels),
                    geometry.blockCount,
                    pixels,
                    epsilon,
                    dx.pointer + first,
                    partials.pointer + piece * sumCount
                )
            }
            func total(_ kind: Int) -> Tensor {
                let sums = (0..<geometry.channels).map { channel in
                    (0..<Self.pieceCount(geometry)).reduce(0.0) {
                        $0 + Double(partials.pointer[$1 * sumCount + kind * geometry.paddedChannels + channel])
                    }
                }
                return Tensor(sums.map { Float($0) }, shape: [geometry.channels])
            }
            return [.blocked(geometry, dx), total(0), total(1)]
        }
    }

    private static func padded(_ values: Tensor, _ geometry: BlockedShape) -> Storage {
        let result = Storage(zeros: geometry.paddedChannels)
        let source = values.denseStorage
        result.pointer.update(from: source.pointer, count: geometry.channels)
        return result
    }

    /// Pixels of a piece: all their channels stay in the second-level cache.
    private static func pieceGrain(_ geometry: BlockedShape) -> Int {
        max(8, min(256, (1 << 16) / geometry.paddedChannels))
    }

    private static func pieceCount(_ geometry: BlockedShape) -> Int {
        let grain = pieceGrain(geometry)
        return geometry.batch * ((geometry.pixels + grain - 1) / grain)
    }

    /// Calls `body(first value, pixels, piece)` on the workers.
    private static func forEachPiece(_ geometry: BlockedShape, _ body: (Int, Int, Int) -> Void) {
        let grain = pieceGrain(geometry)
        let pieces = (geometry.pixels + grain - 1) / grain
        WorkerPool.current.run(geometry.batch * pieces) { task, _ in
            let (image, piece) = task.quotientAndRemainder(dividingBy: pieces)
            let first = piece * grain
            body(image * geometry.imageCount + first * 16, min(grain, geometry.pixels - first), task)
        }
    }
}
