package import SegAugmentation
public import SegCore
public import SegData
import SegTensor

extension Batch {
    /// Samples as a model sees them at evaluation: scaled as its backbone asks, not augmented.
    ///
    /// Traps if there is no sample, or if their canvases differ in size.
    public init(_ samples: some Collection<PreparedSample>, scaling: ImageScaling = .standardized) {
        let labels = samples.first?.labels.map(\.name) ?? []
        self.init(samples.map(\.record), samples.map(\.pair), labels: labels, scaling: scaling)
    }

    /// The same as a view shows them.
    init(_ samples: ArraySlice<PreparedSample>, _ view: ImageView?, scaling: ImageScaling) {
        guard let view else {
            self.init(samples, scaling: scaling)
            return
        }
        self.init(
            samples.map(\.record),
            samples.map { view.shown($0.pair) },
            labels: samples.first?.labels.map(\.name) ?? [],
            scaling: scaling
        )
    }

    /// Images with their masks, not standardized yet; this does it.
    ///
    /// - Parameters:
    ///   - labels: the names of the pairs' further labels.
    ///   - scaling: what the backbone asks for.
    init(_ records: [SampleRecord], _ pairs: [ImagePair], labels: [String], scaling: ImageScaling) {
        self.init(records, pairs, scaled: pairs.map { $0.scaled(scaling) }, labels: labels)
    }

    /// - Parameter scaled: the pairs as the backbone sees them.
    init(_ records: [SampleRecord], _ pairs: [ImagePair], scaled: [ImagePair], labels: [String]) {
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
        let colorCount = first.colors.count
        precondition(
            pairs.allSatisfy { $0.labels.count == labels.count && $0.colors.count == colorCount },
            "the images of a batch have the same labels and colors"
        )
        let images =
            colorCount == 0
            ? joined(scaled.map(\.image))
            : joined(scaled.flatMap(\.colors)).reshaped(to: [pairs.count, colorCount, height, width])
        self.init(
            images: images,
            masks: joined(pairs.map(\.mask)),
            pathologies: records.map(\.pathology),
            identifiers: records.map(\.id),
            intensities: joined(pairs.map(\.image)),
            coverage: joined(pairs.map(\.coverage)),
            records: records,
            labels: Dictionary(
                uniqueKeysWithValues: labels.enumerated().map { place, name in
                    (name, joined(pairs.map { $0.labels[place] }))
                }
            )
        )
    }
}

extension ImagePair {
    /// As a backbone sees it.
    func scaled(_ scaling: ImageScaling) -> ImagePair {
        var pair = self
        switch scaling {
        case .standardized: pair.standardize()
        case .intensities: pair.clearPadding()
        }
        return pair
    }
}

/// Makes the batches of a training, each from nothing but the seed, the epoch and its samples.
package struct BatchMaker: Sendable {
    package let samples: [PreparedSample]
    package let augmentation: AugmentationPipeline
    package let seed: UInt64
    package let scaling: ImageScaling

    /// - Parameter scaling: what the backbone asks for.
    package init(
        samples: [PreparedSample],
        augmentation: AugmentationPipeline,
        seed: UInt64,
        scaling: ImageScaling = .standardized
    ) {
        self.scaling = scaling
        self.samples = samples
        self.augmentation = augmentation
        self.seed = seed
    }

    /// The batch of those samples in an epoch.
    package func batch(_ indices: [Int], epoch: Int) -> Batch {
        let repetitions = indices.map { _ in 0 }
        guard let batch = batch(indices, repetitions: repetitions, epoch: epoch, isCancelled: { false }) else {
            preconditionFailure("a batch that nobody cancelled")
        }
        return batch
    }

    /// The batch of those samples in an epoch; `nil` if it was cancelled, which is asked before every image.
    ///
    /// - Parameter repetitions: how often the epoch has drawn each before; another draw has an augmentation of its own.
    package func batch(_ indices: [Int], repetitions: [Int], epoch: Int, isCancelled: () -> Bool) -> Batch? {
        var pairs: [ImagePair] = []
        pairs.reserveCapacity(indices.count)
        for (index, repetition) in zip(indices, repetitions) {
            guard !isCancelled() else { return nil }
            let sample = samples[index]
            var path: [StreamKey] = ["augmentation", StreamKey(epoch), StreamKey(sample.record.id)]
            if repetition > 0 { path.append(StreamKey(repetition)) }
            var stream = RandomStream(seed: seed, path: path)
            pairs.append(augmentation.augmented(sample.pair, using: &stream))
        }
        let labels = samples.first?.labels.map(\.name) ?? []
        return Batch(indices.map { samples[$0].record }, pairs, labels: labels, scaling: scaling)
    }

    /// All samples as they are, for terms that learn statistics from them.
    package func plainBatches(size: Int) -> [Batch] {
        stride(from: 0, to: samples.count, by: size).map {
            Batch(samples[$0..<min($0 + size, samples.count)], scaling: scaling)
        }
    }
}
