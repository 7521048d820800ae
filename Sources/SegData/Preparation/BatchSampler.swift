public import SegCore

/// Which images an epoch draws.
public enum BatchSampling: String, NamedChoice {
    /// Each image once.
    case shuffled
    /// As many images as there are, the pathologies in equal parts: of a rare one some more than once, of a frequent one
    /// not all.
    case pathology
    /// The same for images with a lesion and without.
    case lesion
}

/// Shuffled mini-batches, the same for the same seed and epoch.
///
/// An epoch's order depends on nothing but the seed and the epoch's number, so a run resumes at any step without
/// replaying what came before.
public struct BatchSampler: Hashable, Sendable {
    /// Samples of the training set.
    public let count: Int
    /// Samples of a batch.
    public let batchSize: Int
    /// Whether a smaller last batch is left out of its epoch; which samples these are changes from epoch to epoch.
    public let dropsLast: Bool
    /// The seed of all epochs' orders.
    public let seed: UInt64
    /// The class of each sample, where classes are drawn in equal parts.
    private let classes: [Int]?

    /// - Parameter classes: the class of each sample, drawn in equal parts; `nil` draws each sample once.
    ///
    /// - Throws: ``SegmentationError`` if there is no sample, the batch size is not positive, or every batch would be
    ///   dropped.
    public init(count: Int, batchSize: Int, dropsLast: Bool = false, seed: UInt64, classes: [Int]? = nil) throws {
        precondition(classes == nil || classes?.count == count, "every sample has a class")
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
        self.classes = classes
    }

    /// Batches of an epoch.
    public var stepsPerEpoch: Int {
        dropsLast ? count / batchSize : (count + batchSize - 1) / batchSize
    }

    /// All sample indices in the epoch's order.
    public func order(epoch: Int) -> [Int] {
        var stream = RandomStream(seed: seed, "batches", StreamKey(epoch))
        var order = classes.map { balanced($0, epoch: epoch, using: &stream) } ?? Array(0..<count)
        stream.shuffle(&order)
        return order
    }

    /// The samples of each class in turn, as often as the largest part of the epoch that is the same for all allows; what is
    /// left goes to classes that change from epoch to epoch.
    private func balanced(_ classes: [Int], epoch: Int, using stream: inout RandomStream) -> [Int] {
        let groups = Set(classes).sorted().map { group in (0..<count).filter { classes[$0] == group } }
        return groups.enumerated().flatMap { place, group in
            let isLucky = (place + epoch) % groups.count < count % groups.count
            let quota = count / groups.count + (isLucky ? 1 : 0)
            var drawn: [Int] = []
            while drawn.count < quota {
                var members = group
                stream.shuffle(&members)
                drawn += members.prefix(quota - drawn.count)
            }
            return drawn
        }
    }

    /// The batches of an epoch as sample indices, from a step on.
    public func batches(epoch: Int, from firstStep: Int = 0) -> [[Int]] {
        let order = order(epoch: epoch)
        return (min(firstStep, stepsPerEpoch)..<stepsPerEpoch).map { step in
            Array(order[(step * batchSize)..<min((step + 1) * batchSize, count)])
        }
    }

    /// For each sample of ``batches(epoch:from:)``, how often the epoch has drawn it before: 0 unless classes are drawn in
    /// equal parts.
    package func repetitions(epoch: Int, from firstStep: Int = 0) -> [[Int]] {
        guard classes != nil else { return batches(epoch: epoch, from: firstStep).map { $0.map { _ in 0 } } }
        var drawn = [Int](repeating: 0, count: count)
        let all = batches(epoch: epoch).map { batch in
            batch.map { index in
                defer { drawn[index] += 1 }
                return drawn[index]
            }
        }
        return Array(all.dropFirst(firstStep))
    }
}
