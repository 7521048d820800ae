public import SegCore

/// What decides, on the validation part, which epoch's weights are kept.
public enum SelectionMetric: String, NamedChoice {
    /// Mean Dice over images with a lesion, in native pixels, cut at one half; a miss counts 0.
    case dice
    /// AUROC of malignancy over images with a lesion.
    case auroc
    /// The mean of the two.
    case mean
    /// The last epoch wins, whatever validation says.
    case last

    var needsDice: Bool { self == .dice || self == .mean }
    var needsAUROC: Bool { self == .auroc || self == .mean }
}
