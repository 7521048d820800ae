public import SegCore
import SegLayers
public import SegLosses
public import SegSettings
public import SegTensor

/// Predicts the lesion's mask: a 1×1 convolution on the dense features, trained with cross-entropy and soft Dice, or with
/// the losses that its settings name.
///
/// Of several labels it predicts each by its name: exclusive ones by a softmax with the background, others by a sigmoid
/// each.
public final class SegmentationHead: LabelPredicting, MaskLossHead {
    public struct Settings: MaskLossSettings, ExplainedSettings {
        /// Weight of the binary cross-entropy.
        public var crossEntropy: Float = 1
        /// Weight of the soft Dice loss.
        public var dice: Float = 1
        /// `smoothed` or `excluded`: what images without a lesion count as in the Dice loss.
        public var emptyTargets = EmptyTargetPolicy.smoothed
        /// Names of the data set's labels that are predicted, as `[lesion, other]`; the lesion alone if not set.
        @OptionalSetting public var labels: [String]?
        /// Whether a pixel has at most one of the labels; off unless set.
        @OptionalSetting public var exclusive: Bool?
        /// The labels that together are the lesion, as `[benign, malignant]`, or none: `[]`. If not set, they are `lesion`,
        /// else those of ``labels`` that name a pathology, else none.
        @OptionalSetting public var lesionLabels: [String]?
        /// Losses by name, with weights and settings, in place of `crossEntropy`, `dice` and `emptyTargets`; none for those. Of
        /// several labels, each is one mask against all else.
        public var losses: [WeightedPlugin] = []
        /// The share of the pixels that a new head takes for lesion, or for any of the labels; a half if not set.
        @OptionalSetting public var lesionShare: Float?

        public static let meanings: [String: SettingMeaning] = [
            "crossEntropy": SettingMeaning("Weight of the binary cross-entropy", range: "0 or more"),
            "dice": SettingMeaning("Weight of the soft Dice loss", range: "0 or more"),
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
            "labels":
                "Names of the data set's labels that are predicted, as `[lesion, other]`; the lesion alone if not set",
            "exclusive": "Whether a pixel has at most one of the labels; off unless set",
            "lesionLabels":
                "The labels that together are the lesion, as `[benign, malignant]`, or none: `[]`; if not set, `lesion`, else those of `labels` that name a pathology",
            "losses":
                "[Losses](#loss) by name, with weights and settings, in place of `crossEntropy`, `dice` and `emptyTargets`; each of several labels is one mask against all else",
            "lesionShare": lesionShareMeaning,
        ]

        public init() {}

        /// The labels.
        ///
        /// - Throws: ``SegmentationError`` for names that cannot be labels.
        var labelSet: LabelSet {
            get throws {
                guard let labels else {
                    guard exclusive == nil, lesionLabels == nil else {
                        throw SegmentationError(
                            "labels",
                            "is not set, and \(exclusive == nil ? "lesionLabels" : "exclusive") is",
                            cure: "name the labels, as in `labels: [lesion, other]`"
                        )
                    }
                    return .lesionOnly
                }
                return try LabelSet(
                    labels,
                    isExclusive: exclusive ?? false,
                    lesion: lesionLabels ?? Self.lesion(in: labels)
                )
            }
        }

        /// What is lesion where nobody says: a structure of another name is not taken for it.
        private static func lesion(in labels: [String]) -> [String] {
            labels.contains(LabelSet.lesionName)
                ? [LabelSet.lesionName] : labels.filter { Pathology(rawValue: $0)?.hasLesion == true }
        }

        public func validate() throws {
            _ = try labelSet
            try MaskLossChoice(self).validate(losses)
            try requireLesionShare(lesionShare)
        }
    }

    public static let name = "segmentation"
    public static let summary = "Masks of the lesion and other labels: 1×1 convolution, cross-entropy plus soft Dice"

    private let settings: Settings
    private let lossChoice: MaskLossChoice
    private let convolution: Convolution2D
    public let labels: LabelSet

    /// - Parameter losses: what the head is trained with; that of the settings' weights if `nil`.
    public init(
        _ settings: Settings,
        losses: WeightedMaskLoss?,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        try settings.validate()
        self.settings = settings
        labels = try settings.labelSet
        lossChoice = try MaskLossChoice(of: settings, made: losses)
        convolution = Convolution2D(
            inputChannels: backbone.denseChannels,
            outputChannels: labels.channels,
            kernelSize: 1,
            initializer: &initializer
        )
        if let share = settings.lesionShare { convolution.startLogits(labels.logits(ofShare: share)) }
    }

    public var provides: Set<Outputs.Key> {
        guard labels != .lesionOnly else { return [.lesion] }
        return labels.lesion.isEmpty ? [.labels] : [.labels, .lesion]
    }

    public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let logits = convolution(features.dense)
        guard labels != .lesionOnly else {
            outputs[.lesion] = logits
            return
        }
        outputs[.labels] = logits
        if !labels.lesion.isEmpty { outputs[.lesion] = labels.lesionLogits(logits) }
    }

    public func labelProbability(_ outputs: Outputs) -> Tensor? {
        labels == .lesionOnly ? outputs.lesionProbability : outputs[.labels].map(labels.probability)
    }

    public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard labels == .lesionOnly else {
            guard let logits = outputs[.labels] else { return nil }
            if let losses = lossChoice.named { return labels.loss(logits, batch, losses) }
            return labels.loss(
                logits,
                batch,
                crossEntropy: settings.crossEntropy,
                dice: settings.dice,
                emptyTargets: settings.emptyTargets
            )
        }
        guard let logits = outputs[.lesion] else { return nil }
        return lossChoice(logits, batch.masks)
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("convolution", convolution) }
}
