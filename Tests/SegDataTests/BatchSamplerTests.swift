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

    @Test("draws in equal parts count how often a sample came before, from any step on")
    func repetitions() throws {
        let sampler = try BatchSampler(count: 12, batchSize: 5, seed: 3, classes: [1] + Array(repeating: 0, count: 11))
        let (batches, repetitions) = (sampler.batches(epoch: 2), sampler.repetitions(epoch: 2))
        var drawn: [Int: Int] = [:]
        for (index, repetition) in zip(batches.joined(), repetitions.joined()) {
            #expect(repetition == drawn[index, default: 0])
            drawn[index, default: 0] += 1
        }
        #expect(drawn[0] == 6)
        #expect(sampler.repetitions(epoch: 2, from: 1) == Array(repetitions.dropFirst()))
        let plain = try BatchSampler(count: 7, batchSize: 3, seed: 3)
        #expect(plain.repetitions(epoch: 0, from: 1) == [[0, 0, 0], [0]])
    }
}
