/// How the tasks' gradients agreed on the shared parameters over the last half of each training.
///
/// The last half are the epochs after the first ⌊n/2⌋ of the n that were run. A seed's figure is the mean over the
/// measurements in it; figures of several seeds are compared seed by seed, since a seed gives every arm the same split,
/// order and probe batches.
public struct InterferenceSummary: Codable, Hashable, Sendable {
    /// Two tasks, or one and all others together.
    public struct Subject: Codable, Hashable, Sendable {
        /// The name of the one task.
        public var first: String
        /// The name of the other task; `nil` for the sum of all others.
        public var second: String?

        public init(_ first: String, _ second: String? = nil) {
            self.first = first
            self.second = second
        }
    }

    /// How the gradients of a subject agreed in an arm.
    public struct Level: Codable, Hashable, Sendable {
        /// The arm's name.
        public var arm: String
        /// The seed; `nil` for the mean over seeds.
        public var seed: UInt64?
        /// Whose gradients.
        public var subject: Subject
        /// Mean cosine.
        public var cosine: Double
        /// Standard deviation of the cosine over seeds, divisor n − 1; `nil` for a single seed.
        public var standardDeviation: Double?
        /// Mean share of the probe's batches with a negative cosine.
        public var conflictRate: Double
        /// Mean magnitude similarity; `nil` against all others.
        public var magnitudeSimilarity: Double?
        /// Mean cosine by stage of the shared parameters; empty against all others.
        public var stageCosines: [String: Double]
        /// Measurements behind the means, over all seeds.
        public var measurements: Int
    }

    /// An arm against the reference arm.
    public struct Comparison: Codable, Hashable, Sendable {
        /// The arm's name.
        public var arm: String
        /// The reference arm's name.
        public var reference: String
        /// Whose gradients.
        public var subject: Subject
        /// Seeds that both arms have.
        public var seeds: Int
        /// Mean over seeds of the cosine's difference, arm − reference: positive where the arm has less interference.
        public var meanDifference: Double
        /// Standard deviation of the differences, divisor n − 1; `nil` for a single seed.
        public var standardDeviation: Double?
        /// 95 % interval of the mean difference, by Student's paired t over seeds; `nil` for a single seed.
        public var interval: ConfidenceInterval?
        /// Two-sided p of the same test; `nil` for a single seed.
        public var pValue: Double?
        /// p after Holm's correction over all comparisons of the summary that were tested.
        public var adjustedPValue: Double?
    }

    /// Every arm that was measured, by subject and seed; with several seeds also their mean.
    public var levels: [Level]
    /// Arms against the reference arm, for the subjects that both have.
    public var comparisons: [Comparison]

    public init(levels: [Level], comparisons: [Comparison]) {
        self.levels = levels
        self.comparisons = comparisons
    }

    /// The level to show for an arm: the mean over seeds, or that of its only seed.
    public func level(arm: String, _ subject: Subject) -> Level? {
        let own = levels.filter { $0.arm == arm && $0.subject == subject }
        return own.first { $0.seed == nil } ?? own.first
    }
}
