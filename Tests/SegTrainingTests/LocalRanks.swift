import Foundation
import SegReplicas
import SegTensor

/// A rank is gone, as a process that was killed is.
struct LostRank: Error {}

/// Ranks that are threads of this process and exchange their parts in memory.
///
/// `@unchecked Sendable`: every access to the mutable state holds the lock.
private final class LocalRanks: @unchecked Sendable {
    private let condition = NSCondition()
    private let count: Int
    /// What each rank gives, until all have taken theirs.
    private var given: [Int: Any] = [:]
    private var taken = 0
    private var isLost = false

    init(_ count: Int) { self.count = count }

    func exchange<Value>(_ parts: [[Value]], rank: Int) throws -> [[Value]] {
        try condition.withLock {
            // A fast rank may be back before all have taken what was given before.
            while given[rank] != nil && !isLost { condition.wait() }
            given[rank] = parts
            condition.broadcast()
            while given.count < count && !isLost { condition.wait() }
            guard !isLost else { throw LostRank() }
            let all = try (0..<count).map { other in
                guard let parts = given[other] as? [[Value]] else { throw LostRank() }
                return parts[rank]
            }
            taken += 1
            if taken == count {
                given = [:]
                taken = 0
                condition.broadcast()
            }
            return all
        }
    }

    func lose() {
        condition.withLock {
            isLost = true
            condition.broadcast()
        }
    }
}

private final class LocalTransport: RankTransport {
    let rank: Int
    let count: Int
    private let ranks: LocalRanks
    /// Exchanges before it is lost.
    private let left: Locked<Int>

    init(_ ranks: LocalRanks, rank: Int, count: Int, exchanges: Int) {
        self.ranks = ranks
        self.rank = rank
        self.count = count
        left = Locked(exchanges)
    }

    func exchange<Value: BitwiseCopyable & Sendable>(_ parts: [[Value]]) throws -> [[Value]] {
        let isOver = left.withLock { left in
            left -= 1
            return left < 0
        }
        if isOver {
            ranks.lose()
            throw LostRank()
        }
        return try ranks.exchange(parts, rank: rank)
    }
}

/// What `body` comes to on each of some ranks, a thread each.
///
/// - Parameter losing: a rank that is lost after so many exchanges.
func onRanks<Value: Sendable>(
    _ count: Int,
    losing: (rank: Int, exchanges: Int)? = nil,
    _ body: @escaping @Sendable (TrainingGroup) throws -> Value
) -> [Result<Value, any Error>] {
    let ranks = LocalRanks(count)
    let results = Locked([Int: Result<Value, any Error>]())
    let done = DispatchGroup()
    for rank in 0..<count {
        let exchanges = losing.flatMap { $0.rank == rank ? $0.exchanges : nil } ?? .max
        let group = TrainingGroup(LocalTransport(ranks, rank: rank, count: count, exchanges: exchanges))
        done.enter()
        let thread = Thread {
            defer { done.leave() }
            let result = WorkerPool.with(WorkerPool(threadCount: 1)) { Result { try body(group) } }
            results.withLock { $0[rank] = result }
        }
        thread.stackSize = 1 << 23
        thread.start()
    }
    done.wait()
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
