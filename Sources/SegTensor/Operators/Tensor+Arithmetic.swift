internal import CSegKernels

// Axes align from the last; a length of 1 stretches. Gradients are summed over stretched axes.
extension Tensor {
    public static func + (left: Tensor, right: Tensor) -> Tensor {
        binary(seg_binary_add, left, right) { gradient in (gradient, gradient) }
    }

    public static func - (left: Tensor, right: Tensor) -> Tensor {
        binary(seg_binary_subtract, left, right) { gradient in (gradient, -gradient) }
    }

    public static func * (left: Tensor, right: Tensor) -> Tensor {
        let (a, b) = (left.detached, right.detached)
        return binary(seg_binary_multiply, left, right) { gradient in (gradient * b, gradient * a) }
    }

    public static func / (left: Tensor, right: Tensor) -> Tensor {
        let (a, b) = (left.detached, right.detached)
        return binary(seg_binary_divide, left, right) { gradient in
            let part = gradient / b
            return (part, -(part * a / b))
        }
    }

    public static func + (left: Tensor, right: Float) -> Tensor { left + Tensor(right) }
    public static func - (left: Tensor, right: Float) -> Tensor { left - Tensor(right) }
    public static func * (left: Tensor, right: Float) -> Tensor { left * Tensor(right) }
    public static func / (left: Tensor, right: Float) -> Tensor { left * Tensor(1 / right) }
    public static func + (left: Float, right: Tensor) -> Tensor { Tensor(left) + right }
    public static func - (left: Float, right: Tensor) -> Tensor { Tensor(left) - right }
    public static func * (left: Float, right: Tensor) -> Tensor { Tensor(left) * right }
    public static func / (left: Float, right: Tensor) -> Tensor { Tensor(left) / right }

    /// The larger of two values. Where they are equal the gradient goes to `left`.
    public static func maximum(_ left: Tensor, _ right: Tensor) -> Tensor {
        let choice = selection(left, right) { $0 >= $1 }
        return binary(seg_binary_maximum, left, right) { gradient in (gradient * choice, gradient * (1 - choice)) }
    }

    /// The smaller of two values. Where they are equal the gradient goes to `left`.
    public static func minimum(_ left: Tensor, _ right: Tensor) -> Tensor {
        let choice = selection(left, right) { $0 <= $1 }
        return binary(seg_binary_minimum, left, right) { gradient in (gradient * choice, gradient * (1 - choice)) }
    }

    /// 1 where the predicate holds of two values, else 0, over the common shape; constant.
    private static func selection(_ left: Tensor, _ right: Tensor, _ predicate: (Float, Float) -> Bool) -> Tensor {
        guard left.isRecorded || right.isRecorded, let shape = Shape.broadcast(left.shape, right.shape) else {
            return Tensor(0)
        }
        let a = left.detached.broadcast(to: shape).values()
        let b = right.detached.broadcast(to: shape).values()
        return Tensor(zip(a, b).map { predicate($0, $1) ? 1 : 0 }, shape: shape)
    }

    private static func binary(
        _ operation: seg_binary,
        _ left: Tensor,
        _ right: Tensor,
        name: StaticString = #function,
        pullback: @escaping (Tensor) -> (Tensor, Tensor)
    ) -> Tensor {
        guard let shape = Shape.broadcast(left.shape, right.shape) else {
            OperandFailure.end(
                "shapes \(left.shape) and \(right.shape) do not fit",
                cure: "axes align from the last and must be equal or 1",
                operation: name
            )
        }
        // Only what a gradient needs is kept.
        let (leftShape, rightShape) = (left.isRecorded ? left.shape : nil, right.isRecorded ? right.shape : nil)
        return computed(operation, left, right, shape).recorded(
            from: [left, right],
            as: TracedOperation(operation),
            operation: name
        ) { gradient in
            let (a, b) = pullback(gradient)
            return [leftShape.map(a.reduced), rightShape.map(b.reduced)]
        }
    }

