internal import CSegKernels

extension Tensor {
    /// The sum of all values, a scalar.
    public func sum() -> Tensor { sum(over: Array(0..<shape.rank)).reshaped(to: []) }

    /// The mean of all values, a scalar. NaN if there are none.
    public func mean() -> Tensor { sum() / Float(shape.count) }

    /// The sum over some axes.
    ///
    /// - Parameters:
    ///   - axes: any of the tensor's axes, negative ones counted from the last.
    ///   - keepingAxes: leaves the summed axes in place with length 1.
    public func sum(over axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let summed = Set(axes.map(shape.resolved))
        let kept = Shape((0..<shape.rank).map { summed.contains($0) ? 1 : shape[$0] })
        let result = Shape(keepingAxes ? kept.axes : (0..<shape.rank).filter { !summed.contains($0) }.map { shape[$0] })
        guard !summed.isEmpty else { return self }
        let whole = shape
        return Tensor(shape: result, storage: Reduction(shape, summed).sum(denseStorage)).recorded(
            from: [self],
            as: .sum(axes: summed.sorted(), keepsAxes: keepingAxes)
        ) {
            [$0.reshaped(to: kept).broadcast(to: whole)]
        }
    }

    /// The mean over some axes.
    public func mean(over axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let count = Set(axes.map(shape.resolved)).reduce(1) { $0 * shape[$1] }
        return sum(over: axes, keepingAxes: keepingAxes) / Float(count)
    }

    /// The largest value over some axes.
    ///
    /// - Gradient: shared equally by all values that are largest.
    public func maximum(over axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let reduced = Set(axes.map(shape.resolved))
        guard !reduced.isEmpty else { return self }
        requireOperands(
            reduced.allSatisfy { shape[$0] > 0 },
            "shape \(shape) has an empty axis, which has no maximum",
            cure: "leave such tensors out"
        )
        let kept = Shape((0..<shape.rank).map { reduced.contains($0) ? 1 : shape[$0] })
        let result = Shape(
            keepingAxes ? kept.axes : (0..<shape.rank).filter { !reduced.contains($0) }.map { shape[$0] }
        )
        let input = detached
        let largest = Tensor(shape: kept, storage: Reduction(shape, reduced).maximum(denseStorage))
        return Tensor(shape: result, storage: largest.denseStorage).recorded(
            from: [self],
            as: .largest(axes: reduced.sorted(), keepsAxes: keepingAxes)
        ) { gradient in
            let top = largest.broadcast(to: input.shape).values()
            let hits = Tensor(zip(input.values(), top).map { $0 == $1 ? 1 : 0 }, shape: input.shape)
            let share = gradient.reshaped(to: kept) / hits.sum(over: Array(reduced), keepingAxes: true)
            return [hits * share]
        }
    }
}

/// A reduction as loops over kept and reduced axes, innermost contiguous where possible.
private struct Reduction {
    private var kept: [(length: Int, stride: Int)] = []
    private var reduced: [(length: Int, stride: Int)] = []
    private let resultCount: Int

    init(_ shape: Shape, _ axes: Set<Int>) {
        let strides = shape.strides
        for axis in 0..<shape.rank where shape[axis] != 1 {
            let entry = (length: shape[axis], stride: strides[axis])
            // Neighboring axes of one kind are one axis.
            func add(_ list: inout [(length: Int, stride: Int)]) {
                if let last = list.last, last.stride == entry.length * entry.stride {
                    list[list.count - 1] = (last.length * entry.length, entry.stride)
                } else {
                    list.append(entry)
                }
            }
            if axes.contains(axis) { add(&reduced) } else { add(&kept) }
        }
        resultCount = kept.reduce(1) { $0 * $1.length }
    }

    func sum(_ x: Storage) -> Storage {
        let kernels = Kernels.current
        let result = Storage(count: resultCount)
        let inner = reduced.last ?? (1, 1)
        let outer = reduced.dropLast()
        let outerCount = outer.reduce(1) { $0 * $1.length }
        // A long sum is cut into pieces of fixed size, added in double and in order.
        let grain = 1 << 14
        let pieces = inner.stride == 1 ? Swift.max(1, (inner.length + grain - 1) / grain) : 1
        let partials = UnsafeMutablePointer<Double>.allocate(capacity: Swift.max(1, resultCount * pieces))
        defer { partials.deallocate() }
        // Each task writes the sums that are its own.
        nonisolated(unsafe) let partial = partials
        let tasksPerResult = pieces
        let perTask = Swift.max(1, grain / Swift.max(1, inner.length * outerCount))
        let tasks = tasksPerResult == 1 ? (resultCount + perTask - 1) / perTask : resultCount * pieces
        WorkerPool.current.run(tasks) { task, _ in
            let range: Range<Int>
            let piece: Int
            if tasksPerResult == 1 {
                range = task * perTask..<Swift.min(resultCount, (task + 1) * perTask)
                piece = 0
            } else {
                range = task / pieces..<task / pieces + 1
                piece = task % pieces
            }
            for index in range {
                let base = x.pointer + Self.offset(index, self.kept)
                var total = 0.0
                for row in 0..<outerCount {
                    let start = base + Self.offset(row, Array(outer))
                    if inner.stride == 1 {
                        let first = piece * grain
                        let count = tasksPerResult == 1 ? inner.length : Swift.min(grain, inner.length - first)
                        total += Double(kernels.sum(start + first, count))
                    } else {
                        for step in 0..<inner.length { total += Double(start[step * inner.stride]) }
                    }
                }
                partial[index * pieces + piece] = total
            }
        }
        for index in 0..<resultCount {
            var total = 0.0
            for piece in 0..<pieces { total += partials[index * pieces + piece] }
            result.pointer[index] = Float(total)
        }
        return result
    }

    func maximum(_ x: Storage) -> Storage {
        let result = Storage(count: resultCount)
        let inner = reduced.last ?? (1, 1)
        let outer = Array(reduced.dropLast())
        let outerCount = outer.reduce(1) { $0 * $1.length }
        parallel(resultCount, grain: Swift.max(1, (1 << 14) / Swift.max(1, inner.length * outerCount))) { range in
            for index in range {
                let base = x.pointer + Self.offset(index, self.kept)
                var largest = -Float.infinity
                for row in 0..<outerCount {
                    let start = base + Self.offset(row, outer)
                    for step in 0..<inner.length {
                        let value = start[step * inner.stride]
                        // NaN is larger than everything, so that it is noticed.
                        if value > largest || value.isNaN { largest = value }
                        if largest.isNaN { break }
                    }
                    if largest.isNaN { break }
                }
                result.pointer[index] = largest
            }
        }
        return result
    }

    private static func offset(_ index: Int, _ axes: [(length: Int, stride: Int)]) -> Int {
        var rest = index
        var offset = 0
        for axis in axes.reversed() {
            let (quotient, position) = rest.quotientAndRemainder(dividingBy: axis.length)
            offset += position * axis.stride
            rest = quotient
        }
        return offset
    }
}
