import Foundation
import SegTensor

/// Grey levels where a soft weight says, image by image.
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

extension SoftLesion {
    /// Grey levels within the lesion.
    var inside: WeightedLevels { WeightedLevels(intensities, weight: mask) }

    /// Grey levels in the rim around the lesion, `max(0, G∗m − m)` where the image is, G a Gaussian of standard deviation
    /// 0.04 of the longer side.
    var rim: WeightedLevels {
        let around = (mask.smoothed(sigma: 0.04 * Float(max(height, width))) - mask).relu() * coverage
        return WeightedLevels(intensities, weight: around)
    }
}

extension Tensor {
    /// A Gaussian blur of one-channel images, 0 beyond the border, cut off at two deviations.
    func smoothed(sigma: Float) -> Tensor {
        let radius = max(1, Int((2 * sigma).rounded(.up)))
        let taps = (-radius...radius).map { Foundation.exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sum = taps.reduce(0, +)
        let kernel = taps.map { $0 / sum }
        var result = Tensor.zeros(shape)
        for (index, tap) in kernel.enumerated() { result = result + shifted(dx: index - radius, dy: 0) * tap }
        var both = Tensor.zeros(shape)
        for (index, tap) in kernel.enumerated() { both = both + result.shifted(dx: 0, dy: index - radius) * tap }
        return both
    }
}
