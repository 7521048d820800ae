import SegCore
package import SegReplicas
import SegTensor

extension Trainer {
    /// Throws if the replicas cannot be shared among the ranks, or are more than one and the balancing needs one after the other.
    func validateReplicas() throws {
        let replicas = settings.replicas
        if replicas > 1, let balancer, !balancer.balancing.state.isEmpty {
            throw SegmentationError(
                balancer.label,
                "it learns from one batch after the other, and replicas (\(replicas)) are computed side by side",
                cure: "set accumulation instead, or choose a balancing that learns nothing, such as `pcgrad`"
            )
        }
        guard replicas.isMultiple(of: group.count) else {
            let possible = (1...replicas).filter { replicas.isMultiple(of: $0) }.map(String.init)
            throw SegmentationError(
                "replicas",
                "\(group.count) processes cannot share the \(replicas) of a step",
                cure: "set replicas to \(group.count) or a multiple of it, or start as many processes as divide it: "
                    + possible.joined(separator: ", ")
            )
        }
    }

    /// What all ranks must have in common.
    private struct Likeness: Codable {
        var fingerprint: RunFingerprint
        var instructionSet: String
    }

    /// - Throws: ``SegmentationError`` on all ranks if one of them trains something else, or rounds differently.
    func requireLikeRanks() throws {
        guard !group.isAlone else { return }
        let own = Likeness(fingerprint: try fingerprint(), instructionSet: InstructionSet.current.rawValue)
        let all = try group.hear(own)
        for (rank, other) in all.enumerated() {
            if let difference = other.fingerprint.difference(from: all[0].fingerprint) {
                throw SegmentationError(
                    "rank \(rank)",
                    "it trains something else than rank 0: \(difference)",
                    cure: "start all processes with the same command, program and data"
                )
            }
            guard other.instructionSet == all[0].instructionSet else {
                throw SegmentationError(
                    "rank \(rank)",
                    "it computes with \(other.instructionSet) and rank 0 with \(all[0].instructionSet), which round differently",
                    cure: "set SEGKIT_ISA to one that all machines have, such as `baseline`"
                )
            }
        }
    }

    /// Gives the state of the first rank, which read the checkpoint or prepared the terms, to all others.
    ///
    /// So only one of them reads and writes the folder of checkpoints, which need not be shared by machines.
    func shareStart(_ state: inout TrainingState) throws {
        guard !group.isAlone else { return }
        let bytes = try group.fromFirst { try SharedState(self, state).bytes }
        let values = try group.fromFirst { SharedState.values(of: self) }
        guard !group.isFirst else { return }
        state = try SharedState(bytes: bytes).restore(self, values)
    }

    /// An error as this rank ends with it, of which all others know then.
    func met(_ error: any Error) -> any Error {
        if let failure = error as? RankFailure {
            return failure.error?.within("rank \(failure.rank)", separator: ": ")
                ?? TrainingCancelled(epoch: nil, checkpoint: checkpoint?.last)
        }
        group.fail(with: error)
        return error
    }
}

extension TrainingGroup {
    /// Tells all others what this rank fails at, or that it was stopped. Does nothing where they know.
    package func fail(with error: any Error) {
        let told =
            error as? SegmentationError
            ?? SegmentationError("training", "it failed: \(error)", cure: "see what the process itself prints")
        tell(RankFailure(rank: rank, error is TrainingCancelled ? nil : told))
    }
}
