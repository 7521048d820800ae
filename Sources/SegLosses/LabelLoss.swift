public import SegTensor

/// Softmax cross-entropy plus soft Dice of exclusive labels, in one pass over the logits.
///
/// - Shape: logits `[batch, labels, height, width]`, at most 64 labels; classes and coverage `[batch, 1, height, width]`; the
///   result is a scalar.
/// - Parameters:
///   - classes: the number of each pixel's label; one outside of `0..<labels`, such as −1, takes the pixel out.
///   - weights: of each label in the cross-entropy; all 1 if `nil`.
///   - coverage: 1 where a pixel belongs to the image, 0 in the padding.
///   - diceLabels: those whose Dice counts; all but the first, which is the background, if `nil`.
/// - Formula: `a · Σ w c (log Σ exp x − x[t]) / Σ w c + b ·` the mean over images and labels of
///   `1 − (2 Σ c p [t] + s) / (Σ c p + Σ c [t] + s)`, p the softmax of x, c the coverage, s the smoothing.
/// - Edge cases: a label that an image does not show counts by the named policy.
/// - Gradient: with respect to the logits; all else are constants.
public func labelLoss(
    _ logits: Tensor,
    _ classes: Tensor,
    weights: [Float]? = nil,
    coverage: Tensor? = nil,
    crossEntropy: Float = 1,
    dice: Float = 1,
    smoothing: Float = 1,
    diceLabels: [Int]? = nil,
    emptyTargets: EmptyTargetPolicy
) -> Tensor {
    let sums = ClassSums(logits, classes, weights: weights, coverage: coverage, operation: #function)
    let (batch, labels) = (logits.shape[0], logits.shape[1])
    let chosen = diceLabels ?? Array(labels > 1 ? 1..<labels : 0..<1)
    requireOperands(
        chosen.allSatisfy((0..<labels).contains),
        "labels \(chosen) and logits of shape \(logits.shape) do not fit",
        cure: "name labels from 0 to \(labels - 1)"
    )
    let counted = (0..<batch).flatMap { image in
        chosen.filter { emptyTargets == .smoothed || sums.classes[image][$0].truth > 0 }.map {
            (image: image, label: $0)
        }
    }
    let s = Double(smoothing)
    let entropyScale = Double(crossEntropy) / max(sums.weight.reduce(0, +), 1e-12)
    let diceScale = Double(dice) / Double(max(1, counted.count))
    var value = crossEntropy > 0 ? entropyScale * sums.crossEntropy.reduce(0, +) : 0
    let none = Array(repeating: (probability: 0.0, overlap: 0.0), count: labels)
    var gradients = Array(repeating: none, count: batch)
    for (image, label) in counted {
        let own = sums.classes[image][label]
        let (n, d) = (2 * own.overlap + s, max(own.probability + own.truth + s, 1e-12))
        value += diceScale * (1 - n / d)
        gradients[image][label] = (diceScale * n / (d * d), -2 * diceScale / d)
    }
    let final = gradients
    return Tensor(Float(value)).recorded(from: [logits], operation: "labelLoss") { gradient in
        let upstream = Double(gradient.item)
        return [
            sums.gradient { image in
                (upstream * entropyScale, final[image].map { (upstream * $0.probability, upstream * $0.overlap) })
            }
        ]
    }
}
