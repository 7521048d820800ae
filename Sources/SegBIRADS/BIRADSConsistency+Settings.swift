public import SegCore

extension BIRADSConsistency {
    /// What a configuration can set of the term. Its weight in the loss belongs to the study's arm.
    public struct Settings: PluginSettings {
        /// Names of features in the catalogue.
        public var features = [
            "circularity", "elliptic-normalised-circumference", "depth-to-width", "margin-sharpness",
        ]
        /// Epochs over which the term rises from nothing to its full weight.
        public var warmUpEpochs: Double = 5
        /// The predicted area, as a fraction of the image, at which an image counts half.
        public var minimumArea: Float = 0.002
        /// Probabilities up to this one count as background.
        public var probabilityFloor: Float = SoftLesion.standardProbabilityFloor
        /// `logistic` or `equal`: where the prior's weights start.
        public var initialWeights = MalignancyPrior.InitialWeights.logistic
        /// Whether the term changes the predicted mask.
        public var updatesMask = true
        /// Whether the term changes the predicted malignancy.
        public var updatesMalignancy = true
        /// Whether the term changes the prior's weights.
        public var updatesPrior = true

        public init() {}

        /// Names are checked against the catalogue when a term is made: a catalogue may hold more than this library's.
        public func validate() throws {
            if !(warmUpEpochs >= 0 && warmUpEpochs.isFinite) {
                throw SegmentationError("warmUpEpochs", "is \(warmUpEpochs)", cure: "use 0 or more epochs")
            }
            if !(minimumArea > 0 && minimumArea < 1) {
                throw SegmentationError("minimumArea", "is \(minimumArea)", cure: "use a fraction between 0 and 1")
            }
            if !(probabilityFloor >= 0 && probabilityFloor < 1) {
                throw SegmentationError(
                    "probabilityFloor",
                    "is \(probabilityFloor)",
                    cure: "use a probability from 0 to below 1"
                )
            }
            if !updatesMask && !updatesMalignancy && !updatesPrior {
                throw SegmentationError(
                    "updatesMask",
                    "the term may change neither mask nor malignancy nor prior, so that it would do nothing",
                    cure: "leave one of them true, or leave the term out"
                )
            }
        }
    }
}
