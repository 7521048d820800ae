package import SegAugmentation
package import SegCore

/// Makes the batches of a training, each from nothing but the seed, the epoch and its samples.
package struct BatchMaker: Sendable {
    package let samples: [StreamedSample]
    package let augmentation: AugmentationPipeline
    package let seed: UInt64
    package let scaling: ImageScaling
    private let failure: ReadingFailure

    /// - Parameters:
    ///   - scaling: what the backbone asks for.
    ///   - failure: where augmentation notes that an image could not be read.
    package init(
        samples: [StreamedSample],
        augmentation: AugmentationPipeline,
        seed: UInt64,
        scaling: ImageScaling = .standardized,
        failure: ReadingFailure = ReadingFailure()
    ) {
        self.scaling = scaling
        self.samples = samples
        self.augmentation = augmentation
        self.seed = seed
        self.failure = failure
    }

    /// The batch of those samples in an epoch.
    ///
    /// - Throws: as ``StreamedSample/loaded()``.
    package func batch(_ indices: [Int], epoch: Int) throws -> Batch {
        let repetitions = indices.map { _ in 0 }
        guard let batch = try batch(indices, repetitions: repetitions, epoch: epoch, isCancelled: { false }) else {
            preconditionFailure("a batch that nobody cancelled")
        }
        return batch
    }

    /// The batch of those samples in an epoch; `nil` if it was cancelled, which is asked before every image.
    ///
    /// - Parameter repetitions: how often the epoch has drawn each before; another draw has an augmentation of its own.
    ///
    /// - Throws: as ``StreamedSample/loaded()``.
    package func batch(_ indices: [Int], repetitions: [Int], epoch: Int, isCancelled: () -> Bool) throws -> Batch? {
        var pairs: [ImagePair] = []
        pairs.reserveCapacity(indices.count)
        var labels: [String] = []
        for (index, repetition) in zip(indices, repetitions) {
            guard !isCancelled() else { return nil }
            let sample = try samples[index].loaded()
            if pairs.isEmpty { labels = sample.labels.map(\.name) }
            var path: [StreamKey] = ["augmentation", StreamKey(epoch), StreamKey(sample.record.id)]
            if repetition > 0 { path.append(StreamKey(repetition)) }
            var stream = RandomStream(seed: seed, path: path)
            pairs.append(augmentation.augmented(sample.pair, using: &stream))
            try failure.check()
        }
        return Batch(indices.map { samples[$0].record }, pairs, labels: labels, scaling: scaling)
    }

    /// Gives all samples as they are to what learns statistics from them.
    ///
    /// - Throws: what `body` throws, and as ``StreamedSample/loaded()``.
    package func withPlainBatches(size: Int, _ body: (PlainBatches) throws -> Void) throws {
        let batches = PlainBatches(samples, size: size, scaling: scaling)
        // Whoever was given fewer batches than there are may complain of that, which is not the cause.
        let result = Result { try body(batches) }
        try batches.failure.check()
        try result.get()
    }
}
