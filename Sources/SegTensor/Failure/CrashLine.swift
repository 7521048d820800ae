internal import CSegFailure
import Foundation

/// One line in place of a backtrace when a plugin's own code traps.
public enum CrashLine {
    /// Makes traps of the language (an index out of range, a nil that is unwrapped, an overflow), bad memory and aborts end
    /// the process with exit code 1 and one line that names the plugin in whose code they happened.
    ///
    /// For programs, once at their start; a library has no business with its process's signals. `SEGKIT_BACKTRACE=1` in
    /// the environment leaves everything as it is, to see the calls.
    public static func install() {
        guard ProcessInfo.processInfo.environment["SEGKIT_BACKTRACE"] != "1" else { return }
        seg_install_crash_line()
    }
}
