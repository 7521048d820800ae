import Foundation
import SegInference
import SegTensor
import Testing

@Suite("Work on a row of things")
struct OrderedWorkTests {
    @Test("Results are taken in order, and nothing is begun far ahead of them", arguments: [1, 2, 5, 40])
    func order(jobs: Int) throws {
        let begun = Locked(0)
        let taken = Locked(0)
        let farthest = Locked(0)
        var results: [Int] = []
        try OrderedWork.run(30, jobs: jobs) { index, job -> Int in
            let now = begun.withLock { begun in
                begun = max(begun, index + 1)
                return begun
            }
            let ahead = now - taken.withLock { $0 }
            farthest.withLock { $0 = max($0, ahead) }
            #expect((0..<max(jobs, 1)).contains(job))
            // The first of all takes longest.
            if index == 0 { usleep(20_000) }
            return 2 * index
        } taking: { index, result in
            results.append(try result.get())
            taken.withLock { $0 = index + 1 }
        }
        #expect(results == (0..<30).map { 2 * $0 })
        // One more may have been handed over that is not taken here yet.
        #expect(farthest.withLock { $0 } <= 4 * jobs + 1)
        #expect(jobs == 1 || farthest.withLock { $0 } > 1)
    }

    @Test("A failure comes in its turn, and no more is begun once it is not taken", arguments: [1, 3])
    func failure(jobs: Int) throws {
        struct Failure: Error { var index: Int }
        let begun = Locked(0)
        var taken: [Int] = []
        let error = #expect(throws: Failure.self) {
            try OrderedWork.run(1000, jobs: jobs) { index, _ -> Int in
                begun.withLock { $0 += 1 }
                if index >= 5 { throw Failure(index: index) }
                return index
            } taking: { _, result in
                taken.append(try result.get())
            }
        }
        #expect(error?.index == 5 && taken == [0, 1, 2, 3, 4])
        #expect(begun.withLock { $0 } <= 5 + 1 + 4 * jobs)
    }

    @Test("Threads share the workers")
    func workers() throws {
        try WorkerPool.with(WorkerPool(threadCount: 4)) {
            var counts: [Int] = []
            try OrderedWork.run(6, jobs: 2, work: { _, _ in WorkerPool.current.threadCount }) { _, result in
                counts.append(try result.get())
            }
            #expect(counts == [2, 2, 2, 2, 2, 2])
        }
    }
}
