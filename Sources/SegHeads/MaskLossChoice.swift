import SegCore
import SegLosses
import SegSettings
import SegTensor

/// What heads of masks are trained with: weights of cross-entropy and Dice, or losses by name.
///
/// All pixels of the canvas count, padding too, whatever the loss.
struct MaskLossChoice {
    let crossEntropy: Float
    let dice: Float
    let emptyTargets: EmptyTargetPolicy
    let named: WeightedMaskLoss?

    /// - Parameter named: the losses that the settings name; `nil` where they name none, or where nobody has made them.
    init(_ settings: some MaskLossSettings, _ named: WeightedMaskLoss? = nil) {
        crossEntropy = settings.crossEntropy
        dice = settings.dice
        emptyTargets = settings.emptyTargets
        self.named = named
    }

    /// Throws if settings name losses that nobody has made.
    init(of settings: some MaskLossSettings, made named: WeightedMaskLoss?) throws {
        self.init(settings, named)
        guard named == nil, let first = settings.losses.first else { return }
        throw SegmentationError(
            "losses",
            "`\(first.plugin.name)` is a name that only a registry knows",
            cure: "make the head through a registry, or hand it a WeightedMaskLoss"
        )
    }

    func callAsFunction(_ logits: Tensor, _ masks: Tensor) -> Tensor {
        if let named { return named(logits, masks) }
        return maskLoss(logits, masks, crossEntropy: crossEntropy, dice: dice, emptyTargets: emptyTargets)
    }

    /// Throws if the weights leave no loss, or losses by name stand beside weights that would not be read.
    func validate(_ losses: [WeightedPlugin]) throws {
        for (name, weight) in [("crossEntropy", crossEntropy), ("dice", dice)] where !(weight >= 0 && weight.isFinite) {
            throw SegmentationError(name, "is \(weight)", cure: "use a finite weight of 0 or more")
        }
        guard crossEntropy + dice > 0 else {
            throw SegmentationError(
                "crossEntropy",
                "the weights of cross-entropy (\(crossEntropy)) and Dice (\(dice)) leave no loss",
                cure: "use weights of 0 or more, at least one of them above 0"
            )
        }
        guard losses.isEmpty || (crossEntropy == 1 && dice == 1 && emptyTargets == .smoothed) else {
            throw SegmentationError(
                "losses",
                "they replace crossEntropy, dice and emptyTargets, but one of these is set as well",
                cure: "write `losses: [{name: cross-entropy, weight: …}, {name: dice, weight: …}]` alone"
            )
        }
    }
}
