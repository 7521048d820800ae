package import Dispatch
import Foundation
import SegTensor

/// Threads that work side by side, each with its share of the current pool's workers.
package enum WorkerThreads {
    /// Begins `count` threads, and returns the group that they leave when they end.
    ///
    /// - Parameters:
    ///   - name: what the threads are called, followed by their numbers.
    ///   - body: is given the thread's number, from 0.
    package static func begin(_ count: Int, named name: String, _ body: @escaping @Sendable (_ job: Int) -> Void)
        -> DispatchGroup
    {
        let threads = max(1, WorkerPool.current.threadCount / max(count, 1))
        let group = DispatchGroup()
        for job in 0..<count {
            group.enter()
            let thread = Thread {
                defer { group.leave() }
                WorkerPool.with(WorkerPool(threadCount: threads)) { body(job) }
            }
            thread.name = "\(name)-\(job)"
            // As the main thread has: networks and plugins are made and run here.
            thread.stackSize = 1 << 23
            thread.start()
        }
        return group
    }
}
