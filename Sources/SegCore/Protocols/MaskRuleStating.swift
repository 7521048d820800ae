/// A data set whose masks are files read by one rule, so that a check can compare their values with it.
public protocol MaskRuleStating: DocumentedDataset {
    /// Which pixels of a mask file are lesion.
    var maskRule: MaskRule { get }

    /// Values of mask files other than 0 that are known not to be lesion. Default: none.
    var otherMaskValues: Set<Int> { get }

    /// Whether a configuration can set the rule, by `maskRule`, `labels` and `otherLabels`. Default: no.
    var isMaskRuleSetting: Bool { get }
}

extension MaskRuleStating {
    public var otherMaskValues: Set<Int> { [] }

    public var isMaskRuleSetting: Bool { false }
}

extension MaskRule {
    /// As configurations write it.
    public var name: String {
        switch self {
        case .bright: "bright"
        case .nonzero: "nonzero"
        case .labels(let labels): "labels \(labels.sorted())"
        }
    }
}
