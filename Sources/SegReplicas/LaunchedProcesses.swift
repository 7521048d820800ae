import Foundation

/// What a launcher of parallel programs, such as `mpirun`, says about the processes that it started.
package struct LaunchedProcesses: Hashable, Sendable {
    /// Which of them this one is, from 0.
    package var rank: Int
    /// How many there are, at least 2.
    package var count: Int

    /// `nil` for a process that was started alone.
    ///
    /// - Parameter environment: Open MPI sets `OMPI_COMM_WORLD_SIZE`; MPICH, Intel MPI and Slurm's PMI-2 set `PMI_SIZE`; Slurm
    ///   with PMIx sets `PMIX_RANK`, and the number of processes of its own job step.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let kinds = [
            ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"),
            ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),
        ]
        let known = kinds.lazy.compactMap { rank, count -> (rank: Int, count: Int)? in
            guard let rank = environment[rank].flatMap({ Int($0) }), let count = environment[count].flatMap({ Int($0) })
            else { return nil }
            return (rank, count)
        }
        guard let (rank, count) = known.first, count > 1 else { return nil }
        self.rank = rank
        self.count = count
    }
}
