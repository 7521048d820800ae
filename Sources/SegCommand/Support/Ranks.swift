import ArgumentParser
import SegCore
import SegReplicas
import SegTraining

#if MPI
import SegMPI
#endif

/// The processes that a launcher such as `mpirun` started with this one.
enum Ranks {
    /// The group of all of them; this process alone if it was started alone.
    ///
    /// - Throws: ``SegmentationError`` if there are others, and the program was built without MPI: each would train alone, into
    ///   the same files.
    static func join() throws -> TrainingGroup {
        #if MPI
        return LaunchedProcesses() == nil ? .alone : TrainingGroup(try MPITransport())
        #else
        try requireOne(
            for: "a training by a program that was built without MPI",
            cure: "build it with `swift build -c release --traits MPI`, or start it without the launcher"
        )
        return .alone
        #endif
    }

    /// - Parameter work: what only one process can do.
    ///
    /// - Throws: ``SegmentationError`` if this process is one of several. The first says so; others end in silence.
    static func requireOne(
        for work: String,
        cure: String =
            "start it without the launcher: --jobs trains several at a time, and `segkit train` one over several processes"
    ) throws {
        guard let launched = LaunchedProcesses() else { return }
        guard launched.rank == 0 else { throw ExitCode.success }
        throw SegmentationError("mpirun", "\(launched.count) processes were started for \(work)", cure: cure)
    }

    /// Runs `body` so that all processes end when one of them fails, or is stopped: the first says why.
    static func endingTogether(_ group: TrainingGroup, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            group.fail(with: error)
            guard group.isFirst else { throw ExitCode(error is TrainingCancelled ? 130 : 1) }
            throw error
        }
    }
}
