import SegCore
import SegLosses
import SegTensor

/// The logarithm of the hyperbolic cosine of the soft Dice loss: flat where the mask is almost right.
///
/// - Source: Jadon 2020, "A survey of loss functions for semantic segmentation".
public struct LogCoshDiceLoss: MaskLoss {
    public struct Settings: PluginSettings {
        /// Added to numerator and denominator, px.
        public var smoothing: Float = 1
        public init() {}
        public func validate() throws { try require("smoothing", smoothing, in: 0.001...1000) }
    }

    public static let name = "log-cosh-dice"
    public static let summary = "Logarithm of the hyperbolic cosine of the Dice loss"

    private let settings: Settings

    public init(_ settings: Settings) throws { self.settings = settings }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        var (probabilities, truth) = (logits.sigmoid(), targets)
        if let coverage { (probabilities, truth) = (probabilities * coverage, truth * coverage) }
        let axes = [1, 2, 3]
        let overlap = 2 * (probabilities * truth).sum(over: axes) + settings.smoothing
        let distance = 1 - overlap / (probabilities.sum(over: axes) + truth.sum(over: axes) + settings.smoothing)
        return ((distance.exp() + (0 - distance).exp()) / 2).log().mean()
    }
}
