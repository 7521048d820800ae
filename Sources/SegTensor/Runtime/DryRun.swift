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
        var free: [Int: [UInt]] = [:]
        var liveBytes = 0
        var freeBytes = 0
        var peakLive = 0
        var peakHeld = 0
        var degenerate: String?
    }

    private let state = Locked(State())

    package init() {}

    deinit {
        for (bucket, addresses) in state.withLock({ $0.free }) {
            for address in addresses { munmap(UnsafeMutableRawPointer(bitPattern: address), bucket * 4) }
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
            state.liveBytes += bytes
            let address = state.free[bucket]?.popLast()
            if address != nil { state.freeBytes -= bytes }
            state.peakLive = max(state.peakLive, state.liveBytes)
            state.peakHeld = max(state.peakHeld, state.liveBytes + state.freeBytes)
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
        return memory.bindMemory(to: Float.self, capacity: bucket)
    }

    func give(_ pointer: UnsafeMutablePointer<Float>, _ bucket: Int) {
        let bytes = bucket * 4
        let isKept = state.withLock { state in
            state.liveBytes -= bytes
            guard StoragePool.keeps(free: state.freeBytes + bytes) else { return false }
            state.free[bucket, default: []].append(UInt(bitPattern: pointer))
            state.freeBytes += bytes
            return true
        }
        if !isKept { munmap(pointer, bytes) }
    }

    /// `MADV_NOHUGEPAGE`, which the C library's module does not export.
    private static let adviseSmallPages: Int32 = 15
}
