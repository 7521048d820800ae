extension Tensor {
    /// Values below the range become its lower bound, values above its upper bound. NaN stays NaN.
    ///
    /// - Gradient: 1 within the range, bounds included, else 0.
    public func clamped(to range: ClosedRange<Float>) -> Tensor {
        let input = detached
        let (lower, upper) = (range.lowerBound, range.upperBound)
        return mapped { $0 < lower ? lower : $0 > upper ? upper : $0 }.recorded(
            from: [self],
            as: .clamp(lower: lower, upper: upper)
        ) { gradient in
            [gradient.kept(where: input) { $0 >= lower && $0 <= upper }]
        }
    }

    /// 1 where the predicate holds, else 0: a constant mask, without history.
    public func mask(where predicate: (Float) -> Bool) -> Tensor { mapped { predicate($0) ? 1 : 0 } }

    /// The values of `other` where `mask` is not 0, elsewhere this tensor's.
    ///
    /// Unlike a product with the mask, what is not chosen does not matter, be it infinite or NaN, nor does its gradient.
    ///
    /// - Shape: all three stretch to their common shape.
    /// - Gradient: to whichever operand was chosen; the mask is a constant.
    public func replacing(with other: Tensor, where mask: Tensor) -> Tensor {
        guard let pair = Shape.broadcast(shape, other.shape), let common = Shape.broadcast(pair, mask.shape) else {
            OperandFailure.end(
                "shapes \(shape), \(other.shape) and the mask's \(mask.shape) do not fit",
                cure: "axes align from the last and must be equal or 1"
            )
        }
        let left = broadcast(to: common)
        let right = other.broadcast(to: common)
        let choice = mask.detached.broadcast(to: common)
        let a = left.denseStorage
        let b = right.denseStorage
        let m = choice.denseStorage
        let y = Storage(count: common.count)
        parallel(common.count) { range in
            for index in range { y.pointer[index] = m.pointer[index] != 0 ? b.pointer[index] : a.pointer[index] }
        }
        return Tensor(shape: common, storage: y).recorded(from: [left, right, choice], as: .choice) { gradient in
            [gradient.kept(where: choice) { $0 == 0 }, gradient.kept(where: choice) { $0 != 0 }, nil]
        }
    }

    /// These values where the predicate holds of `condition`, which has the same shape; elsewhere 0.
    private func kept(where condition: Tensor, _ predicate: (Float) -> Bool) -> Tensor {
        let x = denseStorage
        let c = condition.denseStorage
        let y = Storage(count: shape.count)
        parallel(shape.count) { range in
            for index in range { y.pointer[index] = predicate(c.pointer[index]) ? x.pointer[index] : 0 }
        }
        return Tensor(shape: shape, storage: y)
    }
}
