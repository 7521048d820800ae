import SegTensor

// Small soft blobs break bounds that hold for hard shapes: the circularity of a blurred dot reaches 1.26. A hard clip
// would leave such a blob without a gradient. These bounds leave every legal value as it is, are smooth to the second
// derivative, and fall off by a power: a value ten times beyond the reach still has a thousandth of its gradient, where
// a hyperbolic tangent would have lost all of it.
extension Tensor {
    /// `x` up to the bound, then `bound + e/√(1 + (e/reach)²)` with `e = x − bound`: never above `bound + reach`.
    func smoothlyBounded(above bound: Float, reach: Float = 0.25) -> Tensor {
        let excess = (self - bound).relu()
        return self - excess + excess.bent(reach)
    }

    /// `x` down to the bound, then bent as ``smoothlyBounded(above:reach:)`` does: never below `bound − reach`.
    func smoothlyBounded(below bound: Float, reach: Float = 0.25) -> Tensor {
        let shortfall = (bound - self).relu()
        return self + shortfall - shortfall.bent(reach)
    }

    private func bent(_ reach: Float) -> Tensor { self / ((self / reach).squared() + 1).squareRoot() }
}
