import Foundation
import SegAugmentation
import SegCore
import SegData
import SegTensor
import SegTraining
import Testing

@Suite struct BatchTests {
    @Test func aBatchHoldsItsSamples() throws {
        let samples = try makeSamples(3, normals: true)
        let batch = Batch(samples)
        #expect(batch.images.shape == [3, 1, 16, 16])
        #expect(batch.identifiers == samples.map(\.record.id))
        #expect(batch.pathologies == samples.map(\.record.pathology))
        #expect(batch.images.values() == samples.flatMap { $0.input.image })
        #expect(batch.intensities.values() == samples.flatMap(\.image))
        #expect(batch.masks.values() == samples.flatMap(\.mask))
        #expect(batch.coverage.values() == samples.flatMap(\.letterbox.coverage))
        // The sources are wider than high: there is padding, and it is 0.
        #expect(batch.coverage.values().contains(0))
        #expect(zip(batch.coverage.values(), batch.images.values()).allSatisfy { $0 == 1 || $1 == 0 })
    }

    @Test func augmentationDependsOnSeedEpochAndSampleAlone() throws {
        let samples = try makeSamples(6)
        let streamed = samples.map { StreamedSample($0) }
        let pipeline = try AugmentationPipeline(settings: .init())
        let maker = BatchMaker(samples: streamed, augmentation: pipeline, seed: 4)
        let alone = try maker.batch([2], epoch: 1).images.values()
        let together = try maker.batch([5, 2, 0], epoch: 1).images.values()
        #expect(Array(together[256..<512]) == alone)
        #expect(try maker.batch([2], epoch: 2).images.values() != alone)
        #expect(
            try BatchMaker(samples: streamed, augmentation: pipeline, seed: 5).batch([2], epoch: 1).images.values()
                != alone
        )
        // Drawn again in one epoch, it is augmented anew.
        let twice = try #require(try maker.batch([2, 2], repetitions: [0, 1], epoch: 1, isCancelled: { false }))
        #expect(Array(twice.images.values().prefix(256)) == alone)
        #expect(Array(twice.images.values().dropFirst(256)) != alone)
        // Intensities and mask moved together with the image.
        let batch = try maker.batch([2], epoch: 1)
        var pair = samples[2].pair
        var stream = RandomStream(seed: 4, "augmentation", 1, StreamKey(samples[2].record.id))
        pipeline.apply(to: &pair, using: &stream)
        #expect(batch.intensities.values() == pair.image)
        #expect(batch.masks.values() == pair.mask)
        #expect(batch.coverage.values() == pair.coverage)
        pair.standardize()
        #expect(batch.images.values() == pair.image)
    }
}
