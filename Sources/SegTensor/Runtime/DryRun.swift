import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs operators without computing: shapes, recorded graph and sizes of memory are those of a real run, values are not.
///
/// What a network takes is known so before it is taken, in milliseconds, however large the network is: the loops of
/// operators are left out, and tensors lie at addresses that the system gives memory for only if something is written
/// there. Values are 0 or whatever was left there; nothing may depend on them.
package final class DryRun: Sendable {
    @TaskLocal static var current: DryRun?

    private struct State {
        var free = FreeMemory(least: StoragePool.leastCut)
        /// Bytes of each memory that was taken from the system.
        var mapped: [UInt: Int] = [:]
        var liveBytes = 0
        var peakLive = 0
        var peakHeld = 0
        var degenerate: String?
    }

    private let state = Locked(State())

    package init() {}

    deinit {
        for (address, bytes) in state.withLock({ $0.mapped }) {
            munmap(UnsafeMutableRawPointer(bitPattern: address), bytes)
        }
    }

    /// Runs `body` without computing. Tensors that it made may be used afterwards; they are values of no meaning.
    package func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$current.withValue(self, operation: body)
    }

    /// A normalization that took its statistics from single values, and left 0 of each; the first one.
    package var degenerateNormalization: String? { state.withLock { $0.degenerate } }

    func note(_ normalization: String) {
        state.withLock { $0.degenerate = $0.degenerate ?? normalization }
    }

    /// Memory that a real run would have taken for tensors, bytes.
    package struct Usage: Hashable, Sendable {
        /// In use by tensors now.
        package var live: Int
        /// The most that was in use at a time.
        package var peakLive: Int
        /// The most that was held at a time: in use, or kept by ``StoragePool`` for the next tensor of that size.
        package var peakHeld: Int
    }

    package var usage: Usage {
        state.withLock { Usage(live: $0.liveBytes, peakLive: $0.peakLive, peakHeld: $0.peakHeld) }
    }

    /// An address for so many floats, as ``StoragePool/take(_:)`` would give memory.
    func take(_ bucket: Int) -> UnsafeMutablePointer<Float> {
        let bytes = bucket * 4
        let reused: UInt? = state.withLock { state in
            let address = state.free.take(bucket)
            state.liveBytes += bytes
            state.peakLive = max(state.peakLive, state.liveBytes)
            state.peakHeld = max(state.peakHeld, state.liveBytes + state.free.bytes)
            return address
        }
        if let reused, let pointer = UnsafeMutablePointer<Float>(bitPattern: reused) { return pointer }
        let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
        guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
            OperandFailure.end(
                "there are no addresses for a tensor of \(bytes >> 20) MB",
                cure: "use smaller images or batches, or a smaller network",
                operation: "Tensor"
            )
        }
        #if os(Linux)
        // A value or two are written here and there: each would take a whole huge page.
        madvise(memory, bytes, Self.adviseSmallPages)
        #endif
        let address = UInt(bitPattern: memory)
        state.withLock { state in
            state.free.add(address, bucket)
            state.mapped[address] = bytes
        }
        return memory.bindMemory(to: Float.self, capacity: bucket)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ bucket: Int) {
        let excess = state.withLock { state in
            state.liveBytes -= bucket * 4
            state.free.give(UInt(bitPattern: pointer), bucket)
            let excess = state.free.bytes > StoragePool.limit ? state.free.excess(over: StoragePool.limit) : []
            for (address, _) in excess { state.mapped[address] = nil }
            return excess
        }
        for (address, size) in excess { munmap(UnsafeMutableRawPointer(bitPattern: address), size * 4) }
    }

    /// `MADV_NOHUGEPAGE`, which the C library's module does not export.
    private static let adviseSmallPages: Int32 = 15
}
