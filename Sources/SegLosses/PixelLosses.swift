public import SegCore
public import SegTensor

/// Binary cross-entropy of each pixel, averaged.
public struct CrossEntropyLoss: MaskLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Weight of lesion pixels relative to the others'.
        public var lesionWeight: Float = 1
        /// Moves targets from 0 and 1 toward ½ by this share.
        public var labelSmoothing: Float = 0

        public static let meanings: [String: SettingMeaning] = [
            "lesionWeight": "Weight of lesion pixels relative to the others'",
            "labelSmoothing": "Moves targets from 0 and 1 toward ½ by this share",
        ]
        public init() {}
        public func validate() throws {
            try require("lesionWeight", lesionWeight, in: 0...1000)
            try require("labelSmoothing", labelSmoothing, in: 0...1)
        }
    }

    public static let name = "cross-entropy"
    public static let summary = "Binary cross-entropy of each pixel, with label smoothing and a weight of lesions"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    /// Whether it is a function of the plain sums.
    var isPlain: Bool { settings.lesionWeight == 1 && settings.labelSmoothing == 0 }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        if isPlain { return summedLoss([(PlainCrossEntropy(), 1)], logits, targets, coverage: coverage) }
        let weights = (targets.detached * (settings.lesionWeight - 1) + 1) * (coverage?.detached ?? Tensor(1))
        let smooth = targets.detached * (1 - settings.labelSmoothing) + settings.labelSmoothing / 2
        let losses = logits.binaryCrossEntropyWithLogits(smooth) * weights
        return losses.sum() / max(coverage?.sum().item ?? Float(logits.shape.count), 1)
    }
}

/// The cross-entropy as a function of sums.
struct PlainCrossEntropy: SummedMaskLoss {
    static let name = CrossEntropyLoss.name
    static let summary = CrossEntropyLoss.summary

    init(_ settings: NoSettings = NoSettings()) {}

    func value(of images: [RegionSums]) -> (value: Double, gradients: [RegionGradient]) {
        let share = 1 / max(images.reduce(0) { $0 + $1.pixels }, 1)
        let total = images.reduce(0) { $0 + $1.crossEntropy }
        return (share * total, images.map { _ in RegionGradient(crossEntropy: share) })
    }
}

/// Cross-entropy in which pixels that are predicted well weigh little.
///
/// - Formula: `α (1 − q)^γ · cross-entropy`, q the probability given to the truth, α for lesion pixels and 1 − α for the
///   others; averaged.
/// - Source: Lin et al. 2017.
public struct FocalLoss: MaskLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The power; 0 is the cross-entropy, weighted.
        public var gamma: Float = 2
        /// The share of the weight that lesion pixels get.
        public var alpha: Float = 0.25

        public static let meanings: [String: SettingMeaning] = [
            "gamma": SettingMeaning("The power; 0 is the weighted cross-entropy", range: "0, or 1 to 10"),
            "alpha": "The share of the weight that lesion pixels get",
        ]
        public init() {}
        public func validate() throws {
            guard gamma == 0 || (1...10).contains(gamma) else {
                throw SegmentationError("gamma", "is \(gamma)", cure: "use 0, or a value from 1 to 10")
            }
            try require("alpha", alpha, in: 0...1)
        }
    }

    public static let name = "focal"
    public static let summary = "Cross-entropy in which pixels that are predicted well weigh little"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        let truth = targets.detached
        let entropy = logits.binaryCrossEntropyWithLogits(truth)
        let p = logits.sigmoid()
        // One minus the probability of the truth; linear in the target, so that soft ones have a meaning.
        let miss = p + truth - 2 * (p * truth)
        let weights = (truth * (2 * settings.alpha - 1) + (1 - settings.alpha)) * (coverage?.detached ?? Tensor(1))
        let focus = settings.gamma == 0 ? Tensor(1) : miss.raised(to: settings.gamma)
        return (focus * entropy * weights).sum() / max(coverage?.sum().item ?? Float(logits.shape.count), 1)
    }
}
