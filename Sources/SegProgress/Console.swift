import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where progress is shown, as values that a test can replace.
package struct Console {
    /// Whether a line can be rewritten.
    package var isTerminal: Bool
    /// Columns.
    package var width: () -> Int
    /// Seconds since some moment.
    package var now: () -> Double
    /// Writes text as it is.
    package var write: (String) -> Void

    package init(
        isTerminal: Bool,
        width: @escaping () -> Int,
        now: @escaping () -> Double,
        write: @escaping (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.width = width
        self.now = now
        self.write = write
    }

    /// The process's standard error.
    package static var standardError: Console {
        let clock = ContinuousClock()
        let start = clock.now
        return Console(
            isTerminal: isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb",
            width: {
                var size = winsize()
                // 80 where the terminal does not say.
                return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
            },
            now: { (clock.now - start) / .seconds(1) },
            write: writeToStandardError
        )
    }

    /// Writes to standard error as far as that is possible.
    ///
    /// What is shown there is not worth a training: a full disk, a closed descriptor or a terminal that was hung up must
    /// not end one, as Foundation's handles do.
    package static func writeToStandardError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeToStandardErrorOnce($0) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Outside of ``Console``, whose member `write` would hide the system's function.
private func writeToStandardErrorOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
    write(STDERR_FILENO, bytes.baseAddress, bytes.count)
}
