extension Tensor {
    /// Images resized by bilinear interpolation between pixel centers.
    ///
    /// - Shape: `[batch, channels, height, width]` to the given height and width.
    /// - Formula: output row `i` samples the input at `(i + ½) · input height / height − ½`, clamped to the outermost
    ///   centers; columns likewise. Downscaling does not average: pixels between the samples are not looked at.
    /// - Gradient: each value's to the four pixels that it came from, by their weights.
    public func resizedBilinear(height: Int, width: Int) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(
            x.pixels > 0 && height > 0 && width > 0,
            "images of \(x.height)×\(x.width) px cannot be resized to \(height)×\(width) px",
            cure: "both sizes must be at least 1"
        )
        if height == x.height && width == x.width { return self }
        let resize = Resize(
            rows: LinearResampling(from: x.height, to: height),
            columns: LinearResampling(from: x.width, to: width)
        )
        return resized(resize, as: .bilinearResize)
    }

    /// Images made larger by a whole factor, each pixel repeated.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, factor · height, factor · width]`.
    /// - Gradient: the sum over each pixel's copies.
    public func resizedNearest(factor: Int) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(factor >= 1, "a factor of \(factor) cannot be", cure: "use 1 or more")
        if factor == 1 { return self }
        let resize = Resize(
            rows: LinearResampling(repeating: x.height, factor),
            columns: LinearResampling(repeating: x.width, factor)
        )
        return resized(resize, as: .nearestResize(factor: factor))
    }

    /// Blocks are resized when they are read; a map of few channels, such as logits, would be mostly empty lanes, and is resized
    /// plane by plane.
    func resized(_ resize: Resize, as traced: TracedOperation, operation: StaticString = #function) -> Tensor {
        let x = BlockedShape(shape)
        let shape = resize.output(x).shape
        guard isBlocked, x.channels >= 8 else {
            let planes = resize.planes(denseStorage, x)
            return Tensor(shape: shape, storage: planes).recorded(from: [self], as: traced, operation: operation) {
                [Tensor(shape: x.shape, storage: resize.adjoint(ofPlanes: $0.denseStorage, x))]
            }
        }
        let body = ResizedBody(self, resize, as: traced, operation: operation)
        return Tensor(shape: shape, body: .resized(body)).recorded(from: [self], as: traced, operation: operation) {
            [.blocked(x, resize.adjoint(ofBlocks: $0.rawBlocks, x))]
        }
    }
}
