import SegCore
import SegData
import Testing

@Suite struct BatchSamplerTests {
    @Test(arguments: [(10, 4, false), (10, 4, true), (8, 4, true), (1, 8, false), (7, 1, true)])
    func everySampleOnce(count: Int, batchSize: Int, dropsLast: Bool) throws {
        let sampler = try BatchSampler(count: count, batchSize: batchSize, dropsLast: dropsLast, seed: 5)
        let batches = sampler.batches(epoch: 3)
        #expect(batches.count == sampler.stepsPerEpoch)
        let drawn = batches.flatMap { $0 }
        #expect(Set(drawn).count == drawn.count)
        #expect(drawn.count == (dropsLast ? count / batchSize * batchSize : count))
        #expect(batches.dropLast().allSatisfy { $0.count == batchSize })
        #expect(!dropsLast || batches.allSatisfy { $0.count == batchSize })
    }

    @Test func epochsDifferAndRepeat() throws {
        let sampler = try BatchSampler(count: 50, batchSize: 8, seed: 5)
        #expect(sampler.batches(epoch: 0) == sampler.batches(epoch: 0))
        #expect(sampler.batches(epoch: 0) != sampler.batches(epoch: 1))
        #expect(try sampler.batches(epoch: 0) != BatchSampler(count: 50, batchSize: 8, seed: 6).batches(epoch: 0))
    }

    @Test func resumesAtAnyStep() throws {
        let sampler = try BatchSampler(count: 50, batchSize: 8, seed: 5)
        #expect(sampler.batches(epoch: 4, from: 3) == Array(sampler.batches(epoch: 4)[3...]))
        #expect(sampler.batches(epoch: 4, from: 7).isEmpty)
    }

    @Test(arguments: [(0, 4, false), (5, 0, false), (5, 8, true)])
    func impossibleRequestsAreRejected(count: Int, batchSize: Int, dropsLast: Bool) {
        #expect(throws: SegmentationError.self) {
            try BatchSampler(count: count, batchSize: batchSize, dropsLast: dropsLast, seed: 1)
        }
    }
}
