import SegCache
import SegConfiguration
package import SegData
import SegPages

extension RunContext {
    /// The variable that bounds the memory of prepared images where nothing else does.
    package static let memoryVariable = "SEGKIT_PREPARED_MEMORY"

    /// The memory that prepared images may take: what a study states, else what the environment does, else a quarter of the
    /// machine's or the control group's.
    ///
    /// - Throws: ``SegmentationError`` naming the variable if it is not a size.
    package func preparedMemory(_ stated: Int? = nil) throws -> PreparedMemory {
        let named = environment[Self.memoryVariable].flatMap { $0.isEmpty ? nil : $0 }
        let bytes = try stated ?? named.map { try ByteSize.parse($0, subject: Self.memoryVariable) }
        return PreparedMemory(bytes: bytes ?? Int(MachineMemory.bytes / 4))
    }

    /// Tells the observer how many of the images are read when they are needed, and what that costs.
    package func tell(streamed samples: some Sequence<StreamedSample>, within memory: PreparedMemory) {
        let (count, streamed) = samples.reduce(into: (0, 0)) { counts, sample in
            counts.0 += 1
            if !sample.isInMemory { counts.1 += 1 }
        }
        guard streamed > 0 else { return }
        let how =
            cache == nil
            ? "decoded again whenever they are used, since there is no cache; to avoid that, set one up or raise"
            : "read again whenever they are used; to keep more of them in memory, raise"
        observer.message(
            "\(streamed) of \(NumberFormat.plural(count, "prepared image")) do not fit into \(ByteSize.text(memory.bytes)) of memory and are "
                + "\(how) `\(StudyConfiguration.memoryKey)` in the study, or \(Self.memoryVariable)"
        )
    }
}
