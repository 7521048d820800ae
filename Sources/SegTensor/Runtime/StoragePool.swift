import Foundation

/// Memory that tensors have let go of, for the next ones. A training step asks for the same sizes again and again, so that after
/// the first steps no memory comes from the system and no page is touched for the first time.
package final class StoragePool: Sendable {
    package static let shared = StoragePool()

    private struct State {
        var free = FreeMemory(least: StoragePool.leastCut)
        var liveBytes = 0
        var peakBytes = 0
    }

    private let state = Locked(State())

    /// `MADV_HUGEPAGE`, which the C library's module does not export.
    private static let adviseHugePages: Int32 = 14

    /// Bytes kept free at most; more goes back to the system.
    static let limit = 2 << 30

    /// Floats from which on free memory is cut for smaller tensors.
    static let leastCut = hugePage / 4

    /// Sizes are rounded up to a multiple of 64 bytes and, when large, to one of eight steps between powers of two,
    /// so that maps of almost equal size share their memory. In floats.
    static func bucket(for count: Int) -> Int {
        let lines = (count + 15) / 16
        guard lines > 64 else { return lines * 16 }
        let step = 1 << (Int.bitWidth - 1 - lines.leadingZeroBitCount - 3)
        return (lines + step - 1) / step * step * 16
    }

    /// Whole huge pages, but for what is small. Few are in use at a time, and all share their memory.
    static func scratchBucket(for count: Int) -> Int {
        let page = hugePage / 4
        return count * 8 >= page ? (count + page - 1) / page * page : bucket(for: count)
    }

    private static let hugePage = 1 << 21

    func take(_ bucket: Int) -> UnsafeMutablePointer<Float> {
        let bytes = bucket * 4
        let reused: UInt? = state.withLock { state in
            state.liveBytes += bytes
            state.peakBytes = max(state.peakBytes, state.liveBytes)
            return state.free.take(bucket)
        }
        if let reused, let pointer = UnsafeMutablePointer<Float>(bitPattern: reused) { return pointer }
        var memory: UnsafeMutableRawPointer?
        let alignment = bytes >= Self.hugePage ? Self.hugePage : 64
        guard posix_memalign(&memory, alignment, bytes) == 0, let memory else {
            OperandFailure.end(
                "not enough memory for a tensor of \(bytes >> 20) MB",
                cure: "use smaller images or batches, or a smaller network",
                operation: "Tensor"
            )
        }
        #if os(Linux)
        // Large maps in huge pages: the kernel zeroes and maps 2 MiB at a time.
        if bytes >= Self.hugePage { madvise(memory, bytes, Self.adviseHugePages) }
        #endif
        state.withLock { $0.free.add(UInt(bitPattern: memory), bucket) }
        return memory.bindMemory(to: Float.self, capacity: bucket)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ bucket: Int) {
        release(over: Self.limit) { state in
            state.liveBytes -= bucket * 4
            state.free.give(UInt(bitPattern: pointer), bucket)
        }
    }

    /// Gives free memory back to the system, but for what lies beside memory in use.
    package func trim() { release(over: 0) { _ in } }

    private func release(over limit: Int, after change: (inout State) -> Void) {
        let excess = state.withLock { state in
            change(&state)
            return state.free.bytes > limit ? state.free.excess(over: limit) : []
        }
        for (address, _) in excess { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    /// Bytes in use by tensors now, and the most that ever were.
    package var usage: (live: Int, peak: Int) { state.withLock { ($0.liveBytes, $0.peakBytes) } }
}
