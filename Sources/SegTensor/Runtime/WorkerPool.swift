internal import CSegKernels
import Foundation
import Synchronization

/// Threads that wait for work and share it, each its own tasks first and then the others'.
///
/// Operators cut their work into tasks by the shape of the operands, never by the number of threads, and add partial
/// results in the order of the tasks. So results are the same bits for any number of threads, and a thread that the
/// system holds up does not hold up the others' tasks.
///
/// The pool in use is a task-local value: ``WorkerPool/current``. `SEGKIT_THREADS` sets its size for the process;
/// otherwise it is the number of processors that the process may use, by its affinity and its control groups' quotas.
public final class WorkerPool: Sendable {
    /// Threads that work, the calling one included.
    public let threadCount: Int

    private let shared: WorkerPoolState

    /// A pool of `threadCount` threads, of which `threadCount - 1` are started now.
    public init(threadCount: Int) {
        requireOperands(
            threadCount >= 1,
            "a pool of \(threadCount) threads cannot work",
            cure: "use at least one",
            operation: "WorkerPool"
        )
        self.threadCount = threadCount
        shared = WorkerPoolState()
        for worker in 1..<max(threadCount, 1) where threadCount > 1 {
            let state = shared
            let thread = Thread { state.work(as: worker) }
            thread.name = "segtensor-\(worker)"
            thread.stackSize = 1 << 21
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// The pool of the process, unless one is set by ``with(_:_:)``.
    public static var current: WorkerPool { bound ?? standard }

    @TaskLocal private static var bound: WorkerPool?

    /// The process's own pool.
    public static let standard = WorkerPool(threadCount: standardThreadCount)

    private static var standardThreadCount: Int {
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else {
            return AvailableProcessors.count
        }
        guard let count = threadCount(of: text) else {
            OperandFailure.end(
                "\(variable) is `\(text)`",
                cure: "set it to a number of threads from 1 to \(most), or not at all",
                operation: "WorkerPool"
            )
        }
        return count
    }

    /// The environment's variable for the number of threads.
    package static let variable = "SEGKIT_THREADS"
    /// The most threads that a pool of the process may be asked to have.
    package static let most = 1024

    /// The number of threads that a text asks for; `nil` if it is not a number from 1 to ``most``.
    package static func threadCount(of text: String) -> Int? {
        Int(text).flatMap { (1...most).contains($0) ? $0 : nil }
    }

    /// Runs `body` with another pool.
    public static func with<Result>(_ pool: WorkerPool, _ body: () throws -> Result) rethrows -> Result {
        try $bound.withValue(pool, operation: body)
    }

    /// Runs `body(task, worker)` once for each task in `0..<count`, on any thread and in any order.
    ///
    /// `worker` is in `0..<threadCount` and identifies the thread, for scratch memory. Tasks may not call `run`.
    ///
    /// While the library only measures how much memory a network takes, nothing is run.
    public func run(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        guard count > 0, DryRun.current == nil else { return }
        guard threadCount > 1, count > 1, shared.claim() else {
            for task in 0..<count { body(task, 0) }
            return
        }
        withoutActuallyEscaping(body) { escaping in
            shared.run(Job(count: count, workers: threadCount, body: escaping))
        }
    }
}

/// A loop that threads share. It outlives its closure's scope only as an empty shell: the closure is taken out before,
/// because a thread may let go of the job a little later than it finishes with it.
///
/// Each worker has a run of neighboring tasks that it takes first, the same in every loop of as many tasks: what it wrote
/// into its core's caches is what it reads in the next operator. One that is done takes over what others have left.
///
/// `@unchecked Sendable`: tasks are taken by atomic counters, and the closure is set before the job is handed out and
/// taken out when ``isFinished``.
private final class Job: @unchecked Sendable {
    let count: Int
    var body: ((Int, Int) -> Void)?
    let finished = Atomic<Int>(0)
    private let workers: Int
    /// The plugin whose loop it is.
    private let plugin = PluginLabel.current
    /// The next task of each worker's run.
    private let next: UnsafeMutablePointer<Line>

    /// A counter that shares its cache line with no other.
    private struct Line: ~Copyable {
        let value: Atomic<Int>
        private let padding: (Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0)
        init(_ first: Int) { value = Atomic(first) }
    }

    init(count: Int, workers: Int, body: @escaping (Int, Int) -> Void) {
        self.count = count
        self.workers = workers
        self.body = body
        next = .allocate(capacity: workers)
        for worker in 0..<workers { (next + worker).initialize(to: Line(worker * count / workers)) }
    }

    deinit {
        next.deinitialize(count: workers)
        next.deallocate()
    }

    /// Takes tasks until none is left.
    func drain(as worker: Int) {
        guard let body else { return }
        PluginContext.with(plugin) { drain(body, as: worker) }
    }

    private func drain(_ body: (Int, Int) -> Void, as worker: Int) {
        for offset in 0..<workers {
            let owner = (worker + offset) % workers
            let end = (owner + 1) * count / workers
            while true {
                let task = next[owner].value.wrappingAdd(1, ordering: .relaxed).oldValue
                guard task < end else { break }
                body(task, worker)
                finished.wrappingAdd(1, ordering: .acquiringAndReleasing)
            }
        }
    }

    var isFinished: Bool { finished.load(ordering: .acquiring) >= count }
}

/// What the pool and its threads share. Threads keep it alive; the pool stops them when it goes.
///
/// `@unchecked Sendable`: every access to the mutable members holds the lock.
private final class WorkerPoolState: @unchecked Sendable {
    private let lock = NSCondition()
    private let generation = Atomic<Int>(0)
    private let busy = Atomic<Bool>(false)
    private let active = Atomic<Int>(0)
    private var job: Job?
    private var sleepers = 0
    private var isStopped = false

    /// Pauses, of some ten nanoseconds each, before a worker sleeps: an operator usually follows another within
    /// microseconds, and to be woken takes longer than that.
    private static let spins = 4000

    /// Whether the caller may use the workers: false inside a task, or while another thread's loop runs.
    func claim() -> Bool {
        busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    func run(_ job: Job) {
        lock.lock()
        self.job = job
        generation.wrappingAdd(1, ordering: .releasing)
        if sleepers > 0 { lock.broadcast() }
        lock.unlock()
        job.drain(as: 0)
        var turns = 0
        while !job.isFinished || active.load(ordering: .acquiring) > 0 {
            turns += 1
            seg_pause()
            if turns > 200 { sched_yield() }
        }
        lock.lock()
        self.job = nil
        lock.unlock()
        // A worker that saw the job before it was taken away may still be about to touch it; its closure must not
        // go out of scope until then.
        while active.load(ordering: .acquiring) > 0 { sched_yield() }
        job.body = nil
        busy.store(false, ordering: .releasing)
    }

    func work(as worker: Int) {
        var seen = 0
        while true {
            var turns = 0
            while generation.load(ordering: .acquiring) == seen && turns < Self.spins {
                turns += 1
                seg_pause()
            }
            lock.lock()
            while generation.load(ordering: .relaxed) == seen && !isStopped {
                sleepers += 1
                lock.wait()
                sleepers -= 1
            }
            if isStopped {
                lock.unlock()
                return
            }
            seen = generation.load(ordering: .relaxed)
            let job = self.job
            if job != nil { active.wrappingAdd(1, ordering: .acquiringAndReleasing) }
            lock.unlock()
            if let job {
                job.drain(as: worker)
                active.wrappingSubtract(1, ordering: .acquiringAndReleasing)
            }
        }
    }

    func stop() {
        lock.lock()
        isStopped = true
        lock.broadcast()
        lock.unlock()
    }
}
