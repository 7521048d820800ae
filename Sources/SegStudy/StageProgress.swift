import Foundation
public import SegInference
import SegTensor
public import SegTraining

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Shows a study's progress on standard error: a line that is rewritten on a terminal, else one line a stage.
///
/// Trainings are shown by ``SegTraining/ConsoleProgress``.
public final class StageProgress: StudyObserver {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Locked((percent: -1, title: ""))

    public init() {}

    public func stage(_ title: String, done: Int, total: Int) {
        let percent = total > 0 ? 100 * done / total : 100
        shown.withLock { shown in
            guard shown.percent != percent || shown.title != title else { return }
            shown = (percent, title)
            if isTerminal {
                let end = done == total ? "\n" : ""
                Console.writeToStandardError("\r\(title): \(done) of \(total)\u{1B}[K\(end)")
            } else if done == total {
                write("\(title): \(total) of \(total)\n")
            }
        }
    }

    public func message(_ text: String) { write(text + "\n") }

    public func trainingObserver(arm: String, seed: UInt64, index: Int, count: Int) -> any TrainingObserver {
        ConsoleProgress(label: count > 1 ? "[\(index)/\(count)] \(arm)" : arm)
    }

    private func write(_ text: String) { Console.writeToStandardError(text) }
}
