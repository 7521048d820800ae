import SegTensor

// Small soft blobs break bounds that hold for hard shapes: the circularity of a blurred dot reaches 1.26. A hard clip
// would leave such a blob without a gradient. These bounds leave every legal value as it is, to the second derivative,
// and bend the others smoothly.
extension Tensor {
    /// `x` up to the bound, then `bound + reach · tanh((x − bound)/reach)`: never above `bound + reach`.
    func smoothlyBounded(above bound: Float, reach: Float = 0.25) -> Tensor {
        let excess = (self - bound).relu()
        return self - excess + (excess / reach).tanh() * reach
    }

    /// `x` down to the bound, then bent as ``smoothlyBounded(above:reach:)`` does: never below `bound − reach`.
    func smoothlyBounded(below bound: Float, reach: Float = 0.25) -> Tensor {
        let shortfall = (bound - self).relu()
        return self + shortfall - (shortfall / reach).tanh() * reach
    }
}
