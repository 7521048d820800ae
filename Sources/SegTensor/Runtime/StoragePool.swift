import Foundation

/// Free memory by size. A training step asks for the same sizes again and again, so that after the first step no
/// memory comes from the system and no page is touched for the first time.
package final class StoragePool: Sendable {
    package static let shared = StoragePool()

    private struct State {
        var free: [Int: [UInt]] = [:]
        var freeBytes = 0
        var liveBytes = 0
        var peakBytes = 0
    }

    private let state = Locked(State())

    /// `MADV_HUGEPAGE`, which the C library's module does not export.
    private static let adviseHugePages: Int32 = 14

    /// Bytes kept free at most; more goes back to the system.
    private static let limit = 2 << 30

    /// Whether so many bytes are kept free.
    static func keeps(free bytes: Int) -> Bool { bytes <= limit }

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
            guard let address = state.free[bucket]?.popLast() else { return nil }
            state.freeBytes -= bytes
            return address
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
        return memory.bindMemory(to: Float.self, capacity: bucket)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ bucket: Int) {
        let bytes = bucket * 4
        let keep = state.withLock { state in
            state.liveBytes -= bytes
            guard Self.keeps(free: state.freeBytes + bytes) else { return false }
            state.free[bucket, default: []].append(UInt(bitPattern: pointer))
            state.freeBytes += bytes
            return true
        }
        if !keep { free(pointer) }
    }

    /// Gives all free memory back to the system.
    package func trim() {
        let addresses = state.withLock { state in
            defer {
                state.free = [:]
                state.freeBytes = 0
            }
            return state.free.values.flatMap { $0 }
        }
        for address in addresses { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    /// Bytes in use by tensors now, and the most that ever were.
    package var usage: (live: Int, peak: Int) { state.withLock { ($0.liveBytes, $0.peakBytes) } }
}
