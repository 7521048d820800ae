public import SegCore
public import SegTensor

/// What the soft Dice of an image without a lesion in its truth counts as.
public enum EmptyTargetPolicy: String, NamedChoice {
    /// The smoothing term decides: close to 1 if nothing is predicted, and a gradient away from false alarms.
    case smoothed
    /// Such images take no part; a batch of nothing else has loss 0.
    case excluded
}

/// One minus the soft Dice coefficient, each image on its own, averaged over the batch.
///
/// - Shape: probabilities and targets `[batch, 1, height, width]`; the result is a scalar.
/// - Formula: `1 − (2 Σ p t + s) / (Σ p + Σ t + s)`, s the smoothing.
/// - Edge cases: a target without lesion counts by the named policy.
/// - Gradient: with respect to the probabilities; targets are constants.
/// - Source: Milletari, Navab & Ahmadi 2016, with linear in place of squared sums in the denominator.
public func diceLoss(
    _ probabilities: Tensor,
    _ targets: Tensor,
    smoothing: Float = 1,
    emptyTargets: EmptyTargetPolicy
) -> Tensor {
    requireOperands(
        probabilities.shape == targets.shape && probabilities.shape.rank >= 1,
        "probabilities of shape \(probabilities.shape) and targets of shape \(targets.shape) do not fit",
        cure: "both must have one shape [batch, …]"
    )
    let axes = Array(1..<probabilities.shape.rank)
    let truth = targets.detached.sum(over: axes)
    let intersection = (probabilities * targets.detached).sum(over: axes)
    let dice = (2 * intersection + smoothing) / (probabilities.sum(over: axes) + truth + smoothing)
    switch emptyTargets {
    case .smoothed:
        return (1 - dice).mean()
    case .excluded:
        let weights = Tensor(truth.values().map { $0 > 0 ? 1 : 0 }, shape: truth.shape)
        let count = max(1, weights.values().reduce(0, +))
        return ((1 - dice) * weights).sum() / count
    }
}

/// Binary cross-entropy of logits, averaged over all values.
///
/// - Shape: any, equal; the result is a scalar.
/// - Gradient: with respect to the logits.
public func binaryCrossEntropy(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    logits.binaryCrossEntropyWithLogits(targets).mean()
}

/// Binary cross-entropy of logits with a weight for each value; the weighted mean.
///
/// - Edge cases: `nil` if all weights are zero.
public func binaryCrossEntropy(_ logits: Tensor, _ targets: Tensor, weights: Tensor) -> Tensor? {
    let total = weights.values().reduce(0, +)
    guard total > 0 else { return nil }
    return (logits.binaryCrossEntropyWithLogits(targets) * weights.detached).sum() / total
}
