public import SegCore

/// A step that is applied with a probability.
///
/// Whether it is applied, and the seed of a stream of its own, are all that it takes from the pipeline's stream: so it
/// always draws as much, and what comes after it does not change with its settings. Your own step gets this by
/// conforming:
///
/// ```swift
/// struct Invert: OccasionalStep {
///     var probability: Float = 0.1
///     func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
///         for index in pair.image.indices where pair.coverage[index] > 0 { pair.image[index] = 1 - pair.image[index] }
///     }
/// }
/// ```
public protocol OccasionalStep: AugmentationStep {
    /// How often, `0...1`.
    var probability: Float { get }

    /// Changes `pair`; all chance comes from `stream`, which nobody else reads.
    func change(_ pair: inout ImagePair, using stream: inout RandomStream)
}

extension OccasionalStep {
    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let isApplied = stream.chance(probability)
        var own = RandomStream(seed: stream.next())
        if isApplied { change(&pair, using: &own) }
    }
}

/// A step that needs the image of another training sample, such as one that borrows its gray levels.
///
/// ``ReferencedStep`` makes it a step of a pipeline.
public protocol ReferenceStep: Sendable {
    /// How often, `0...1`.
    var probability: Float { get }

    /// Changes `pair` after the example of `reference`, an image of the same size; its mask is not looked at.
    func change(_ pair: inout ImagePair, reference: ImagePair, using stream: inout RandomStream)
}

/// Applies a ``ReferenceStep`` with an image drawn from a bank.
public struct ReferencedStep: OccasionalStep {
    /// What is applied.
    public let step: any ReferenceStep
    /// Where its images come from.
    public let references: ReferenceBank

    public init(_ step: any ReferenceStep, references: ReferenceBank) {
        self.step = step
        self.references = references
    }

    public var probability: Float { step.probability }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let reference = references[stream.index(below: references.count)]
        step.change(&pair, reference: reference, using: &stream)
    }
}
