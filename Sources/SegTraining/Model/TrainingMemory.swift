package import SegCore
import SegTensor

/// The memory that a training takes, found without taking it.
package struct TrainingMemory: Hashable, Sendable {
    /// Of the parameters with their gradients, the optimizer's two moments, and the copies that are kept, or exchanged with other
    /// ranks, bytes.
    package var parameters: Int
    /// Of what a step keeps of a batch for its gradients, and what these take, at the step's fullest moment, bytes.
    package var activations: Int
    /// Memory that goes from tensor to tensor and is not needed at the fullest moment, bytes.
    package var reserve: Int

    /// What training takes at least: what is in use at the fullest moment, bytes.
    package var least: Int { parameters + activations }

    /// What the process holds for training, bytes. Images of the data set, and batches made ahead, come on top.
    package var total: Int { least + reserve }

    /// Measures two steps on blank images.
    ///
    /// - Parameters:
    ///   - images: of a batch.
    ///   - ranks: processes that train the model together.
    ///   - make: makes the model; called while nothing is computed.
    package init(
        images: Int,
        imageSize: Int,
        channels: Int,
        settings: TrainingSettings,
        ranks: Int = 1,
        _ make: () throws -> MultiTaskModel
    ) rethrows {
        let run = DryRun()
        let count = try run.record {
            let model = try make()
            var batch = Batch.blank(count: images, size: imageSize, channels: channels)
            if let labels = model.labelHead?.labels {
                for name in labels.further { batch.labels[name] = batch.masks }
            }
            let parameters = model.parameters.map(\.parameter)
            let end = TrainingProgress(epoch: 1_000_000, epochs: 1_000_000)
            // A term may ask for its statistics; it complains of those of blank images.
            for term in model.terms { try? term.prepare([batch]) }
            for _ in 0..<2 {
                Precision.with(settings.precision) {
                    let outputs = model.outputs(for: batch.images, phase: .training)
                    model.losses(outputs, batch, end).total.backward()
                }
                for parameter in parameters { parameter.clearGradient() }
            }
            return parameters.reduce(0) { $0 + $1.shape.count }
        }
        // Value and gradient, 4 bytes each, are part of the run; the moments of AdamW, and copies, are not.
        let copies = (settings.selectionMetric == .last ? 0 : 1) + (settings.averaging > 0 ? 1 : 0)
        let exchanged = Self.exchangedCopies(settings.replicas, ranks: ranks)
        let (own, kept) = (8 * count, (8 + 4 * (copies + exchanged)) * count)
        parameters = own + kept
        activations = max(0, run.usage.peakLive - own)
        reserve = run.usage.peakHeld - run.usage.peakLive
    }

    /// How many copies of all gradients a rank holds at most while they are summed: the sum so far, each batch's, what is handed
    /// over and what is taken of each batch, both with a copy in the transport, and the new sum with its pieces.
    private static func exchangedCopies(_ replicas: Int, ranks: Int) -> Int {
        guard ranks > 1 else { return 0 }
        let batches = (replicas + ranks - 1) / ranks
        return 1 + batches + 4 * batches + 2
    }
}

extension Batch {
    /// Images of which nothing is known but that half of them are benign and half malignant, for runs without computing.
    package static func blank(count: Int, size: Int, channels: Int) -> Batch {
        let plane = Tensor.zeros([count, 1, size, size])
        let masks = Tensor(shape: [count, 1, size, size]) { values in
            // Terms that read the lesion's shape find one, in as many images as are cheap to write to.
            for image in 0..<min(count, 32) {
                for row in size / 4..<size / 2 {
                    let first = (image * size + row) * size
                    for column in size / 4..<size / 2 { values[first + column] = 1 }
                }
            }
        }
        return Batch(
            images: Tensor.zeros([count, channels, size, size]),
            masks: masks,
            pathologies: (0..<count).map { $0.isMultiple(of: 2) ? .benign : .malignant },
            identifiers: (0..<count).map { "blank \($0)" },
            intensities: plane,
            coverage: plane
        )
    }
}
