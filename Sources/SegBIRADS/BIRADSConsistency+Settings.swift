public import SegCore

extension BIRADSConsistency {
    /// How far malignancy p̂ and prior φ are apart, ℓ and λ being their logits.
    public enum Agreement: String, NamedChoice {
        /// (p̂ − φ)², as in arXiv 2511.15968. Bounded, but hardly any gradient where one of the two is certain.
        case probability
        /// (ℓ − λ)²/16: the same near one half, without a limit far from it.
        case logit
        /// The divergence of p̂ from φ, φ ln(φ/p̂) + (1 − φ) ln((1 − φ)/(1 − p̂)). With respect to ℓ its gradient is
        /// p̂ − φ: for the classifier the prior is then one more label, a soft one.
        case kl
    }

    /// Which mask the features are measured on.
    public enum MaskForm: String, NamedChoice {
        /// The predicted probabilities.
        case soft
        /// σ(4ℓ): edges four times as steep, half way to a mask that is cut.
        case sharpened
        /// Cut at one half, as masks are when they are scored; with the gradient of the soft one (straight through).
        case binarized
    }

    /// What features are standardized by.
    public enum Statistics: String, NamedChoice {
        /// Mean and deviation over the training set's true masks, frozen.
        case truth
        /// Mean and deviation of predicted masks, followed through training and frozen after it.
        case running
    }

    /// What a configuration can set of the term. Its weight in the loss belongs to the study's arm.
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Names of features in the catalog.
        public var features = [
            "circularity", "elliptic-normalized-circumference", "depth-to-width", "margin-sharpness",
        ]
        /// Epochs over which the term rises from 0 to its full weight.
        public var warmUpEpochs: Double = 5
        /// The predicted area, as a fraction of the image, at which an image counts half.
        public var minimumArea: Float = 0.002
        /// Probabilities up to this one count as background.
        public var probabilityFloor: Float = SoftLesion.standardProbabilityFloor
        /// `probability`, `logit` or `kl`: how disagreement is measured.
        public var agreement = Agreement.probability
        /// `soft`, `sharpened` or `binarized`: which mask the features are measured on.
        public var maskForm = MaskForm.soft
        /// `truth` or `running`: what features are standardized by.
        public var statistics = Statistics.running
        /// Whether standardized features bend toward ±5 instead of growing without limit.
        public var bendsOutliers = true
        /// Weight of the prior's own cross-entropy with the labels, against that of the disagreement; 0 for none.
        public var priorSupervision: Float = 1
        /// `logistic` or `equal`: where the prior's weights start.
        public var initialWeights = MalignancyPrior.InitialWeights.logistic
        /// Whether the term changes the predicted mask. If it does, agreement is easiest with masks without information.
        public var updatesMask = false
        /// Whether disagreement changes the predicted malignancy.
        public var updatesMalignancy = true
        /// Whether disagreement changes the prior's weights.
        public var updatesPrior = false

        public static let meanings: [String: SettingMeaning] = [
            "features": "BI-RADS features, by their names in the catalog",
            "warmUpEpochs": "Epochs over which the term rises from 0 to its full weight",
            "minimumArea": "The predicted area, as a fraction of the image, at which an image counts half",
            "probabilityFloor": "Probabilities up to this one count as background",
            "agreement":
                "How disagreement is measured: as a squared difference of probabilities or of logits, or as a divergence",
            "maskForm": "Which mask the features are measured on",
            "statistics":
                "What features are standardized by: the true masks of the training set, or the predicted ones as training goes",
            "bendsOutliers": "Whether standardized features bend toward ±5 instead of growing without limit",
            "priorSupervision":
                "Weight of the prior's own cross-entropy with the labels, against that of the disagreement; 0 for none",
            "initialWeights": "Where the prior's weights start: fitted by logistic regression, or equal",
            "updatesMask":
                "Whether the term changes the predicted mask. If it does, agreement is easiest with masks without information",
            "updatesMalignancy": "Whether disagreement changes the predicted malignancy",
            "updatesPrior": "Whether disagreement changes the prior's weights",
        ]

        public init() {}

        /// Names are checked against the catalog when a term is made: a catalog may contain more than this library's.
        public func validate() throws {
            try require("warmUpEpochs", warmUpEpochs, in: 0...)
            try require("minimumArea", minimumArea, in: .leastNonzeroMagnitude..<1)
            try require("probabilityFloor", probabilityFloor, in: 0..<1)
            try require("priorSupervision", priorSupervision, in: 0...)
            if !updatesMask && !updatesMalignancy && !updatesPrior && priorSupervision == 0 {
                throw SegmentationError(
                    "updatesMask",
                    "the term may change neither mask nor malignancy nor prior, so that it would do nothing",
                    cure: "leave one of them true, or leave the term out"
                )
            }
        }
    }
}
