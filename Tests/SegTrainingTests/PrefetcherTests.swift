import Foundation
import SegAugmentation
import SegBatches
import SegCore
import SegData
import SegTensor
import SegTraining
import Synchronization
import Testing

@Suite struct PrefetcherTests {
    /// Counts the images that were made, and may be slow.
    private struct Counter: AugmentationStep {
        final class Count: Sendable {
            let value = Atomic<Int>(0)
        }

        let count = Count()
        var delay = 0.0

        func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
            count.value.wrappingAdd(1, ordering: .relaxed)
            pair.image[0] = stream.uniform()
            if delay > 0 { Thread.sleep(forTimeInterval: delay * Double(stream.uniform())) }
        }

        var made: Int { count.value.load(ordering: .relaxed) }
    }

    @Test(arguments: [(0, 0), (0, 2), (1, 1), (2, 3), (3, 0)], [1, 2, 5])
    func givesTheSameBatchesInOrderForAnyNumberOfWorkers(start: (epoch: Int, step: Int), workers: Int) throws {
        let maker = BatchMaker(
            samples: try makeSamples(10).map { StreamedSample($0) },
            // Slow by chance, so that workers overtake one another.
            augmentation: AugmentationPipeline(
                steps: try AugmentationPipeline(settings: .init()).steps + [Counter(delay: 0.002)]
            ),
            seed: 4
        )
        let sampler = try BatchSampler(count: 10, batchSize: 4, seed: 4)
        let prefetcher = BatchPrefetcher(
            maker,
            sampler,
            epochs: 3,
            epoch: start.epoch,
            step: start.step,
            workers: workers
        )
        for current in start.epoch..<max(3, start.epoch) {
            for indices in sampler.batches(epoch: current, from: current == start.epoch ? start.step : 0) {
                let expected = try maker.batch(indices, epoch: current)
                let batch = try #require(try prefetcher.next())
                #expect(batch.identifiers == expected.identifiers)
                #expect(batch.images.values() == expected.images.values())
                #expect(batch.masks.values() == expected.masks.values())
            }
        }
        #expect(try prefetcher.next() == nil)
        #expect(prefetcher.runningWorkers == 0)
        prefetcher.stop()
        #expect(try prefetcher.next() == nil)
    }

    private func endless(
        _ counter: Counter,
        workers: Int,
        depth: Int? = nil,
        batchSize: Int = 1
    ) throws -> BatchPrefetcher {
        let maker = BatchMaker(
            samples: try makeSamples(8).map { StreamedSample($0) },
            augmentation: AugmentationPipeline(steps: [counter]),
            seed: 1
        )
        let sampler = try BatchSampler(count: 8, batchSize: batchSize, seed: 1)
        return BatchPrefetcher(
            maker,
            sampler,
            epochs: 1_000_000,
            epoch: 0,
            step: 0,
            workers: workers,
            depth: depth
        )
    }

    @Test(arguments: [(1, 2), (2, 3), (5, 2), (3, 7)])
    func waitsWhenItIsAhead(workers: Int, depth: Int) throws {
        let counter = Counter()
        let prefetcher = try endless(counter, workers: workers, depth: depth)
        defer { prefetcher.stop() }
        for taken in 1...20 {
            _ = try #require(try prefetcher.next())
            // What was taken, what is ready or in the making, and nothing more.
            #expect(counter.made <= taken + depth)
        }
        // Left alone, the workers fill the room and rest.
        for _ in 0..<400 where counter.made < 20 + depth { Thread.sleep(forTimeInterval: 0.005) }
        Thread.sleep(forTimeInterval: 0.02)
        #expect(counter.made == 20 + depth)
    }

    @Test(arguments: [1, 2, 5]) func stopEndsAllThreadsWithinAnImage(workers: Int) throws {
        // A batch takes four seconds on average; waiting for it would take longer than the test allows.
        let counter = Counter(delay: 1)
        let prefetcher = try endless(counter, workers: workers, batchSize: 8)
        for _ in 0..<400 where counter.made == 0 { Thread.sleep(forTimeInterval: 0.005) }
        prefetcher.stop()
        #expect(prefetcher.runningWorkers == 0)
        let made = counter.made
        #expect(made <= workers)
        #expect(try prefetcher.next() == nil)
        Thread.sleep(forTimeInterval: 0.05)
        #expect(counter.made == made)
        prefetcher.stop()
    }

    @Test func stopReleasesATrainingThatWaits() throws {
        let prefetcher = try endless(Counter(delay: 0.5), workers: 1, batchSize: 8)
        let thread = Thread {
            Thread.sleep(forTimeInterval: 0.05)
            prefetcher.stop()
        }
        thread.start()
        #expect(try prefetcher.next() == nil)
        #expect(prefetcher.waits == BatchWaits())
    }

    @Test func itsEndEndsTheThreads() throws {
        let counter = Counter()
        do {
            let prefetcher = try endless(counter, workers: 2)
            _ = try #require(try prefetcher.next())
        }
        let made = counter.made
        Thread.sleep(forTimeInterval: 0.05)
        #expect(counter.made == made)
    }

    @Test func countsTheStepsThatHadToWait() throws {
        let slow = try endless(Counter(delay: 0.02), workers: 1)
        defer { slow.stop() }
        for _ in 0..<10 { _ = try slow.next() }
        #expect(slow.waits.steps >= 5)
        #expect(slow.waits.seconds > 0.01)

        let quick = try endless(Counter(), workers: 1, depth: 4)
        defer { quick.stop() }
        Thread.sleep(forTimeInterval: 0.3)
        for _ in 0..<4 { _ = try quick.next() }
        #expect(quick.waits == BatchWaits())
    }
}
