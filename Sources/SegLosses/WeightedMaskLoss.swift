import SegCore
public import SegTensor

/// A weighted sum of mask losses. Those that are functions of sums, such as cross-entropy, Dice and Tversky, share one pass
/// over the logits, and their gradients another.
public struct WeightedMaskLoss: Sendable {
    /// The losses with their weights.
    public let parts: [(loss: any MaskLoss, weight: Float)]

    private let summed: [(loss: any SummedMaskLoss, weight: Float)]
    private let others: [(loss: any MaskLoss, weight: Float)]

    /// Throws: ``SegmentationError`` if there is no loss, or a weight is negative or not a number.
    public init(_ parts: [(loss: any MaskLoss, weight: Float)]) throws {
        guard parts.contains(where: { $0.weight > 0 }) else {
            throw SegmentationError("losses", "there is no loss", cure: "name one with a weight above 0")
        }
        for (loss, weight) in parts where !(weight >= 0 && weight.isFinite) {
            throw SegmentationError(
                "losses.\(type(of: loss).name)",
                "\(weight) is out of range",
                cure: "choose a weight of 0 or more"
            )
        }
        self.parts = parts
        var (summed, others): ([(any SummedMaskLoss, Float)], [(any MaskLoss, Float)]) = ([], [])
        for (loss, weight) in parts where weight > 0 {
            if let loss = loss as? any SummedMaskLoss {
                summed.append((loss, weight))
            } else if let entropy = loss as? CrossEntropyLoss, entropy.isPlain {
                summed.append((PlainCrossEntropy(), weight))
            } else {
                others.append((loss, weight))
            }
        }
        self.summed = summed
        self.others = others
    }

    /// The loss of a batch, a scalar; see ``MaskLoss/callAsFunction(_:_:coverage:)``.
    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor? = nil) -> Tensor {
        var terms = others.map { PluginContext.with("loss `\(type(of: $0.loss).name)`", $0, logits, targets, coverage) }
        if !summed.isEmpty { terms.insert(summedLoss(summed, logits, targets, coverage: coverage), at: 0) }
        return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
    }
}

extension PluginContext {
    fileprivate static func with(
        _ label: String,
        _ part: (loss: any MaskLoss, weight: Float),
        _ logits: Tensor,
        _ targets: Tensor,
        _ coverage: Tensor?
    ) -> Tensor {
        with(label) {
            let value = part.loss(logits, targets, coverage: coverage)
            requireOperands(
                value.shape.count == 1,
                "returns a tensor of shape \(value.shape) instead of a scalar",
                cure: "return its mean or sum",
                operation: "loss"
            )
            return value.reshaped(to: []) * part.weight
        }
    }
}
