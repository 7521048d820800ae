/// Whether any training could profit from what was seen on the external sets: what was fixed before they were evaluated first, and
/// what was not.
///
/// Where ``trainedAfterwards`` is empty, no training and no choice could profit from what was seen on them.
public struct ExternalEvaluation: Codable, Hashable, Sendable {
    /// A training, by what it is.
    public struct Training: Codable, Hashable, Sendable {
        /// The arm's name.
        public var arm: String
        /// The fold of a cross-validation, from 1; `nil` where the source has one division.
        public var fold: Int?
        /// The seed.
        public var seed: UInt64

        public init(arm: String, fold: Int? = nil, seed: UInt64) {
            self.arm = arm
            self.fold = fold
            self.seed = seed
        }
    }

    /// Trainings of the study that were fixed when the external sets were evaluated first: that had ended, thresholds chosen, or,
    /// where shares of a study test, that followed from settings, data and files that were known.
    public var trainedBefore: Int
    /// The others, in the study's order.
    public var trainedAfterwards: [Training]

    public init(trainedBefore: Int, trainedAfterwards: [Training] = []) {
        self.trainedBefore = trainedBefore
        self.trainedAfterwards = trainedAfterwards
    }
}

/// An external set that a study names and did without, because it was not there.
public struct SkippedDataset: Codable, Hashable, Sendable {
    /// The name shown, or that of its adapter.
    public var name: String
    /// Why, in words.
    public var reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
