import SegCore
import SegLosses
import SegTensor

extension Outputs.Key {
    /// Logits of labels, `[batch, channels, height, width]`: of exclusive ones the background's first, else one for each.
    static let labels: Outputs.Key = "labels"
}

/// What a head does with logits of several labels.
extension LabelSet {
    /// Channels of the logits.
    var channels: Int { isExclusive ? names.count + 1 : names.count }

    /// The channel of a label.
    private func channel(_ index: Int) -> Int { isExclusive ? index + 1 : index }

    /// The probability of each label, `[batch, labels, height, width]`.
    func probability(_ logits: Tensor) -> Tensor {
        isExclusive ? logits.softmax().sliced(1, 1..<channels) : logits.sigmoid()
    }

    /// Logits of the lesion, whose sigmoid is the probability that a pixel has one of the lesion's labels.
    ///
    /// - Shape: `[batch, 1, height, width]`.
    /// - Formula: `log Σ exp x` over the lesion's labels less the same over all others, of exclusive labels; else the
    ///   largest x of the lesion's labels.
    func lesionLogits(_ logits: Tensor) -> Tensor {
        let own = names.indices.filter { lesion.contains(names[$0]) }.map(channel)
        guard isExclusive else {
            let chosen = logits.channels(own)
            return own.count == 1 ? chosen : chosen.maximum(over: [1], keepingAxes: true)
        }
        return logOdds(of: own, logits)
    }

    /// `log Σ exp x` over some channels of exclusive labels less the same over all others.
    private func logOdds(of own: [Int], _ logits: Tensor) -> Tensor {
        logits.channels(own).logSumExp() - logits.channels((0..<channels).filter { !own.contains($0) }).logSumExp()
    }

    /// Losses of one mask, for each label against all else: their mean over images and labels.
    ///
    /// - Formula: of exclusive labels a label's logit is its log odds, `x_k − log Σ exp x` over the others and the
    ///   background, whose sigmoid is the softmax.
    ///
    /// - Edge cases: where masks of exclusive labels overlap, the label named first counts.
    func loss(_ logits: Tensor, _ batch: Batch, _ losses: WeightedMaskLoss) -> Tensor {
        var masks = names.map { mask(of: $0, batch) }
        var logits = logits
        if isExclusive {
            var isFree = Tensor([Float](repeating: 1, count: batch.masks.shape.count), shape: batch.masks.shape)
            for index in masks.indices {
                let own = masks[index] * isFree
                isFree = isFree - own
                masks[index] = own
            }
            logits = Tensor.concatenated(names.indices.map { logOdds(of: [channel($0)], logits) })
        }
        let images: Shape = [batch.count * names.count, 1, batch.masks.shape[2], batch.masks.shape[3]]
        return losses(logits.reshaped(to: images), Tensor.concatenated(masks).reshaped(to: images))
    }

    /// Cross-entropy plus soft Dice: of exclusive labels by softmax, in one pass; of others each by its sigmoid.
    ///
    /// - Edge cases: where masks of exclusive labels overlap, as a resized border's pixel may, the label named first
    ///   counts.
    func loss(
        _ logits: Tensor,
        _ batch: Batch,
        crossEntropy: Float,
        dice: Float,
        emptyTargets: EmptyTargetPolicy
    ) -> Tensor {
        let masks = names.map { mask(of: $0, batch) }
        guard isExclusive else {
            let targets = Tensor.concatenated(masks)
            let images: Shape = [batch.count * names.count, 1, targets.shape[2], targets.shape[3]]
            return maskLoss(
                logits.reshaped(to: images),
                targets.reshaped(to: images),
                crossEntropy: crossEntropy,
                dice: dice,
                emptyTargets: emptyTargets
            )
        }
        var classes = [Float](repeating: 0, count: batch.masks.shape.count)
        for (index, mask) in masks.enumerated().reversed() {
            for (pixel, value) in mask.values().enumerated() where value >= 0.5 { classes[pixel] = Float(index + 1) }
        }
        return labelLoss(
            logits,
            Tensor(classes, shape: batch.masks.shape),
            crossEntropy: crossEntropy,
            dice: dice,
            emptyTargets: emptyTargets
        )
    }

    private func mask(of name: String, _ batch: Batch) -> Tensor {
        guard let mask = batch.mask(of: name) else {
            OperandFailure.end(
                "the data set does not have the label `\(name)`, only "
                    + (["lesion"] + batch.labels.keys.sorted()).map { "`\($0)`" }.joined(separator: ", "),
                cure: "name labels of the data set in the head's `labels`",
                operation: "loss"
            )
        }
        return mask
    }
}

extension Tensor {
    /// Some of the channels, in that order.
    fileprivate func channels(_ chosen: [Int]) -> Tensor {
        Tensor.concatenated(chosen.map { sliced(1, $0..<$0 + 1) })
    }

    /// `log Σ exp x` over the channels, the largest x taken away first.
    fileprivate func logSumExp() -> Tensor {
        guard shape[1] > 1 else { return self }
        let largest = detached.maximum(over: [1], keepingAxes: true)
        return (self - largest).exp().sum(over: [1], keepingAxes: true).log() + largest
    }
}
