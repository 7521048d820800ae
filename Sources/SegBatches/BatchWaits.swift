/// How often training had to wait for a batch.
///
/// The first step of a run always waits: nothing was made before. More than that means that augmentation takes longer
/// than the steps leave it.
public struct BatchWaits: Hashable, Sendable, Codable {
    /// Steps that had to wait.
    public var steps = 0
    /// Time that they waited in all, s.
    public var seconds = 0.0

    public init() {}

    package static func + (left: BatchWaits, right: BatchWaits) -> BatchWaits {
        var sum = left
        sum.steps += right.steps
        sum.seconds += right.seconds
        return sum
    }

    package static func - (left: BatchWaits, right: BatchWaits) -> BatchWaits {
        var difference = left
        difference.steps -= right.steps
        difference.seconds -= right.seconds
        return difference
    }
}
