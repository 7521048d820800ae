public import SegTensor

/// Binary cross-entropy plus soft Dice of a predicted mask, each with a weight, in one pass over the logits.
///
/// The same as `crossEntropy · binaryCrossEntropy(x, t) + dice · diceLoss(x.sigmoid(), t, …)`, which passes over the maps
/// operator by operator and keeps what each of them made.
///
/// - Shape: logits and targets `[batch, …]`; the result is a scalar.
/// - Formula: `a · mean(max(x, 0) − x t + log(1 + exp(−|x|))) + b · mean over images of 1 − (2 Σ p t + s) / (Σ p + Σ t + s)`,
///   p the sigmoid of x, s the smoothing.
/// - Edge cases: targets without lesion count by the named policy, as in ``diceLoss(_:_:smoothing:emptyTargets:)``; ends
///   the process if there is no image, or if the shapes differ.
/// - Gradient: with respect to the logits; targets are constants.
/// - Source: the Dice loss is that of ``diceLoss(_:_:smoothing:emptyTargets:)``.
public func maskLoss(
    _ logits: Tensor,
    _ targets: Tensor,
    crossEntropy: Float = 1,
    dice: Float = 1,
    smoothing: Float = 1,
    emptyTargets: EmptyTargetPolicy
) -> Tensor {
    requireOperands(
        logits.shape.rank >= 1 && logits.shape[0] > 0,
        "logits of shape \(logits.shape) are of no image",
        cure: "give at least one"
    )
    let sums = MaskSums(logits, targets, operation: #function)
    let images = 0..<logits.shape[0]
    let smoothing = Double(smoothing)
    let isCounted = images.map { emptyTargets == .smoothed || sums.truth[$0] > 0 }
    let entropyScale = Double(crossEntropy) / Double(logits.shape.count)
    let diceScale = Double(dice) / Double(max(1, isCounted.count { $0 }))
    func parts(_ image: Int) -> (numerator: Double, denominator: Double) {
        (2 * sums.overlap[image] + smoothing, sums.probability[image] + sums.truth[image] + smoothing)
    }
    let value = images.reduce(0.0) { total, image in
        let (numerator, denominator) = parts(image)
        return total + (entropyScale > 0 ? entropyScale * sums.crossEntropy[image] : 0)
            + (isCounted[image] ? diceScale * (1 - numerator / denominator) : 0)
    }
    return Tensor(Float(value)).recorded(from: [logits], operation: "maskLoss") { gradient in
        let upstream = Double(gradient.item)
        return [
            sums.gradient { image in
                let (numerator, denominator) = parts(image)
                let scale = isCounted[image] ? upstream * diceScale / denominator : 0
                return (upstream * entropyScale, scale * numerator / denominator, -2 * scale)
            }
        ]
    }
}
