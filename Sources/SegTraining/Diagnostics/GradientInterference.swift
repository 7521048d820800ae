/// How the tasks' gradients agree on the parameters that the tasks share, over a few batches with the same weights.
///
/// A task is a head or a consistency term whose loss has a weight above 0; its gradient is that of the loss with its
/// weight, as it enters the step. The shared parameters are those that the losses of at least two heads depend on: the
/// encoder, where a model has one. What terms depend on is not asked, so that an arm with a term is measured on the same
/// parameters as one without.
///
/// - Formula: for gradients a and b of one batch, cosine `a·b / (‖a‖ ‖b‖)`; magnitude similarity
///   `2 ‖a‖ ‖b‖ / (‖a‖² + ‖b‖²)`; two tasks conflict on a batch if their cosine is below 0. Figures are means over the
///   batches on which both gradients are there and not 0; that number is given.
/// - Edge cases: a figure that no batch defines, such as that of a term before its warm-up, is `nil`.
/// - Source: Yu et al. 2020 (Gradient Surgery for Multi-Task Learning), definitions 1 and 2.
public struct GradientInterference: Codable, Hashable, Sendable {
    /// One task, and how it agrees with all others together.
    public struct Task: Codable, Hashable, Sendable {
        /// The head's or term's name.
        public var name: String
        /// Mean norm of its gradient.
        public var norm: Double?
        /// Mean cosine of its gradient with the sum of all other tasks' gradients.
        public var cosineWithOthers: Double?
        /// Share of the batches with a negative cosine with the sum of all others.
        public var conflictRateWithOthers: Double?
        /// Batches behind the cosine.
        public var batches: Int

        public init(
            name: String,
            norm: Double?,
            cosineWithOthers: Double?,
            conflictRateWithOthers: Double?,
            batches: Int
        ) {
            self.name = name
            self.norm = norm
            self.cosineWithOthers = cosineWithOthers
            self.conflictRateWithOthers = conflictRateWithOthers
            self.batches = batches
        }
    }

    /// Two tasks.
    public struct Pair: Codable, Hashable, Sendable {
        /// The name of the one; heads come before terms, in the model's order.
        public var first: String
        /// The name of the other.
        public var second: String
        /// Mean cosine of their gradients.
        public var cosine: Double?
        /// Share of the batches with a negative cosine.
        public var conflictRate: Double?
        /// Mean magnitude similarity: 1 for equal norms, toward 0 where one task drowns the other.
        public var magnitudeSimilarity: Double?
        /// The cosine of the gradients summed over all batches: less of it is the noise of single batches.
        public var pooledCosine: Double?
        /// Mean cosine on each stage of the shared parameters alone, by its path: `backbone.encoder.0`.
        public var stageCosines: [String: Double]
        /// Batches behind the means.
        public var batches: Int

        public init(
            first: String,
            second: String,
            cosine: Double?,
            conflictRate: Double?,
            magnitudeSimilarity: Double?,
            pooledCosine: Double?,
            stageCosines: [String: Double] = [:],
            batches: Int
        ) {
            self.first = first
            self.second = second
            self.cosine = cosine
            self.conflictRate = conflictRate
            self.magnitudeSimilarity = magnitudeSimilarity
            self.pooledCosine = pooledCosine
            self.stageCosines = stageCosines
            self.batches = batches
        }

        /// Whether it is the pair of these two, in either order.
        public func joins(_ one: String, _ other: String) -> Bool {
            (first, second) == (one, other) || (first, second) == (other, one)
        }
    }

    /// The tasks, heads first.
    public var tasks: [Task]
    /// Every two tasks, in the order of ``tasks``.
    public var pairs: [Pair]
    /// The number of values in the shared parameters.
    public var sharedValues: Int

    public init(tasks: [Task], pairs: [Pair], sharedValues: Int) {
        self.tasks = tasks
        self.pairs = pairs
        self.sharedValues = sharedValues
    }

    /// The task of a name.
    public func task(_ name: String) -> Task? { tasks.first { $0.name == name } }

    /// The pair of two tasks, in either order.
    public func pair(_ one: String, _ other: String) -> Pair? { pairs.first { $0.joins(one, other) } }
}
