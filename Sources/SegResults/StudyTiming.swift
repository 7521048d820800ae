/// Dates and durations of a run: everything in which two equal runs may differ.
public struct StudyTiming: Codable, Hashable, Sendable {
    /// How long one training took.
    public struct Training: Codable, Hashable, Sendable {
        /// The arm's name.
        public var arm: String
        /// The seed.
        public var seed: UInt64
        /// The fold of a cross-validation, from 1; `nil` where the source has one division.
        public var fold: Int?
        /// Wall time, s.
        public var seconds: Double

        public init(arm: String, seed: UInt64, fold: Int? = nil, seconds: Double) {
            self.arm = arm
            self.seed = seed
            self.fold = fold
            self.seconds = seconds
        }
    }

    /// When the run began, ISO 8601 in UTC: `2026-11-23T18:21:21Z`.
    public var startedAt: String
    /// When the run ended, ISO 8601 in UTC.
    public var finishedAt: String
    /// Wall time of the whole run, s.
    public var totalSeconds: Double
    /// Wall time of each training.
    public var trainings: [Training]
    /// When the external sets were evaluated first, ISO 8601 in UTC; `nil` without external sets.
    public var externalsEvaluatedAt: String?

    public init(
        startedAt: String,
        finishedAt: String,
        totalSeconds: Double,
        trainings: [Training] = [],
        externalsEvaluatedAt: String? = nil
    ) {
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.totalSeconds = totalSeconds
        self.trainings = trainings
        self.externalsEvaluatedAt = externalsEvaluatedAt
    }
}

/// The machine that a study ran on.
public struct MachineDescription: Codable, Hashable, Sendable {
    /// The processor's name.
    public var processor: String
    /// The instruction set that the kernels used: `avx2`.
    public var instructionSet: String
    /// Worker threads.
    public var threads: Int
    /// Operating system and its version, where known.
    public var operatingSystem: String?

    public init(processor: String, instructionSet: String, threads: Int, operatingSystem: String? = nil) {
        self.processor = processor
        self.instructionSet = instructionSet
        self.threads = threads
        self.operatingSystem = operatingSystem
    }
}
