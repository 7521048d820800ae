internal import CSegKernels

extension Tensor {
    /// `max(0, x)`. Gradient 0 at 0. On a normalization's output it stays pending: the next reader applies both.
    public func relu() -> Tensor { gated(.relu) ?? unary(seg_unary_relu, keepsBlocks: true) }

    /// `min(max(0, x), 6)`. Gradient 0 at 0 and at 6. Stays pending on a normalization's output, as ``relu()`` does.
    public func relu6() -> Tensor { gated(.relu6) ?? unary(seg_unary_relu6, keepsBlocks: true) }

    /// A normalization's output with a gate behind it, nothing computed; `nil` for other tensors.
    private func gated(_ gate: Gate) -> Tensor? {
        // Only if nothing was recorded in between: an operator of a user's own may have wrapped the same body.
        guard case .blocked(let body) = body, case .normalized(let normalization, .none) = body.reading,
            node == nil || node === normalization.node, OperatorTrace.current == nil
        else { return nil }
        return node == nil ? withoutGradients { normalization.output(gate) } : normalization.output(gate)
    }

    /// `1 / (1 + exp(−x))`, exact in both tails.
    public func sigmoid() -> Tensor { unary(seg_unary_sigmoid) }

    /// `log(1 + exp(x))`, exact in both tails.
    public func softplus() -> Tensor { unary(seg_unary_softplus) }

    /// `tanh x`.
    public func tanh() -> Tensor { unary(seg_unary_tanh) }

    /// `x · sigmoid(x)`, also called swish.
    ///
    /// - Source: Elfwing, Uchibe & Doya 2018.
    public func silu() -> Tensor { activated(.silu) ?? unary(seg_unary_silu, keepsBlocks: true) }

    /// `x · Φ(x)`, Φ the normal distribution's cumulative probability: the exact form, not the one by tanh.
    ///
    /// - Source: Hendrycks & Gimpel 2016.
    public func gelu() -> Tensor { activated(.gelu) ?? unary(seg_unary_gelu, keepsBlocks: true) }

    /// Blocks with an activation pending on them, where its result would be kept for the gradients of its readers: they compute it
    /// twice then, and a third of what a ConvNeXt keeps is left out. `nil` for others: values that are kept once more anyway,
    /// because a normalization is pending on them, and those that no gradient needs.
    private func activated(_ activation: LateActivation, name: StaticString = #function) -> Tensor? {
        guard isRecorded, Recording.isOn, case .blocked(let body) = body, case .raw = body.reading,
            body.precision == .float32
        else { return nil }
        let geometry = BlockedShape(shape)
        let x = body.storage
        let result = Tensor(shape: shape, body: .blocked(BlockedBody(x, .activated(activation))))
        let kernels = Kernels.current
        let operation = activation.operation
        return result.recorded(from: [self], as: TracedOperation(operation), operation: name) { gradient in
            let dy = gradient.rawBlocks
            let dx = Storage(count: geometry.count)
            parallel(geometry.count) { range in
                let start = range.lowerBound
                // Of its gradient too, only the operand is needed.
                kernels.unary_backward(
                    operation,
                    x.pointer + start,
                    x.pointer + start,
                    dy.pointer + start,
                    dx.pointer + start,
                    range.count
                )
            }
            return [.blocked(geometry, dx)]
        }
    }

    /// `x`, or `slope · x` below 0. Gradient `slope` at 0.
    ///
    /// - Source: Maas, Hannun & Ng 2013.
    public func leakyRelu(slope: Float = 0.01) -> Tensor {
        let kernels = Kernels.current
        return elementwise(
            keepsBlocks: true,
            as: .leakyRelu(slope: slope),
            { kernels.leaky_relu(slope, $0, $1, $2) },
            gradient: { x, _, dy, dx, count in kernels.leaky_relu_backward(slope, x, dy, dx, count) }
        )
    }

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

    private func unary(
        _ operation: seg_unary,
        keepsBlocks: Bool = false,
        name: StaticString = #function
    ) -> Tensor {
        let kernels = Kernels.current
        return elementwise(
            keepsBlocks: keepsBlocks,
            as: TracedOperation(operation),
            name: name,
            { kernels.unary(operation, $0, $1, $2) },
            gradient: { kernels.unary_backward(operation, $0, $1, $2, $3, $4) }
        )
    }

    private typealias Values = UnsafeMutablePointer<Float>

    /// - Parameters:
    ///   - keepsBlocks: the operation maps 0 to 0, so that unused lanes stay zero.
    ///   - function: from operand to result, so many values.
    ///   - gradient: from operand, result and the result's gradient to the operand's.
    private func elementwise(
        keepsBlocks: Bool,
        as traced: @autoclosure () -> TracedOperation,
        name: StaticString = #function,
        _ function: (_ x: Values, _ y: Values, Int) -> Void,
        gradient: @escaping (_ x: Values, _ y: Values, _ dy: Values, _ dx: Values, Int) -> Void
    ) -> Tensor {
        let staysBlocked = keepsBlocks && isBlocked
        let x = storage(isBlocked: staysBlocked)
        let count = staysBlocked ? BlockedShape(shape).count : shape.count
        let y = Storage(count: count)
        parallel(count) { range in
            function(x.pointer + range.lowerBound, y.pointer + range.lowerBound, range.count)
        }
        let shape = shape
        return Self.wrapped(y, shape, isBlocked: staysBlocked).recorded(
            from: [self],
            as: traced(),
            operation: name
        ) { upstream in
            let dy = upstream.storage(isBlocked: staysBlocked)
            let dx = Storage(count: count)
            parallel(count) { range in
                let start = range.lowerBound
                gradient(
                    x.pointer + start,
                    y.pointer + start,
                    dy.pointer + start,
                    dx.pointer + start,
                    range.count
                )
            }
            return [Tensor.wrapped(dx, shape, isBlocked: staysBlocked)]
        }
    }

    /// Not inlined: a compiler that is asked to look for races fails at the choice within a function that keeps its result for
    /// closures.
    @inline(never)
    private func storage(isBlocked: Bool) -> Storage { isBlocked ? rawBlocks : denseStorage }

    private static func wrapped(_ storage: Storage, _ shape: Shape, isBlocked: Bool) -> Tensor {
        isBlocked ? .blocked(BlockedShape(shape), storage) : Tensor(shape: shape, storage: storage)
    }
}

extension TracedOperation {
    fileprivate init(_ operation: seg_unary) {
        switch operation {
        case seg_unary_relu: self = .relu
        case seg_unary_relu6: self = .relu6
        case seg_unary_sigmoid: self = .sigmoid
        case seg_unary_softplus: self = .softplus
        case seg_unary_tanh: self = .tanh
        case seg_unary_silu: self = .silu
        case seg_unary_gelu: self = .gelu
        case seg_unary_exp: self = .exp
        case seg_unary_log: self = .log
        case seg_unary_sqrt: self = .squareRoot
        case seg_unary_reciprocal: self = .reciprocal
        case seg_unary_square: self = .squared
        case seg_unary_abs: self = .absolute
        case seg_unary_negate: self = .negated
        default: self = .other("unary \(operation.rawValue)")
        }
    }
}
