import SegCore

/// Shuffled mini-batches, the same for the same seed and epoch.
///
/// An epoch's order depends on nothing but the seed and the epoch's number, so a run resumes at any step without
/// replaying what came before.
public struct BatchSampler: Hashable, Sendable {
    /// Samples of the training set.
    public let count: Int
    /// Samples of a batch.
    public let batchSize: Int
    /// Whether a smaller last batch is left out of its epoch; which samples it holds changes from epoch to epoch.
    public let dropsLast: Bool
    /// The seed of all epochs' orders.
    public let seed: UInt64

    /// Throws: ``SegmentationError`` if there is no sample, the batch size is not positive, or every batch would be
    /// dropped.
    public init(count: Int, batchSize: Int, dropsLast: Bool = false, seed: UInt64) throws {
        guard count > 0 else {
            throw SegmentationError("training set", "it has no samples", cure: "choose a smaller validation fraction")
        }
        guard batchSize > 0 else {
            throw SegmentationError("batchSize", "\(batchSize) is not positive", cure: "choose 1 or more")
        }
        guard !dropsLast || count >= batchSize else {
            throw SegmentationError(
                "batchSize",
                "\(batchSize) is more than the \(count) samples of the training set, and incomplete batches are dropped",
                cure: "choose a smaller batch size, or keep the last batch"
            )
        }
        self.count = count
        self.batchSize = batchSize
        self.dropsLast = dropsLast
        self.seed = seed
    }

    /// Batches of an epoch.
    public var stepsPerEpoch: Int {
        dropsLast ? count / batchSize : (count + batchSize - 1) / batchSize
    }

    /// All sample indices in the epoch's order.
    public func order(epoch: Int) -> [Int] {
        var stream = RandomStream(seed: seed, "batches", StreamKey(epoch))
        var order = Array(0..<count)
        stream.shuffle(&order)
        return order
    }

    /// The batches of an epoch as sample indices, from a step on.
    public func batches(epoch: Int, from firstStep: Int = 0) -> [[Int]] {
        let order = order(epoch: epoch)
        return (min(firstStep, stepsPerEpoch)..<stepsPerEpoch).map { step in
            Array(order[(step * batchSize)..<min((step + 1) * batchSize, count)])
        }
    }
}
