internal import CSegKernels

extension Tensor {
    /// Sets a share of the values to 0 and scales the others up, so that the expected value stays.
    ///
    /// Which values go depends on the seed and their places alone: the same for any number of threads, any layout and any
    /// instruction set.
    ///
    /// - Parameters:
    ///   - rate: the share, in 0..<1; 0 changes nothing.
    ///   - seed: names the pattern; draw one for each call from a stream.
    ///   - wholeChannels: drops each channel of each image as a whole, which suits neighboring pixels that say the same.
    /// - Shape: kept; `[batch, channels, …]` for whole channels.
    /// - Gradient: that of the values that stay, scaled alike.
    /// - Source: Srivastava et al. 2014; Tompson et al. 2015 (whole channels).
    public func dropout(_ rate: Float, seed: UInt64, wholeChannels: Bool = false) -> Tensor {
        requireOperands(
            rate >= 0 && rate < 1,
            "a rate of \(rate) is out of range",
            cure: "use a share of at least 0 and less than 1"
        )
        if rate == 0 { return self }
        if wholeChannels {
            requireOperands(
                shape.rank >= 2,
                "a tensor of shape \(shape) has no channels",
                cure: "its shape is [batch, channels, …]"
            )
            let channels = Shape([shape[0], shape[1]] + Array(repeating: 1, count: shape.rank - 2))
            return self * Tensor.ones(channels).dropout(rate, seed: seed)
        }
        let pattern = DropoutPattern(rate: rate, seed: seed)
        return pattern.applied(to: self).recorded(from: [self]) { [pattern.applied(to: $0)] }
    }
}

/// Which values are dropped, by their places in row-major order.
private struct DropoutPattern: Sendable {
    let rate: Float
    let seed: UInt64

    private var threshold: UInt32 { UInt32(min(Double(rate) * 0x1p32, Double(UInt32.max))) }
    private var scale: Float { 1 / (1 - rate) }

    func applied(to tensor: Tensor) -> Tensor {
        let shape = tensor.shape
        let kernels = Kernels.current
        let (threshold, scale) = (threshold, scale)
        guard tensor.isBlocked else {
            let x = tensor.denseStorage
            let y = Storage(count: shape.count)
            parallel(shape.count) { range in
                let first = range.lowerBound
                kernels.dropout(
                    seed,
                    threshold,
                    scale,
                    x.pointer + first,
                    UInt64(first),
                    16,
                    1,
                    y.pointer + first,
                    range.count
                )
            }
            return Tensor(shape: shape, storage: y)
        }
        let geometry = BlockedShape(shape)
        let x = tensor.rawBlocks
        let y = Storage(count: geometry.count)
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let (image, block) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            // Unused lanes hold zeros, and a zero stays one.
            kernels.dropout(
                seed,
                threshold,
                scale,
                x.pointer + task * geometry.blockCount,
                UInt64((image * geometry.channels + block * 16) * geometry.pixels),
                1,
                UInt32(geometry.pixels),
                y.pointer + task * geometry.blockCount,
                geometry.blockCount
            )
        }
        return .blocked(geometry, y)
    }
}
