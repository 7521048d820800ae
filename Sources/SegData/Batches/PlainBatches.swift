package import SegCore

/// All samples in their order as a model sees them, not augmented: each batch is made when its turn comes, in every pass anew.
///
/// A pass ends early at a sample that cannot be read; ``failure`` has the reason. So no least number of batches is promised, on
/// which `Array` relies.
package struct PlainBatches: Sequence {
    /// Why the batches ended early.
    package let failure = ReadingFailure()
    private let samples: [StreamedSample]
    private let size: Int
    private let scaling: ImageScaling

    /// - Parameter size: of a batch.
    package init(_ samples: [StreamedSample], size: Int, scaling: ImageScaling = .standardized) {
        (self.samples, self.size, self.scaling) = (samples, Swift.max(1, size), scaling)
    }

    package func makeIterator() -> AnyIterator<Batch> {
        var start = 0
        return AnyIterator {
            guard start < samples.count else { return nil }
            let part = samples[start..<Swift.min(start + size, samples.count)]
            do {
                defer { start = part.endIndex }
                return Batch(try part.loaded(), scaling: scaling)
            } catch {
                failure.note(error)
                start = samples.count
                return nil
            }
        }
    }
}
