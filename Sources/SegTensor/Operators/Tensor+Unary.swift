internal import CSegKernels

extension Tensor {
    /// `max(0, x)`. Gradient 0 at 0. On a normalisation's output it stays pending: the next reader applies both.
    public func relu() -> Tensor {
        // Only if nothing was recorded in between: an operator of a user's own may have wrapped the same body.
        if case .blocked(let body) = body, case .normalised(let normalisation, false) = body.reading,
            node == nil || node === normalisation.node
        {
            return node == nil
                ? withoutGradients { normalisation.output(relu: true) } : normalisation.output(relu: true)
        }
        return unary(seg_unary_relu, keepsBlocks: true)
    }

    /// `min(max(0, x), 6)`. Gradient 0 at 0 and at 6.
    public func relu6() -> Tensor { unary(seg_unary_relu6, keepsBlocks: true) }

    /// `1 / (1 + exp(−x))`, exact in both tails.
    public func sigmoid() -> Tensor { unary(seg_unary_sigmoid) }

    /// `log(1 + exp(x))`, exact in both tails.
    public func softplus() -> Tensor { unary(seg_unary_softplus) }

    /// `tanh x`.
    public func tanh() -> Tensor { unary(seg_unary_tanh) }

    /// `eˣ`; infinite above 88.7.
    public func exp() -> Tensor { unary(seg_unary_exp) }

    /// The natural logarithm; −∞ at 0, NaN below.
    public func log() -> Tensor { unary(seg_unary_log) }

    /// The square root; NaN below 0. The gradient at 0 is infinite: add an ε before.
    public func squareRoot() -> Tensor { unary(seg_unary_sqrt) }

    /// `1 / x`.
    public func reciprocal() -> Tensor { unary(seg_unary_reciprocal) }

    /// `x²`.
    public func squared() -> Tensor { unary(seg_unary_square, keepsBlocks: true) }

    /// `|x|`. Gradient 0 at 0.
    public func absolute() -> Tensor { unary(seg_unary_abs, keepsBlocks: true) }

    /// `−x`.
    public static prefix func - (tensor: Tensor) -> Tensor { tensor.unary(seg_unary_negate, keepsBlocks: true) }

    /// - Parameter keepsBlocks: the operation maps 0 to 0, so that unused lanes stay zero.
    private func unary(_ operation: seg_unary, keepsBlocks: Bool = false) -> Tensor {
        let kernels = Kernels.current
        let staysBlocked = keepsBlocks && isBlocked
        let x = staysBlocked ? rawBlocks : denseStorage
        let count = staysBlocked ? BlockedShape(shape).count : shape.count
        let y = Storage(count: count)
        parallel(count) { range in
            kernels.unary(operation, x.pointer + range.lowerBound, y.pointer + range.lowerBound, range.count)
        }
        let shape = shape
        let wrap = { (storage: Storage) -> Tensor in
            staysBlocked ? .blocked(BlockedShape(shape), storage) : Tensor(shape: shape, storage: storage)
        }
        return wrap(y).recorded(from: [self]) { gradient in
            let dy = staysBlocked ? gradient.rawBlocks : gradient.denseStorage
            let dx = Storage(count: count)
            parallel(count) { range in
                let start = range.lowerBound
                kernels.unary_backward(
                    operation,
                    x.pointer + start,
                    y.pointer + start,
                    dy.pointer + start,
                    dx.pointer + start,
                    range.count
                )
            }
            return [wrap(dx)]
        }
    }
}
