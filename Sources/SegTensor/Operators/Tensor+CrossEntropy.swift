internal import CSegKernels

extension Tensor {
    /// Binary cross-entropy of logits against targets, value by value.
    ///
    /// - Shape: targets have this tensor's shape and hold values in 0...1; the result has it too.
    /// - Formula: `max(x, 0) − x · t + log(1 + exp(−|x|))`, exact for logits of any size.
    /// - Gradient: `sigmoid(x) − t` with respect to the logits; targets are constants.
    public func binaryCrossEntropyWithLogits(_ targets: Tensor) -> Tensor {
        requireOperands(
            shape == targets.shape,
            "logits of shape \(shape) and targets of shape \(targets.shape) do not fit",
            cure: "both must have one shape"
        )
        let kernels = Kernels.current
        let x = denseStorage
        let t = targets.denseStorage
        let y = Storage(count: shape.count)
        parallel(shape.count) { range in
            let start = range.lowerBound
            kernels.bce(x.pointer + start, t.pointer + start, y.pointer + start, range.count)
        }
        let logits = Tensor(shape: shape, storage: x)
        let constant = targets.detached
        return Tensor(shape: shape, storage: y).recorded(from: [self]) { gradient in
            [gradient * (logits.sigmoid() - constant)]
        }
    }
}
