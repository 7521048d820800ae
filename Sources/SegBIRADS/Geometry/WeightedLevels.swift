import SegTensor

/// Gray levels where a soft weight says, image by image.
struct WeightedLevels {
    /// Σwi / (Σw + 1), `[batch]`.
    let mean: Tensor
    /// Σw(i − mean)² / (Σw + 1), `[batch]`.
    let variance: Tensor

    /// - Parameters:
    ///   - levels: `[batch, 1, height, width]`.
    ///   - weight: 0 or more, `[batch, 1, height, width]`; one px² is added to its sum, so that no weight gives 0.
    init(_ levels: Tensor, weight: Tensor) {
        let mass = weight.sum(over: [1, 2, 3]) + 1
        let mean = (weight * levels).sum(over: [1, 2, 3]) / mass
        let deviation = levels - mean.reshaped(to: [mean.shape[0], 1, 1, 1])
        self.mean = mean
        variance = (weight * deviation.squared()).sum(over: [1, 2, 3]) / mass
    }
}
