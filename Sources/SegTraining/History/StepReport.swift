/// What one step did.
public struct StepReport: Hashable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// Counted from 1 in its epoch.
    public var step: Int
    /// Images of the batch.
    public var imageCount: Int
    /// The loss and its parts.
    public var loss: Float
    /// The parts of the loss, heads first.
    public var parts: [LossBreakdown.Part]
    /// The norm of the gradient before clipping.
    public var gradientNorm: Double
    /// The learning rate.
    public var learningRate: Double
}
