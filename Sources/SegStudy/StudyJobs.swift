import Dispatch
import SegInference
import SegTensor
import SegTraining

/// Work of a study that is done several pieces at a time, each by a thread with its share of the workers.
///
/// Results do not depend on how many there are: a training draws its random numbers from streams of its own, and operators come
/// to the same bits for any number of threads.
struct StudyJobs: Sendable {
    /// Pieces that are worked on at a time.
    let count: Int

    /// `body` of each element, in their order.
    ///
    /// The first failure stops the others as a signal does, so that each saves what it has.
    ///
    /// - Parameter body: is given the element, and the context in which to work on it.
    ///
    /// - Throws: the failure of the first element, in their order, that was not only stopped because of another's.
    func map<Element, Value>(
        _ elements: [Element],
        in context: RunContext,
        _ body: @escaping (Element, RunContext) throws -> Value
    ) throws -> [Value] {
        let jobs = min(count, elements.count)
        guard jobs > 1 else { return try elements.map { try body($0, context) } }
        let turns = Turns(elements.count)
        var stoppable = context
        stoppable.isCancelled = { context.isCancelled() || turns.hasFailed }
        let own = stoppable
        var results = [Result<Value, any Error>?](repeating: nil, count: elements.count)
        results.withUnsafeMutableBufferPointer { buffer in
            // Each thread writes elements that no other has, and all have ended before these go out of scope.
            nonisolated(unsafe) let slots = buffer
            nonisolated(unsafe) let pieces = elements
            nonisolated(unsafe) let work = body
            WorkerThreads.begin(jobs, named: "segjob") { _ in
                while let index = turns.next() {
                    let result = Result { try work(pieces[index], own) }
                    if case .failure = result { turns.fail() }
                    slots[index] = result
                }
            }.wait()
        }
        var failures: [any Error] = []
        for case .failure(let error)? in results { failures.append(error) }
        if let first = failures.first(where: { !($0 is TrainingCancelled) }) ?? failures.first { throw first }
        return try results.map { result in
            guard let result else { preconditionFailure("no piece failed, and one was not made") }
            return try result.get()
        }
    }

    /// Which element is next.
    private final class Turns: Sendable {
        private let state = Locked((next: 0, hasFailed: false))
        private let count: Int

        init(_ count: Int) { self.count = count }

        /// `nil` when all were given out, or one has failed.
        func next() -> Int? {
            state.withLock { state in
                guard state.next < count, !state.hasFailed else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        func fail() { state.withLock { $0.hasFailed = true } }

        var hasFailed: Bool { state.withLock { $0.hasFailed } }
    }
}
