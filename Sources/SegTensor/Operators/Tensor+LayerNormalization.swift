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
}
