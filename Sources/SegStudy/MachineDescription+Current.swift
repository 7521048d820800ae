import Foundation
public import SegResults
import SegTensor

extension MachineDescription {
    /// The machine that the program runs on.
    public static var current: MachineDescription {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return MachineDescription(
            processor: model?.trimmingCharacters(in: .whitespaces) ?? "unknown",
            instructionSet: InstructionSet.current.rawValue,
            threads: WorkerPool.current.threadCount,
            operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString
        )
    }
}
