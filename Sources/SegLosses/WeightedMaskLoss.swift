import SegCore
public import SegTensor

/// A weighted sum of mask losses. Those that are functions of sums, such as cross-entropy, Dice and Tversky, share one pass
/// over the logits, and their gradients another.
///
/// Plain cross-entropy and Dice for each image, be it one or both, are ``maskLoss(_:_:crossEntropy:dice:smoothing:emptyTargets:)``
/// to the last bit where every pixel counts.
public struct WeightedMaskLoss: Sendable {
    /// A loss with its weight.
    public struct Part: Sendable {
        /// The loss.
        public var loss: any MaskLoss
        /// What it is multiplied by.
        public var weight: Float
        /// What errors in its code are reported under.
        public var name: String

        /// - Parameter name: the name of the registration; that of the loss's type if none is given.
        public init(_ loss: any MaskLoss, named name: String? = nil, weight: Float = 1) {
            self.loss = loss
            self.weight = weight
            self.name = name ?? type(of: loss).name
        }
    }

    /// The losses with their weights.
    public let parts: [Part]

    private let summed: [(loss: any SummedMaskLoss, weight: Float)]
    private let others: [Part]
    private let plain: PlainWeights?

    /// - Throws: ``SegmentationError`` if there is no loss, or a weight is negative or not a number.
    public init(_ parts: [(loss: any MaskLoss, weight: Float)]) throws {
        try self.init(parts: parts.map { Part($0.loss, weight: $0.weight) })
    }

    /// - Throws: ``SegmentationError`` if there is no loss, or a weight is negative or not a number.
    public init(parts: [Part]) throws {
        guard parts.contains(where: { $0.weight > 0 }) else {
            throw SegmentationError("losses", "there is no loss", cure: "name one with a weight above 0")
        }
        for part in parts {
            try require("losses.\(part.name)", part.weight, in: 0...)
        }
        self.parts = parts
        var (summed, others): ([(any SummedMaskLoss, Float)], [Part]) = ([], [])
        for part in parts where part.weight > 0 {
            if let loss = part.loss as? any SummedMaskLoss {
                summed.append((loss, part.weight))
            } else if let entropy = part.loss as? CrossEntropyLoss, entropy.isPlain {
                summed.append((PlainCrossEntropy(), part.weight))
            } else {
                others.append(part)
            }
        }
        self.summed = summed
        self.others = others
        plain = PlainWeights(parts.filter { $0.weight > 0 })
    }

    /// The loss of a batch, a scalar; see ``MaskLoss/callAsFunction(_:_:coverage:)``.
    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor? = nil) -> Tensor {
        if let plain, coverage == nil {
            return maskLoss(
                logits,
                targets,
                crossEntropy: plain.crossEntropy,
                dice: plain.dice,
                emptyTargets: plain.emptyTargets
            )
        }
        var terms = others.map { Self.value(of: $0, logits, targets, coverage) }
        if !summed.isEmpty { terms.insert(summedLoss(summed, logits, targets, coverage: coverage), at: 0) }
        return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
    }

    private static func value(of part: Part, _ logits: Tensor, _ targets: Tensor, _ coverage: Tensor?) -> Tensor {
        PluginContext.with("loss `\(part.name)`") {
            let value = part.loss(logits, targets, coverage: coverage)
            requireOperands(
                value.shape.count == 1,
                "returns a tensor of shape \(value.shape) instead of a scalar",
                cure: "return its mean or sum",
                operation: "loss"
            )
            // Logits that are not numbers are the training's trouble, and the trainer's to report.
            requireOperands(
                value.item.isFinite || logits.hasNonFiniteValues,
                "is \(value.item) for logits that are all finite",
                cure: "keep divisors, roots and logarithms away from 0",
                operation: "loss"
            )
            return value.reshaped(to: []) * part.weight
        }
    }
}

/// The weights of cross-entropy and Dice where there is nothing else.
private struct PlainWeights {
    var crossEntropy: Float = 0
    var dice: Float = 0
    var emptyTargets = EmptyTargetPolicy.smoothed

    init?(_ parts: [WeightedMaskLoss.Part]) {
        for part in parts {
            if let entropy = part.loss as? CrossEntropyLoss, entropy.isPlain, crossEntropy == 0 {
                crossEntropy = part.weight
            } else if let loss = part.loss as? SoftDiceLoss, loss.smoothing == 1, loss.scope == .image, dice == 0 {
                dice = part.weight
                emptyTargets = loss.emptyTargets
            } else {
                return nil
            }
        }
    }
}
