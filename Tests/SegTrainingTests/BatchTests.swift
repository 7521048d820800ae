import Foundation
import SegCore
import SegData
import SegTensor
import SegTraining
import Synchronization
import Testing

@Suite struct BatchTests {
    /// Counts the images that were made.
    private struct Counter: AugmentationStep {
        final class Count: Sendable {
            let value = Atomic<Int>(0)
        }

        let count = Count()

        func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
            count.value.wrappingAdd(1, ordering: .relaxed)
            pair.image[0] = stream.uniform()
        }
    }

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
        let pipeline = try AugmentationPipeline(settings: .init())
        let maker = BatchMaker(samples: samples, augmentation: pipeline, seed: 4)
        let alone = maker.batch([2], epoch: 1).images.values()
        let together = maker.batch([5, 2, 0], epoch: 1).images.values()
        #expect(Array(together[256..<512]) == alone)
        #expect(maker.batch([2], epoch: 2).images.values() != alone)
        #expect(
            BatchMaker(samples: samples, augmentation: pipeline, seed: 5).batch([2], epoch: 1).images.values() != alone
        )
        // Intensities and mask moved together with the image.
        let batch = maker.batch([2], epoch: 1)
        var pair = samples[2].pair
        var stream = RandomStream(seed: 4, "augmentation", 1, StreamKey(samples[2].record.id))
        pipeline.apply(to: &pair, using: &stream)
        #expect(batch.intensities.values() == pair.image)
        #expect(batch.masks.values() == pair.mask)
        #expect(batch.coverage.values() == pair.coverage)
        pair.standardize()
        #expect(batch.images.values() == pair.image)
    }

    @Test(arguments: [(0, 0), (0, 2), (1, 1), (2, 3), (3, 0)])
    func thePrefetcherGivesTheBatchesInOrder(epoch: Int, step: Int) throws {
        let maker = BatchMaker(
            samples: try makeSamples(10),
            augmentation: try AugmentationPipeline(settings: .init()),
            seed: 4
        )
        let sampler = try BatchSampler(count: 10, batchSize: 4, seed: 4)
        let prefetcher = BatchPrefetcher(maker, sampler, epochs: 3, epoch: epoch, step: step)
        defer { prefetcher.stop() }
        for current in epoch..<3 {
            for indices in sampler.batches(epoch: current, from: current == epoch ? step : 0) {
                let expected = maker.batch(indices, epoch: current)
                let batch = try #require(prefetcher.next())
                #expect(batch.identifiers == expected.identifiers)
                #expect(batch.images.values() == expected.images.values())
            }
        }
        #expect(prefetcher.next() == nil)
    }

    @Test func thePrefetcherWaitsWhenItIsAhead() throws {
        let counter = Counter()
        let maker = BatchMaker(
            samples: try makeSamples(4),
            augmentation: AugmentationPipeline(steps: [counter]),
            seed: 1
        )
        let sampler = try BatchSampler(count: 4, batchSize: 1, seed: 1)
        let prefetcher = BatchPrefetcher(maker, sampler, epochs: 100, epoch: 0, step: 0, depth: 2)
        for taken in 1...20 {
            _ = try #require(prefetcher.next())
            // What was taken, what is ready, and nothing more: the thread waits before it makes another.
            #expect(counter.count.value.load(ordering: .relaxed) <= taken + 2)
        }
        prefetcher.stop()
        #expect(prefetcher.next() == nil)
        let made = counter.count.value.load(ordering: .relaxed)
        Thread.sleep(forTimeInterval: 0.05)
        #expect(counter.count.value.load(ordering: .relaxed) <= made + 1)
    }
}
