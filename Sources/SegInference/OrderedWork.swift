import Dispatch
import Foundation

/// Work on a row of things, several at a time, each on a thread with its share of the workers; what comes of them is taken in their
/// order.
///
/// Nothing is begun that is far ahead of what was taken, so that memory does not grow with the length of the row.
package enum OrderedWork {
    /// - Parameters:
    ///   - count: the length of the row.
    ///   - jobs: how many are worked on at a time.
    ///   - work: is given the place of a thing, and the number of the thread, from 0 to `jobs` − 1.
    ///   - take: is given what came of each thing, in their order, on the calling thread. Once it throws, no more are begun.
    ///
    /// - Throws: what `take` throws, when the work under way has ended.
    package static func run<Value: Sendable>(
        _ count: Int,
        jobs: Int,
        work: @escaping (_ index: Int, _ job: Int) throws -> Value,
        taking take: (_ index: Int, Result<Value, any Error>) throws -> Void
    ) throws {
        let jobs = min(jobs, count)
        guard jobs > 1 else {
            for index in 0..<count { try take(index, Result { try work(index, 0) }) }
            return
        }
        let row = Row<Value>(count, ahead: 4 * jobs)
        // Each thread has its own number, by which `work` keeps apart what threads may not share.
        nonisolated(unsafe) let shared = work
        let group = WorkerThreads.begin(jobs, named: "segrow") { job in
            while let index = row.next() { row.put(index, Result { try shared(index, job) }) }
        }
        defer {
            row.stop()
            group.wait()
        }
        for index in 0..<count { try take(index, row.result(of: index)) }
    }

    /// Which thing is next, and what came of those that were not taken yet.
    ///
    /// `@unchecked Sendable`: everything is read and changed with the lock held.
    private final class Row<Value: Sendable>: @unchecked Sendable {
        private let condition = NSCondition()
        private let count: Int
        private let ahead: Int
        private var begun = 0
        private var taken = 0
        private var isStopped = false
        private var results: [Int: Result<Value, any Error>] = [:]

        init(_ count: Int, ahead: Int) { (self.count, self.ahead) = (count, ahead) }

        /// `nil` when all were given out, or no more are wanted.
        func next() -> Int? {
            condition.withLock {
                while begun < count, begun >= taken + ahead, !isStopped { condition.wait() }
                guard begun < count, !isStopped else { return nil }
                defer { begun += 1 }
                return begun
            }
        }

        func put(_ index: Int, _ result: Result<Value, any Error>) {
            condition.withLock {
                results[index] = result
                condition.broadcast()
            }
        }

        /// Waits for what comes of a thing, and lets go of it.
        func result(of index: Int) -> Result<Value, any Error> {
            condition.withLock {
                while true {
                    if let result = results.removeValue(forKey: index) {
                        taken = index + 1
                        condition.broadcast()
                        return result
                    }
                    condition.wait()
                }
            }
        }

        func stop() {
            condition.withLock {
                isStopped = true
                condition.broadcast()
            }
        }
    }
}