    private static func computed(_ operation: seg_binary, _ left: Tensor, _ right: Tensor, _ shape: Shape) -> Tensor {
        let kernels = Kernels.current
        if left.shape == right.shape, left.isBlocked, right.isBlocked, operation != seg_binary_divide {
            // Zero lanes stay zero under all operations but division.
            let geometry = BlockedShape(shape)
            let a = left.rawBlocks
            let b = right.rawBlocks
            let y = Storage(count: geometry.count)
            parallel(geometry.count) { range in
                let start = range.lowerBound
                kernels.binary(
                    operation,
                    a.pointer + start,
                    b.pointer + start,
                    seg_scalar_none,
                    y.pointer + start,
                    range.count
                )
            }
            return .blocked(geometry, y)
        }
        let a = left.denseStorage
        let b = right.denseStorage
        let y = Storage(count: shape.count)
        let plan = BroadcastPlan(left.shape, right.shape, shape)
        let runs = plan.innerCount == 0 ? 0 : shape.count / plan.innerCount
        if runs == 1 {
            parallel(plan.innerCount) { range in
                let start = range.lowerBound
                kernels.binary(
                    operation,
                    a.pointer + (plan.scalar == .left ? 0 : start),
                    b.pointer + (plan.scalar == .right ? 0 : start),
                    plan.scalar.kernelValue,
                    y.pointer + start,
                    range.count
                )
            }
        } else if runs > 1 {
            let runsPerTask = max(1, (1 << 14) / plan.innerCount)
            WorkerPool.current.run((runs + runsPerTask - 1) / runsPerTask) { task, _ in
                for run in task * runsPerTask..<min(runs, (task + 1) * runsPerTask) {
                    let (i, j) = plan.offsets(run)
                    kernels.binary(
                        operation,
                        a.pointer + i,
                        b.pointer + j,
                        plan.scalar.kernelValue,
                        y.pointer + run * plan.innerCount,
                        plan.innerCount
                    )
                }
            }
        }
        return Tensor(shape: shape, storage: y)
    }

    /// This tensor stretched to a larger shape.
    ///
    /// - Gradient: summed over the stretched axes.
    public func broadcast(to target: Shape) -> Tensor {
        if shape == target { return self }
        requireOperands(
            Shape.broadcast(shape, target) == target,
            "shape \(shape) does not stretch to \(target)",
            cure: "axes align from the last, and only those of length 1 stretch"
        )
        return self + Tensor.zeros(target)
    }

    /// Sums over the axes along which `target` was stretched to this shape.
    func reduced(to target: Shape) -> Tensor {
        if shape == target { return self }
        let extra = shape.rank - target.rank
        let axes = (0..<shape.rank).filter { $0 < extra || (target[$0 - extra] == 1 && shape[$0] != 1) }
        return sum(over: axes).reshaped(to: target)
    }
}

extension TracedOperation {
    fileprivate init(_ operation: seg_binary) {
        switch operation {
        case seg_binary_add: self = .add
        case seg_binary_subtract: self = .subtract
        case seg_binary_multiply: self = .multiply
        case seg_binary_divide: self = .divide
        case seg_binary_maximum: self = .maximum
        case seg_binary_minimum: self = .minimum
        default: self = .other("binary \(operation.rawValue)")
        }
    }
}

/// Which operand is a single value along the innermost run.
private enum ScalarSide {
    case neither, left, right

    var kernelValue: seg_scalar_side {
        switch self {
        case .neither: seg_scalar_none
        case .left: seg_scalar_left
        case .right: seg_scalar_right
        }
    }
}

/// A broadcast operation as a sequence of runs along which both operands are contiguous or constant.
private struct BroadcastPlan {
    var innerCount = 1
    var scalar = ScalarSide.neither
    /// Outer axes, outermost first: length and each operand's stride.
    var outer: [(length: Int, left: Int, right: Int)] = []

    init(_ left: Shape, _ right: Shape, _ result: Shape) {
        let rank = result.rank
        func strides(_ shape: Shape) -> [Int] {
            let own = shape.strides
            return (0..<rank).map { axis in
                let index = axis - (rank - shape.rank)
                return index < 0 || shape[index] == 1 ? 0 : own[index]
            }
        }
        let a = strides(left)
        let b = strides(right)
        // 0: the axis is constant for that operand. An axis of length 1 fits any kind.
        var axis = rank - 1
        var kind: (Bool, Bool)?
        while axis >= 0 {
            if result[axis] > 1 {
                let here = (a[axis] != 0, b[axis] != 0)
                if let kind, kind != here { break }
                kind = here
                innerCount *= result[axis]
            }
            axis -= 1
        }
        if let kind { scalar = kind.0 ? (kind.1 ? .neither : .right) : (kind.1 ? .left : .neither) }
        if axis >= 0 { outer = (0...axis).map { (result[$0], a[$0], b[$0]) } }
        if result.count == 0 { innerCount = 0 }
    }

    func offsets(_ run: Int) -> (Int, Int) {
        var rest = run
        var left = 0
        var right = 0
        for axis in outer.reversed() {
            let (quotient, index) = rest.quotientAndRemainder(dividingBy: axis.length)
            left += index * axis.left
            right += index * axis.right
            rest = quotient
        }
        return (left, right)
    }
}
