import Foundation
import SegCore

/// How much memory this process may use.
package enum MachineMemory {
    /// The machine's memory, or the limit of the control group that the process runs in, as in a container or a job of a
    /// cluster; bytes.
    package static let bytes: Double = {
        let physical = Double(ProcessInfo.processInfo.physicalMemory)
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap { file in
            (try? String(contentsOfFile: file, encoding: .utf8))
                .flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        return limits.filter { $0 > 0 }.reduce(physical, min)
    }()

    /// - Throws: ``SegmentationError`` about `subject` if something takes more memory than there is.
    ///
    /// - Parameters:
    ///   - needed: bytes, as a floating-point number, which does not overflow.
    ///   - what: what takes it, as the start of a sentence that goes on with `at least 12 GB of memory`.
    package static func require(_ needed: Double, subject: String, what: String, cure: String) throws {
        guard needed > bytes else { return }
        throw SegmentationError(
            subject,
            "\(what) at least \(gigabytes(needed)) of memory, and this machine has \(gigabytes(bytes))",
            cure: cure
        )
    }

    private static func gigabytes(_ bytes: Double) -> String {
        String(format: bytes < 10e9 ? "%.1f GB" : "%.0f GB", bytes / 1e9)
    }
}
