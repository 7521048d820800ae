import SegTensor

/// `body` of every index, computed on the worker pool, in order.
///
/// - Throws: the error of the first index, in their order, whose `body` throws; little is begun after an error.
package func parallelMap<Value: Sendable>(
    _ count: Int,
    progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil,
    _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
    let work = Locked(ParallelWork<Value>(count: count))
    WorkerPool.current.run(count) { index, _ in
        // What comes before the failed one is still computed, so that the error does not hang on the threads' timing.
        guard work.withLock({ $0.failure.map { index < $0.index } ?? true }) else { return }
        let result = Result { try body(index) }
        work.withLock { work in
            do {
                work.results[index] = try result.get()
                work.done += 1
                try progress?(work.done, count)
            } catch {
                if work.failure.map({ index < $0.index }) ?? true { work.failure = (index, error) }
            }
        }
    }
    return try work.withLock { work in
        if let failure = work.failure { throw failure.error }
        return work.results.compactMap { $0 }
    }
}

/// What the threads share.
private struct ParallelWork<Value: Sendable>: Sendable {
    var results: [Value?]
    var done = 0
    var failure: (index: Int, error: any Error)?

    init(count: Int) { results = Array(repeating: nil, count: count) }
}
