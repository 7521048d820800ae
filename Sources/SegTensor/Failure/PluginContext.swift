internal import CSegFailure

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Whose code runs: the plugin under whose name an error is reported.
///
/// Whoever calls into a plugin says so. The operators that the plugin calls, the gradients that they push back later and
/// the worker threads that run their loops all know it.
///
/// ```swift
/// let loss = PluginContext.with("head `contour`") { head.loss(outputs, batch) }
/// ```
public enum PluginContext {
    /// Runs `body` in the name of a plugin, such as "head `contour`".
    public static func with<Result>(_ label: String, _ body: () throws -> Result) rethrows -> Result {
        try with(PluginLabel(label), body)
    }

    /// The plugin whose code runs on this thread.
    public static var current: String? { PluginLabel.current.text }

    static func with<Result>(_ label: PluginLabel, _ body: () throws -> Result) rethrows -> Result {
        let outer = PluginLabel.current
        seg_set_running_plugin(label.pointer)
        defer { seg_set_running_plugin(outer.pointer) }
        return try body()
    }
}

/// A plugin's name as a signal handler can read it: text in memory that is never freed.
///
/// `@unchecked Sendable`: the text is written before its address is known, and never again.
struct PluginLabel: @unchecked Sendable {
    fileprivate let pointer: UnsafePointer<CChar>?

    /// As many labels are kept as plugins have names.
    private static let known = Locked<[String: PluginLabel]>([:])

    init(_ text: String) {
        self = Self.known.withLock { known in
            if let label = known[text] { return label }
            let label = PluginLabel(pointer: UnsafePointer(strdup(text)))
            known[text] = label
            return label
        }
    }

    private init(pointer: UnsafePointer<CChar>?) { self.pointer = pointer }

    static var current: PluginLabel { PluginLabel(pointer: seg_running_plugin()) }

    var text: String? { pointer.map { String(cString: $0) } }
}
