import SegTensor

/// Whether a model is being trained or used.
///
/// Two phases are equal if both are training or both are inference, regardless of what else they carry.
public struct Phase: Hashable, Sendable {
    /// Whether batch normalization uses the batch's statistics and updates its running ones, and dropout drops.
    public let isTraining: Bool
    private let random: SharedStream?
    /// The finest of ``FeaturePyramid/levels`` that anybody reads, 0 for ``FeaturePyramid/dense`` too; always 0 in training. A
    /// decoder may leave out what only finer levels need, and return this one in their place if it is of their shape.
    public private(set) var finestLevel = 0

    /// Training without anything random: layers that drop values drop none.
    public static let training = Phase(isTraining: true, random: nil)

    /// Everything is deterministic and independent of the rest of the batch.
    public static let inference = Phase(isTraining: false, random: nil)

    /// This phase, in which nobody reads levels finer than one; training, which reads all, as it is.
    public func reading(finestLevel: Int) -> Phase {
        isTraining ? self : Phase(isTraining: false, random: random, finestLevel: max(0, finestLevel))
    }

    /// Training in which layers draw from a stream: one for each step, named by seed, epoch and step, so that a resumed
    /// training draws the same.
    public static func training(_ stream: RandomStream) -> Phase {
        Phase(isTraining: true, random: SharedStream(stream))
    }

    /// Inference in which layers that drop values do so: one of the thinned networks that dropout trained. Everything else is as
    /// in ``inference``; batch normalization uses its running estimates.
    ///
    /// - Source: Gal and Ghahramani 2016.
    public static func sampling(_ stream: RandomStream) -> Phase {
        Phase(isTraining: false, random: SharedStream(stream))
    }

    /// What a layer draws for one call: the seed of a pattern, or of a stream of its own. `nil` in inference that does not sample,
    /// and in training without a stream: then nothing is dropped.
    public func drawSeed() -> UInt64? { random?.next() }

    /// Whether layers that drop values do so.
    package var drops: Bool { random != nil }

    /// How often layers have drawn.
    package var drawCount: Int { random?.count ?? 0 }

    public static func == (left: Phase, right: Phase) -> Bool { left.isTraining == right.isTraining }
    public func hash(into hasher: inout Hasher) { hasher.combine(isTraining) }
}

/// A stream that the layers of a network draw from one after the other.
private final class SharedStream: Sendable {
    private let state: Locked<(stream: RandomStream, count: Int)>

    init(_ stream: RandomStream) { state = Locked((stream, 0)) }

    var count: Int { state.withLock { $0.count } }

    func next() -> UInt64 {
        state.withLock { state in
            state.count += 1
            return state.stream.next()
        }
    }
}
