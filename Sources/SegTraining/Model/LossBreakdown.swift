public import SegTensor

/// The loss of a batch and what it is made of.
public struct LossBreakdown {
    /// The loss of one head, or the penalty of one term.
    public struct Part: Hashable, Sendable, Codable {
        /// The head's or term's name.
        public var name: String
        /// The loss before its weight.
        public var value: Float
        /// Its weight in the total.
        public var weight: Float

        /// What the part adds to the total.
        public var contribution: Float { value * weight }
    }

    /// The scalar to call ``SegTensor/Tensor/backward()`` on; 0, without history, if no part applies.
    public private(set) var total = Tensor(0)
    /// The parts that apply to the batch, heads first.
    public private(set) var parts: [Part] = []
    /// What each of ``parts`` adds to ``total``, as a scalar with its history: for gradients of one part alone.
    package private(set) var contributions: [Tensor] = []

    public init() {}

    /// Whether the batch says nothing about any task.
    public var isEmpty: Bool { parts.isEmpty }

    /// Adds a part, unless it does not apply. A part of weight 0 is computed for the history, without gradients.
    ///
    /// - Parameter operation: the plugin's function that computes the loss.
    mutating func add(_ name: String, weight: Float, operation: StaticString, _ loss: () -> Tensor?) {
        guard let loss = weight == 0 ? withoutGradients(loss) : loss() else { return }
        requireOperands(
            loss.shape.count == 1,
            "returns a tensor of shape \(loss.shape) instead of a scalar",
            cure: "return its mean or sum",
            operation: operation
        )
        parts.append(Part(name: name, value: loss.item, weight: weight))
        let contribution = loss.reshaped(to: []) * weight
        contributions.append(contribution)
        if weight > 0 { total = total + contribution }
    }
}
