package import SegAugmentation
public import SegCore
public import SegData
import SegTensor

extension Batch {
    /// Samples as a model sees them at evaluation: standardised, not augmented.
    ///
    /// Traps if there is no sample, or if their canvases differ in size.
    public init(_ samples: some Collection<PreparedSample>) {
        self.init(samples.map(\.record), samples.map(\.pair))
    }

    /// Images with their masks, not standardised yet; this does it.
    init(_ records: [SampleRecord], _ pairs: [ImagePair]) {
        guard let first = pairs.first else { preconditionFailure("a batch has at least one image") }
        let (width, height) = (first.width, first.height)
        precondition(
            pairs.allSatisfy { $0.width == width && $0.height == height },
            "the images of a batch have one size"
        )
        func joined(_ planes: [[Float]]) -> Tensor {
            Tensor(shape: [planes.count, 1, height, width]) { buffer in
                for (index, plane) in planes.enumerated() {
                    let target = buffer[(index * plane.count)..<((index + 1) * plane.count)]
                    _ = UnsafeMutableBufferPointer(rebasing: target).update(fromContentsOf: plane)
                }
            }
        }
        let standardized = pairs.map { pair in
            var pair = pair
            pair.standardize()
            return pair.image
        }
        self.init(
            images: joined(standardized),
            masks: joined(pairs.map(\.mask)),
            pathologies: records.map(\.pathology),
            identifiers: records.map(\.id),
            intensities: joined(pairs.map(\.image)),
            coverage: joined(pairs.map(\.coverage)),
            records: records
        )
    }
}

/// Makes the batches of a training, each from nothing but the seed, the epoch and its samples.
package struct BatchMaker: Sendable {
    package let samples: [PreparedSample]
    package let augmentation: AugmentationPipeline
    package let seed: UInt64

    package init(samples: [PreparedSample], augmentation: AugmentationPipeline, seed: UInt64) {
        self.samples = samples
        self.augmentation = augmentation
        self.seed = seed
    }

    /// The batch of those samples in an epoch.
    package func batch(_ indices: [Int], epoch: Int) -> Batch {
        guard let batch = batch(indices, epoch: epoch, isCancelled: { false }) else {
            preconditionFailure("a batch that nobody cancelled")
        }
        return batch
    }

    /// The batch of those samples in an epoch; `nil` if it was cancelled, which is asked before every image.
    package func batch(_ indices: [Int], epoch: Int, isCancelled: () -> Bool) -> Batch? {
        var pairs: [ImagePair] = []
        pairs.reserveCapacity(indices.count)
        for index in indices {
            guard !isCancelled() else { return nil }
            let sample = samples[index]
            var stream = RandomStream(seed: seed, "augmentation", StreamKey(epoch), StreamKey(sample.record.id))
            pairs.append(augmentation.augmented(sample.pair, using: &stream))
        }
        return Batch(indices.map { samples[$0].record }, pairs)
    }

    /// All samples as they are, for terms that learn statistics from them.
    package func plainBatches(size: Int) -> [Batch] {
        stride(from: 0, to: samples.count, by: size).map { Batch(samples[$0..<min($0 + size, samples.count)]) }
    }
}
