import Foundation
package import SegCore
package import SegData
package import SegReplicas
import SegTensor

/// Makes batches on threads of its own, a few ahead of the step that uses them.
///
/// Batches come in the sampler's order and with the same bits for any number of workers: each is made by one thread
/// from nothing but its samples, the epoch and the seed. No more than `depth` batches are made or in the making
/// beyond those taken, so memory is bounded and workers rest when training is the slower part.
///
/// The threads end with ``stop()``, with the last batch, or with this object, whichever comes first.
package final class BatchPrefetcher: Sendable {
    private let queue: BatchQueue

    /// Starts at a step of an epoch and goes on to the end of the last epoch.
    ///
    /// - Parameters:
    ///   - group: makes only those batches that this rank of it computes.
    ///   - workers: threads that make batches; ``standardWorkers`` if `nil`.
    ///   - depth: batches that are made ahead; one more than workers, at least two, if `nil`. Where there are fewer
    ///     than workers, some of these have nothing to do.
    package init(
        _ maker: BatchMaker,
        _ sampler: BatchSampler,
        epochs: Int,
        epoch: Int,
        step: Int,
        group: TrainingGroup = .alone,
        workers: Int? = nil,
        depth: Int? = nil
    ) {
        let workers = workers ?? Self.standardWorkers
        let depth = depth ?? max(2, workers + 1)
        precondition(workers >= 1 && depth >= 1, "batches need a worker and room for one batch")
        let queue = BatchQueue(
            sampler,
            epochs: epochs,
            epoch: epoch,
            step: step,
            group: group,
            workers: workers,
            depth: depth
        )
        self.queue = queue
        for worker in 0..<workers {
            let thread = Thread { queue.work(with: maker) }
            thread.name = "segbatches-\(worker)"
            thread.stackSize = 1 << 21
            thread.start()
        }
    }

    deinit { queue.stop() }

    /// Half of the threads that operators use, from 1 to 8.
    ///
    /// Idle workers cost nothing, and the work of a batch is the same however many share it; more of them only help
    /// where augmentation takes longer than a step. On two cores one worker keeps up, and a second one would take
    /// the other core from the step for moments.
    package static var standardWorkers: Int { min(8, max(1, WorkerPool.current.threadCount / 2)) }

    /// The next batch, as soon as it is made; `nil` after the last one, and after ``stop()``.
    ///
    /// - Throws: in place of a batch of which a sample cannot be read, as ``SegData/StreamedSample/loaded()``.
    package func next() throws -> Batch? { try queue.next() }

    /// Ends the threads and returns when they have ended, after the images that they are working on at most.
    package func stop() { queue.stop() }

    /// How often and how long ``next()`` had to wait until now.
    package var waits: BatchWaits { queue.waits }

    /// Threads that have not ended.
    package var runningWorkers: Int { queue.runningWorkers }
}

/// What the threads of a prefetcher share with the one that trains.
///
/// `@unchecked Sendable`: every access to the mutable state holds the lock; a batch is used by one thread at a time.
private final class BatchQueue: @unchecked Sendable {
    /// A batch to be made, numbered in the order of delivery.
    private struct Ticket {
        var number: Int
        var epoch: Int
        var indices: [Int]
        /// How often the epoch has drawn each before.
        var repetitions: [Int]
    }

    private let condition = NSCondition()
    private let sampler: BatchSampler
    private let epochs: Int
    private let group: TrainingGroup
    private let depth: Int

    // The plan: what is left of the epoch, and which epoch it is.
    private var epoch: Int
    private var planned: ArraySlice<(indices: [Int], repetitions: [Int])>
    private var issued = 0

    private var ready: [Int: Result<Batch, any Error>] = [:]
    private var taken = 0
    private var running: Int
    private var isStopped = false
    private var waited = BatchWaits()

    init(
        _ sampler: BatchSampler,
        epochs: Int,
        epoch: Int,
        step: Int,
        group: TrainingGroup,
        workers: Int,
        depth: Int
    ) {
        self.sampler = sampler
        self.epochs = epochs
        self.group = group
        self.epoch = epoch
        self.depth = depth
        planned = epoch < epochs ? Self.plan(sampler, epoch: epoch, from: step, group) : []
        running = workers
    }

    private static func plan(
        _ sampler: BatchSampler,
        epoch: Int,
        from step: Int = 0,
        _ group: TrainingGroup
    ) -> ArraySlice<(indices: [Int], repetitions: [Int])> {
        zip(sampler.batches(epoch: epoch, from: step), sampler.repetitions(epoch: epoch, from: step))
            .enumerated()
            .filter { group.computes(batch: step + $0.offset) }
            .map { (indices: $0.element.0, repetitions: $0.element.1) }[...]
    }

    /// What a worker does all its life.
    func work(with maker: BatchMaker) {
        work: while let ticket = takeTicket() {
            let made = Result {
                try maker.batch(
                    ticket.indices,
                    repetitions: ticket.repetitions,
                    epoch: ticket.epoch,
                    isCancelled: { self.hasStopped }
                )
            }
            let batch: Result<Batch, any Error>
            switch made {
            case .success(nil): break work
            case .success(let made?): batch = .success(made)
            case .failure(let error): batch = .failure(error)
            }
            condition.withLock {
                ready[ticket.number] = batch
                condition.broadcast()
            }
        }
        condition.withLock {
            running -= 1
            condition.broadcast()
        }
    }

    /// Waits for room; `nil` when there is nothing left to make.
    private func takeTicket() -> Ticket? {
        condition.withLock {
            while issued - taken >= depth && !isStopped { condition.wait() }
            while planned.isEmpty && epoch + 1 < epochs {
                epoch += 1
                planned = Self.plan(sampler, epoch: epoch, group)
            }
            guard !isStopped, let (indices, repetitions) = planned.popFirst() else { return nil }
            defer { issued += 1 }
            return Ticket(number: issued, epoch: epoch, indices: indices, repetitions: repetitions)
        }
    }

    func next() throws -> Batch? {
        let next: Result<Batch, any Error>? = condition.withLock {
            if ready[taken] == nil && !isExhausted {
                let start = ContinuousClock.now
                while ready[taken] == nil && !isExhausted { condition.wait() }
                if !isStopped && ready[taken] != nil {
                    waited.steps += 1
                    waited.seconds += (ContinuousClock.now - start) / .seconds(1)
                }
            }
            guard !isStopped, let batch = ready.removeValue(forKey: taken) else { return nil }
            taken += 1
            condition.broadcast()
            return batch
        }
        return try next?.get()
    }

    /// Whether the next batch will never come.
    private var isExhausted: Bool { isStopped || (issued == taken && running == 0) }

    private var hasStopped: Bool { condition.withLock { isStopped } }

    func stop() {
        condition.withLock {
            isStopped = true
            ready = [:]
            condition.broadcast()
            while running > 0 { condition.wait() }
        }
    }

    var waits: BatchWaits { condition.withLock { waited } }
    var runningWorkers: Int { condition.withLock { running } }
}
