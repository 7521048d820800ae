internal import CSegFailure
import Foundation

/// Ends the process unless operands fit an operator: for mistakes in the code of a network, which no user can mend.
///
/// Unlike `precondition`, it says in release mode too what is wrong: one line on standard error that names the plugin
/// whose code runs, the operator, the operands and a cure. The exit code is 1, and no backtrace is printed.
///
/// ```swift
/// requireOperands(shape == other.shape, "shapes \(shape) and \(other.shape) differ", cure: "pad the smaller one")
/// ```
///
/// - Parameters:
///   - problem: what does not fit, with the shapes.
///   - cure: what the plugin's author can do about it.
///   - operation: the operator that was called.
@inlinable
public func requireOperands(
    _ condition: @autoclosure () -> Bool,
    _ problem: @autoclosure () -> String,
    cure: @autoclosure () -> String,
    operation: StaticString = #function
) {
    if _fastPath(condition()) { return }
    OperandFailure.end(problem(), cure: cure(), operation: operation)
}

/// What happens when operands do not fit.
public enum OperandFailure {
    /// Says in one line what is wrong, runs what was to run before, and ends the process with exit code 1.
    ///
    /// - Parameter operation: a function's name, which may carry its argument labels.
    public static func end(_ problem: String, cure: String, operation: StaticString = #function) -> Never {
        end(subject: "\(operation)".prefix { $0 != "(" }, problem, cure)
    }

    /// Has `action` run before the process ends because of operands that do not fit: to save or close files.
    ///
    /// Actions run in the reverse of the order in which they were added, on the thread that failed.
    public static func beforeEnd(_ action: @escaping @Sendable () -> Void) { actions.withLock { $0.append(action) } }

    private static let actions = Locked<[@Sendable () -> Void]>([])

    private static func end(subject: Substring, _ problem: String, _ cure: String) -> Never {
        // Another thread has the last word, and ends the process.
        while seg_claim_last_word() == 0 { sleep(1) }
        for action in actions.withLock({ $0 }).reversed() { action() }
        let plugin = PluginContext.current.map { $0 + ": " } ?? ""
        // A progress line under way would stand before the message.
        let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1b}[K" : ""
        let line = "error: \(plugin)\(subject): \(problem); \(cure)".split(whereSeparator: \.isNewline)
        FileHandle.standardError.write(Data((start + line.joined(separator: " ") + "\n").utf8))
        fflush(nil)
        // Not `exit`: its handlers would run beside the threads that are still at work.
        _exit(1)
    }
}
