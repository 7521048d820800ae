import Foundation
package import SegCore
package import SegData

/// Makes batches on a thread of its own, a few ahead of the step that uses them.
///
/// `@unchecked Sendable`: every access to the mutable state holds the lock; a batch is used by one thread at a time.
package final class BatchPrefetcher: @unchecked Sendable {
    private let condition = NSCondition()
    private var ready: [Batch] = []
    private var isStopped = false
    private var isExhausted = false

    /// Starts at a step of an epoch and goes on to the end of the last epoch.
    ///
    /// - Parameter depth: batches that are kept ready; the thread waits when there are as many.
    package init(_ maker: BatchMaker, _ sampler: BatchSampler, epochs: Int, epoch: Int, step: Int, depth: Int = 2) {
        let thread = Thread { [self] in
            var firstStep = step
            for epoch in epoch..<max(epoch, epochs) {
                for indices in sampler.batches(epoch: epoch, from: firstStep) {
                    guard waitForRoom(depth) else { return }
                    let batch = maker.batch(indices, epoch: epoch)
                    condition.lock()
                    ready.append(batch)
                    condition.signal()
                    condition.unlock()
                }
                firstStep = 0
            }
            condition.lock()
            isExhausted = true
            condition.broadcast()
            condition.unlock()
        }
        thread.name = "segtraining-batches"
        thread.stackSize = 1 << 21
        thread.start()
    }

    /// The next batch, as soon as it is made; `nil` after the last one, and after ``stop()``.
    package func next() -> Batch? {
        condition.lock()
        defer { condition.unlock() }
        while ready.isEmpty && !isExhausted && !isStopped { condition.wait() }
        guard !ready.isEmpty, !isStopped else { return nil }
        condition.broadcast()
        return ready.removeFirst()
    }

    /// Ends the thread after the batch that it is making.
    package func stop() {
        condition.lock()
        isStopped = true
        ready = []
        condition.broadcast()
        condition.unlock()
    }

    private func waitForRoom(_ depth: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while ready.count >= depth && !isStopped { condition.wait() }
        return !isStopped
    }
}
