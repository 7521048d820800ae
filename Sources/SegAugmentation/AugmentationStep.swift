public import SegCore

/// A random change of an image and its mask, such as a flip.
///
/// A step is a value that knows its ranges; all chance comes from the stream. It should draw the same number of
/// deviates in any case, so that adding a setting to one step does not change what the next one draws.
public protocol AugmentationStep: Sendable {
    /// Changes `pair` in place, image, mask and coverage alike.
    ///
    /// Further labels and colors need not be looked at: a pipeline gives them to the step as masks and images of their own,
    /// with the same draws. A step that does more for them is a ``WholePairStep``.
    func apply(to pair: inout ImagePair, using stream: inout RandomStream)

    /// The step to apply where other training images are there to borrow from. Default: the step itself.
    ///
    /// - Parameter references: images of the training part; `nil` if there are none.
    ///
    /// - Throws: ``SegmentationError`` for a step that cannot do without.
    func taking(from references: ReferenceBank?) throws -> any AugmentationStep
}

extension AugmentationStep {
    public func taking(from references: ReferenceBank?) throws -> any AugmentationStep { self }
}

/// A step that changes further labels as it changes the mask: it moves them all, or leaves them all.
public protocol WholePairStep: AugmentationStep {}

/// Mirrors left and right, with a probability.
public struct HorizontalFlip: AugmentationStep {
    /// How often, `0...1`.
    public var probability: Float

    public init(probability: Float = 0.5) {
        self.probability = probability
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        guard stream.chance(probability) else { return }
        let (width, height) = (pair.width, pair.height)
        pair.changePlanes { plane in
            plane.withUnsafeMutableBufferPointer { values in
                for row in 0..<height { values[(row * width)..<((row + 1) * width)].reverse() }
            }
        }
    }
}

/// Mirrors top and bottom, with a probability.
///
/// It turns posterior shadows into anterior ones and skin into chest wall: no scanner makes such an image. Off unless
/// asked for.
public struct VerticalFlip: AugmentationStep {
    /// How often, `0...1`.
    public var probability: Float

    public init(probability: Float = 0.5) {
        self.probability = probability
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        guard stream.chance(probability) else { return }
        let (width, height) = (pair.width, pair.height)
        pair.changePlanes { plane in
            plane.withUnsafeMutableBufferPointer { values in
                for row in 0..<(height / 2) {
                    for column in 0..<width {
                        values.swapAt(row * width + column, (height - 1 - row) * width + column)
                    }
                }
            }
        }
    }
}
