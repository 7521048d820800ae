import SegTensor

extension BIRADSConsistency.MaskForm {
    /// The mask in which features are measured, from its logits.
    func mask(_ logits: Tensor) -> Tensor {
        switch self {
        case .soft: return logits.sigmoid()
        case .sharpened: return (logits * 4).sigmoid()
        case .binarized:
            let probability = logits.sigmoid()
            let hard = probability.detached.mask { $0 > 0.5 }
            guard probability.isRecorded else { return hard }
            return hard.recorded(from: [probability]) { [$0] }
        }
    }
}

extension BIRADSConsistency.Agreement {
    /// How far the two are apart, from their logits, image by image.
    func disagreement(malignancy: Tensor, prior: Tensor) -> Tensor {
        switch self {
        case .probability: return (malignancy.sigmoid() - prior.sigmoid()).squared()
        case .logit: return (malignancy - prior).squared() * (1 / 16)
        case .kl:
            // φ ln(φ/p̂) + (1 − φ) ln((1 − φ)/(1 − p̂)), in which ln p = −softplus(−x) and ln(1 − p) = −softplus(x).
            return prior.sigmoid() * (prior - malignancy) + malignancy.softplus() - prior.softplus()
        }
    }
}
