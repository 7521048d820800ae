import Foundation
public import SegInference
import SegProgress
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
/// Trainings are shown by ``SegProgress/ConsoleProgress``.
public final class StageProgress: StudyObserver {
    private let isTerminal: Bool
    private let hasOneLine: Bool
    private let shown = Locked((percent: -1, title: ""))

    public convenience init() { self.init(hasOneLine: true) }

    /// - Parameter hasOneLine: whether one thing goes on at a time, so that a terminal's line may be rewritten. Where several do,
    ///   each says a line now and then.
    public init(hasOneLine: Bool) {
        self.hasOneLine = hasOneLine
        isTerminal = hasOneLine && isatty(STDERR_FILENO) == 1
    }

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
        var console = Console.standardError
        if !hasOneLine { console.isTerminal = false }
        return ConsoleProgress(label: count > 1 ? "[\(index)/\(count)] \(arm)" : arm, console: console)
    }

    private func write(_ text: String) { Console.writeToStandardError(text) }
}
