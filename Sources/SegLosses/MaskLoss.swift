public import SegCore
public import SegTensor

/// A loss of a predicted mask.
///
/// ```swift
/// let loss = try WeightedMaskLoss([(CrossEntropyLoss(.init()), 1), (TverskyLoss(.init()), 0.5)])
/// let value = loss(logits, batch.masks, coverage: batch.coverage)
/// ```
public protocol MaskLoss: Sendable {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations: `tversky`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// - Throws: ``SegmentationError`` naming the setting that is out of range.
    init(_ settings: Settings) throws

    /// The loss of a batch, a scalar.
    ///
    /// - Shape: all three `[batch, 1, height, width]`; targets hold values in 0...1, coverage 1 where a pixel belongs to the
    ///   image and 0 in the padding.
    /// - Parameter coverage: all pixels count if `nil`.
    func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor
}

/// A loss that is a function of each image's sums: those of several are taken in one pass over the logits.
public protocol SummedMaskLoss: MaskLoss {
    /// The loss, and its gradients by each image's sums.
    func value(of images: [RegionSums]) -> (value: Double, gradients: [RegionGradient])
}

/// What a ``SummedMaskLoss`` knows of an image: with p the probability and t the target of a pixel.
public struct RegionSums: Hashable, Sendable {
    /// Σ of the binary cross-entropy.
    public var crossEntropy: Double
    /// Σ p.
    public var probability: Double
    /// Σ p t.
    public var overlap: Double
    /// Σ t.
    public var truth: Double
    /// Pixels that count.
    public var pixels: Double
}

/// The gradient of a loss by the sums that depend on the prediction.
public struct RegionGradient: Hashable, Sendable {
    public var crossEntropy: Double
    public var probability: Double
    public var overlap: Double

    public init(crossEntropy: Double = 0, probability: Double = 0, overlap: Double = 0) {
        self.crossEntropy = crossEntropy
        self.probability = probability
        self.overlap = overlap
    }
}

extension SummedMaskLoss {
    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        summedLoss([(self, 1)], logits, targets, coverage: coverage)
    }
}

/// Traps, naming the loss, unless logits, targets and coverage have one shape of at least one image.
///
/// - Parameter isPlanar: whether the loss looks at rows and columns, and so needs `[batch, 1, height, width]`.
func requireMasks(
    _ logits: Tensor,
    _ targets: Tensor,
    _ coverage: Tensor?,
    isPlanar: Bool = false,
    operation: StaticString
) {
    let shape = logits.shape
    requireOperands(
        shape == targets.shape && (coverage == nil || coverage?.shape == shape)
            && (isPlanar ? shape.rank == 4 && shape.count > 0 : shape.rank >= 2 && shape[0] > 0),
        "logits of shape \(shape), targets of shape \(targets.shape)"
            + (coverage.map { " and coverage of shape \($0.shape)" } ?? "") + " do not fit",
        cure: "all have one shape [batch, 1, height, width], of at least one image",
        operation: operation
    )
}

/// The mean of a map over the pixels that count; of all of them without a coverage.
func meanOfCovered(_ map: Tensor, _ coverage: Tensor?) -> Tensor {
    guard let coverage else { return map.mean() }
    return (map * coverage.detached).sum() / max(coverage.sum().item, 1)
}

/// The weighted sum of losses that are functions of sums, in one pass forward and one backward.
func summedLoss(
    _ parts: [(loss: any SummedMaskLoss, weight: Float)],
    _ logits: Tensor,
    _ targets: Tensor,
    coverage: Tensor?
) -> Tensor {
    requireMasks(logits, targets, coverage, operation: "MaskLoss")
    let covered = CoveredMask(logits, targets, coverage)
    let sums = MaskSums(covered.logits, covered.targets, operation: "MaskLoss")
    let images = (0..<logits.shape[0]).map { image in
        RegionSums(
            crossEntropy: sums.crossEntropy[image],
            probability: sums.probability[image],
            overlap: sums.overlap[image],
            truth: sums.truth[image],
            pixels: covered.pixels[image]
        )
    }
    var total = 0.0
    var gradients = images.map { _ in RegionGradient() }
    for (loss, weight) in parts {
        let (value, own) = loss.value(of: images)
        let weight = Double(weight)
        total += weight * value
        for (image, gradient) in own.enumerated() {
            gradients[image].crossEntropy += weight * gradient.crossEntropy
            gradients[image].probability += weight * gradient.probability
            gradients[image].overlap += weight * gradient.overlap
        }
    }
    let final = gradients
    return Tensor(Float(total)).recorded(from: [covered.logits], operation: "MaskLoss") { upstream in
        let scale = Double(upstream.item)
        return [
            sums.gradient { image in
                let g = final[image]
                return (scale * g.crossEntropy, scale * g.probability, scale * g.overlap)
            }
        ]
    }
}

/// Logits and targets in which pixels that do not count add nothing to any sum.
struct CoveredMask {
    let logits: Tensor
    let targets: Tensor
    /// Pixels of each image that count.
    let pixels: [Double]

    init(_ logits: Tensor, _ targets: Tensor, _ coverage: Tensor?) {
        let batch = logits.shape[0]
        guard let coverage else {
            self.logits = logits
            self.targets = targets
            pixels = Array(repeating: Double(logits.shape.count / max(1, batch)), count: batch)
            return
        }
        // A probability of 0 against a target of 0, whose cross-entropy is 0 as well; no gradient passes.
        self.logits = logits.replacing(with: Tensor(-10_000), where: coverage.mask { $0 < 0.5 })
        let counted = coverage.mask { $0 >= 0.5 }
        self.targets = targets.detached * counted
        pixels = counted.sum(over: Array(1..<logits.shape.rank)).values().map(Double.init)
    }
}
