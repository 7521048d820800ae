import Foundation
import SegTensor
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Turns Ctrl-C (SIGINT), SIGTERM, the loss of the terminal (SIGHUP) and a scheduler's warning (SIGUSR1) into a flag, so
/// that work can be saved before the process ends.
///
/// The same signal again ends the process at once, with exit code 128 + signal: another Ctrl-C does, while a scheduler that
/// warns and then terminates leaves time to save. A signal that the parent had ignored, as `nohup` does, stays ignored.
///
/// ```swift
/// let interrupts = InterruptHandler()
/// let trainer = Trainer(…, isCancelled: { interrupts.isInterrupted })
/// ```
///
/// Signals belong to the process: all handlers share one flag, and the signals' former actions come back with the end
/// of the last handler.
public final class InterruptHandler: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]
    private static let former = Locked<(users: Int, actions: [sigaction])>((0, []))

    /// Installs the handler, and forgets signals of the past if it is the only one.
    public init() {
        Self.former.withLock { former in
            former.users += 1
            guard former.users == 1 else { return }
            signalsSeen.store(0, ordering: .releasing)
            _ = unsavedWork.load(ordering: .acquiring)
            former.actions = Self.signals.map { signal in
                var action = sigaction()
                #if canImport(Darwin)
                action.__sigaction_u.__sa_handler = noteSignal
                #else
                action.__sigaction_handler.sa_handler = noteSignal
                #endif
                // A system call that was under way, such as writing a checkpoint, goes on.
                action.sa_flags = Int32(SA_RESTART)
                var before = sigaction()
                sigaction(signal, nil, &before)
                if !Self.isIgnored(before) { sigaction(signal, &action, nil) }
                return before
            }
        }
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    deinit {
        Self.former.withLock { former in
            former.users -= 1
            guard former.users == 0 else { return }
            for (signal, action) in zip(Self.signals, former.actions) {
                var action = action
                sigaction(signal, &action, nil)
            }
        }
    }

    /// Whether a signal came.
    public var isInterrupted: Bool {
        // The flag is not the handler's, so nothing else would keep the handler alive up to here.
        withExtendedLifetime(self) { signalsSeen.load(ordering: .acquiring) > 0 }
    }

    /// Runs `body`, which asks nobody whether to go on and before which nothing was done that could be saved: as the listing
    /// of a large archive. Meanwhile a first signal ends the process at once, with one line and exit code 128 + signal.
    package static func endingAtOnce<Result>(_ body: () throws -> Result) rethrows -> Result {
        unsavedWork.wrappingAdd(1, ordering: .acquiringAndReleasing)
        defer { unsavedWork.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
        return try body()
    }
}

/// `init` stores to it before any signal can come, so that the handler never is the one to initialize it.
///
/// One bit a signal.
private let signalsSeen = Atomic<Int>(0)

/// How many calls of ``InterruptHandler/endingAtOnce(_:)`` are under way.
private let unsavedWork = Atomic<Int>(0)

/// Does only what POSIX allows in a signal handler.
private func noteSignal(_ signal: Int32) {
    let bit = 1 << Int(signal)
    if unsavedWork.load(ordering: .acquiring) > 0 {
        let line: StaticString = "stopped before anything was done that could be saved\n"
        _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
        _exit(128 + signal)
    }
    if signalsSeen.bitwiseOr(bit, ordering: .acquiringAndReleasing).oldValue & bit != 0 { _exit(128 + signal) }
}
