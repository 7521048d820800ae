import Foundation
public import SegCore
public import SegTensor

/// Squared errors, each times its distances from the predicted and from the true contour: what is far from either counts most,
/// as in the Hausdorff distance.
///
/// Where nearly all is right there is little left to learn from, and where the prediction is empty only the true contour pulls: it is
/// added to a region loss.
///
/// - Formula: `mean of (p − t)² (d_pᵃ + d_tᵃ)`, with a the ``Settings/power`` and d_p, d_t the distances of a pixel from the nearest one
///   of the other kind, in the mask of p > ½ and in the true one, divided by the image's longer side.
/// - Edge cases: distances in a mask of one kind only are 0. Pixels that do not count are in neither mask.
/// - Gradient: with respect to the logits; distances are constants.
/// - Source: Karimi & Salcudean 2020, equation 8, whose distances are in px.
public struct HausdorffLoss: MaskLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// How much more far errors count than near ones: the power of the distance.
        public var power: Float = 2

        public static let meanings: [String: SettingMeaning] = [
            "power": "How much more far errors count than near ones: the power of the distance"
        ]

        public init() {}

        public func validate() throws { try require("power", power, in: 1...4) }
    }

    public static let name = "hausdorff"
    public static let summary = "Errors weighted by their distance from the contours; for use with a region loss"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        requireMasks(logits, targets, coverage, isPlanar: true, operation: "HausdorffLoss")
        let (x, t, cover) = (logits.values(), targets.values(), coverage?.values())
        let isCounted = x.indices.map { (cover?[$0] ?? 1) >= 0.5 }
        let predicted = x.indices.map { x[$0] > 0 && isCounted[$0] }
        let truth = x.indices.map { t[$0] >= 0.5 && isCounted[$0] }
        let weights = powers(predicted, logits.shape) + powers(truth, logits.shape)
        let products = (logits.sigmoid() - targets.detached).squared() * weights
        return meanOfCovered(products, coverage)
    }

    /// The power of each pixel's distance in a mask.
    private func powers(_ mask: [Bool], _ shape: Shape) -> Tensor {
        let (height, width) = (shape[2], shape[3])
        let scale = 1 / Float(max(height, width) * max(height, width))
        return Tensor(shape: shape) { buffer in
            // Each task writes the one plane that is its own.
            nonisolated(unsafe) let target = buffer
            WorkerPool.current.run(shape[0] * shape[1]) { plane, _ in
                let start = plane * height * width
                let own = Array(mask[start..<start + height * width])
                for (index, squared) in squaredDistances(own, height: height, width: width).enumerated() {
                    target[start + index] = power(squared * scale)
                }
            }
        }
    }

    /// Of a squared distance.
    private func power(_ squared: Float) -> Float {
        settings.power == 2 ? squared : Float(Foundation.pow(Double(squared), Double(settings.power) / 2))
    }
}
