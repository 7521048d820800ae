#if MPI
import CSegMPI
import SegCore
public import SegReplicas

/// The processes that an MPI launcher such as `mpirun` started together.
///
/// What goes wrong in MPI, such as a machine that is lost, ends all of them, with MPI's own message.
public struct MPITransport: RankTransport {
    public let rank: Int
    public let count: Int

    /// Joins the others. Once in a process, before anything that forks; the process leaves them when it exits.
    ///
    /// - Throws: ``SegmentationError`` if the system's library cannot be called from other threads than the first.
    public init() throws {
        var rank: Int32 = 0
        var count: Int32 = 0
        guard seg_mpi_begin(&rank, &count) == 0 else {
            throw SegmentationError(
                "MPI",
                "the library was built without threads",
                cure: "use one whose MPI_Init_thread provides MPI_THREAD_SERIALIZED, as Open MPI's does"
            )
        }
        self.rank = Int(rank)
        self.count = Int(count)
    }

    public func exchange<Value: BitwiseCopyable & Sendable>(_ parts: [[Value]]) -> [[Value]] {
        precondition(parts.count == count, "a part for each of \(count) ranks")
        let stride = MemoryLayout<Value>.stride
        let givenSizes = parts.map { UInt64($0.count * stride) }
        var takenSizes = [UInt64](repeating: 0, count: count)
        seg_mpi_exchange_numbers(givenSizes, &takenSizes, Int32(count))
        let given = parts.map { part -> UnsafeRawPointer? in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count * stride, alignment: 16)
            part.withUnsafeBytes { copy.copyMemory(from: $0) }
            return UnsafeRawPointer(copy.baseAddress)
        }
        let taken = takenSizes.map { size -> UnsafeMutableRawPointer? in
            UnsafeMutableRawBufferPointer.allocate(byteCount: Int(size), alignment: 16).baseAddress
        }
        defer {
            for pointer in given { pointer?.deallocate() }
            for pointer in taken { pointer?.deallocate() }
        }
        seg_mpi_exchange(given, givenSizes, taken, takenSizes, Int32(rank), Int32(count))
        return taken.indices.map { other in
            guard other != rank else { return parts[rank] }
            let size = Int(takenSizes[other])
            return Array(unsafeUninitializedCapacity: size / stride) { values, filled in
                UnsafeMutableRawBufferPointer(values).copyMemory(
                    from: UnsafeRawBufferPointer(start: taken[other], count: size)
                )
                filled = size / stride
            }
        }
    }
}
#endif
